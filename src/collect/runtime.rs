//! The container runtimes that are running, and where they look for the network's configuration.
//!
//! Sources: <https://github.com/containerd/containerd/blob/main/docs/cri/config.md>,
//! <https://github.com/cri-o/cri-o/blob/main/docs/crio.conf.5.md>, crio.conf.d(5), and
//! <https://mirantis.github.io/cri-dockerd/>.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;

use crate::component::{Instance, Located, Origin, Toml, own};
use definitions::benchmark::{Component, Runtime};
use probe::{Answer, Cause, Excerpt, FileKind, Form, Location, Node, Observed, Question, Reason, normalize};
use sorting::Sorting;

use super::place::Places;
use super::seen::Seen;
use super::wildcard::matches;
use super::{ask, configuration};

/// The default directory for the network's configuration.
const USUAL: &str = "/etc/cni/net.d";

/// containerd's configuration, and the drop-in directory that newer versions read if that file does not exist.
const CONTAINERD: &str = "/etc/containerd/config.toml";
const CONTAINERD_PARTS: &str = "/etc/containerd/conf.d";
/// CRI-O's configuration, and its drop-in directory.
const CRIO: &str = "/etc/crio/crio.conf";
const CRIO_PARTS: &str = "/etc/crio/crio.conf.d";

/// The maximum number of configuration files to read for one runtime.
const MOST: usize = 64;
/// The maximum depth of a drop-in directory.
const DEPTH: usize = 8;

/// The plugin that serves the kubelet, by the version of the configuration.
const PLUGINS: [&str; 3] = ["cri", "io.containerd.grpc.v1.cri", "io.containerd.cri.v1.runtime"];
/// The plugin that pulls images, from version 3 on.
const IMAGES: &str = "io.containerd.cri.v1.images";

/// The separator between the parts of a key when it is written as one text.
pub(super) const PART: &str = "/";

/// The settings to read from a runtime's files; others may contain passwords of registries.
pub(super) const WANTED: &[&[&str]] = &[
    &["version"],
    &["imports"],
    &["disabled_plugins"],
    &["plugins", "cri", "cni", "conf_dir"],
    &["plugins", "io.containerd.grpc.v1.cri", "cni", "conf_dir"],
    &["plugins", "io.containerd.cri.v1.runtime", "cni", "conf_dir"],
    &["plugins", "cri", "sandbox_image"],
    &["plugins", "io.containerd.grpc.v1.cri", "sandbox_image"],
    &["plugins", IMAGES, "pinned_images", "sandbox"],
    &["crio", "network", "network_dir"],
];

/// Returns the directories in which the running runtimes look for the network's configuration; `None` if no running
/// runtime serves a kubelet.
pub(super) fn network_directories(places: &Places<'_>) -> Option<Vec<Seen>> {
    let mut named: Option<Vec<Seen>> = None;
    for component in places.inventory.library.components.values() {
        let Some(runtime) = component.runtime else { continue };
        for instance in places.inventory.of(&component.key) {
            let look = Look { places, component, instance };
            let found = match runtime {
                Runtime::Containerd => look.of_containerd(),
                Runtime::Crio => look.of_crio(),
                Runtime::CriDockerd => Ok(Some(vec![look.of_argument(&[own::CNI_CONF_DIR]).unwrap_or_else(usual)])),
            };
            let seen = match found {
                Ok(None) => continue,
                Ok(Some(directories)) => directories.into_iter().map(|named| look.seen(&named)).collect(),
                Err(why) => vec![Seen::unknown(why)],
            };
            named.get_or_insert_default().extend(seen);
        }
    }
    named
}

/// Returns what the multus configuration in these directories refers to: its kubeconfig, and the directories of the
/// networks that it delegates to.
///
/// Source: <https://github.com/k8snetworkplumbingwg/multus-cni/blob/master/docs/configuration.md>.
pub(super) fn named_by_multus(places: &Places<'_>, directories: &[Seen]) -> Vec<Seen> {
    let is_directory =
        |seen: &&Seen| matches!(&seen.metadata, Observed::Present(metadata) if metadata.kind == FileKind::Directory);
    let mut named = Vec::new();
    for directory in directories.iter().filter(is_directory) {
        // If the directory cannot be listed, walking it reports that.
        for file in matching(places.node, &directory.location, MULTUS).unwrap_or_default().into_iter().take(MOST) {
            let document = match configuration::document(places.node, &file, &multus) {
                Observed::Present(document) => document,
                // A directory with such a name is walked anyway.
                Observed::Absent => continue,
                Observed::Unknown(why) if why.cause == Cause::NotRegular => continue,
                Observed::Unknown(why) => {
                    named.push(Seen::unknown(why));
                    continue;
                }
            };
            let plugins = document.at(&["plugins"]).map_or(&[][..], Located::items);
            for configuration in plugins.iter().chain([document.root()]) {
                for (key, is_file) in MULTUS_KEYS {
                    let Some(path) = configuration.get(key).and_then(Located::text) else { continue };
                    // Its container has the host's root at /host.
                    let path =
                        Path::new(path.strip_prefix("/host/").map_or(path, |_| path.get(5..).unwrap_or_default()));
                    let path = if is_file { path } else { path.parent().unwrap_or(path) };
                    if path.is_absolute() {
                        let place = Location { root: file.root, path: normalize(path) };
                        named.push(places.look(place, Some(format!("{key} in {file}"))));
                    }
                }
            }
        }
    }
    // multus creates them when it first needs them.
    named.retain(|seen| seen.metadata != Observed::Absent);
    named
}

/// The excerpt of the multus configuration.
fn multus() -> Excerpt {
    let keys = MULTUS_KEYS.iter().flat_map(|(key, _)| [(*key).to_owned(), format!("plugins[*].{key}")]);
    Excerpt::new(Form::Document, keys)
}

/// The file names of the multus configuration.
const MULTUS: &str = "*multus*";
/// The keys that name files or directories, and whether the named path itself is meant, or the directory that contains
/// it.
const MULTUS_KEYS: [(&str, bool); 4] =
    [("kubeconfig", true), ("confDir", true), ("cniConfigDir", true), ("readinessindicatorfile", false)];

/// A directory, and the setting that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    path: String,
    origin: Origin,
}

fn usual() -> Named {
    Named { path: USUAL.to_owned(), origin: Origin::Argument("the default".to_owned()) }
}

/// Examines one runtime.
struct Look<'a> {
    places: &'a Places<'a>,
    component: &'a Component,
    instance: &'a Instance,
}

impl Look<'_> {
    fn seen(&self, named: &Named) -> Seen {
        let Named { path, origin } = named;
        let named_by = format!("{origin} of {} (process {})", self.instance.name, self.instance.pid);
        match self.instance.locate(path, origin, self.component) {
            Ok(location) => self.places.look(location, Some(named_by)),
            Err(lost) => Seen::unknown(Reason::new(Cause::System, path, lost.reason(&named_by))),
        }
    }

    /// The value of the last of these flags.
    fn of_argument(&self, flags: &[&str]) -> Option<Named> {
        let given = self.instance.arguments.iter().filter(|argument| flags.contains(&argument.flag.as_str()));
        let last = given.last()?;
        let path = last.value.clone().filter(|path| !path.is_empty())?;
        Some(Named { path, origin: Origin::Argument(last.flag.clone()) })
    }

    /// The location of a file that an argument names, or of the default one; and whether it must exist.
    fn file(&self, flags: &[&str], usual: &str) -> Result<(Location, bool), Reason> {
        let named = self.of_argument(flags);
        let is_named = named.is_some();
        let Named { path, origin } =
            named.unwrap_or_else(|| Named { path: usual.to_owned(), origin: Origin::Argument(String::new()) });
        let located = self.instance.locate(&path, &origin, self.component);
        let named_by = format!("{origin} of {}", self.instance.name);
        let location = located.map_err(|lost| Reason::new(Cause::System, path, lost.reason(&named_by)))?;
        Ok((location, is_named))
    }

    /// The directory that containerd uses; more than one if that depends on its version; `None` if it does not serve a
    /// kubelet.
    fn of_containerd(&self) -> Result<Option<Vec<Named>>, Reason> {
        let (main, must_be) = self.file(&[own::CONFIG, own::CONFIG_SHORT], CONTAINERD)?;
        let files = containerd_files(self.places.node, &main, must_be)?;
        let of_main = files.first().and_then(|(_, toml)| version(toml)).unwrap_or(1);
        // Up to 1.7, a drop-in with a section for the plugin replaces everything set for it before; from 2.0 on, it is
        // merged. Only version 3 of the file shows for certain which containerd it is.
        let (mut merged, mut replaced) = (None, None);
        for (location, toml) in &files {
            let disabled = toml.get(&["disabled_plugins"]).map_or(&[][..], |setting| setting.items.as_slice());
            if disabled.iter().any(|plugin| PLUGINS.contains(&plugin.as_str())) {
                return Ok(None);
            }
            let plugin = plugin(version(toml).unwrap_or(of_main));
            let key = ["plugins", plugin, "cni", "conf_dir"];
            let named = toml.get(&key).filter(|setting| !setting.items.concat().is_empty());
            let named = named.map(|setting| Named {
                path: setting.items.concat(),
                origin: Origin::File {
                    path: location.to_string(),
                    line: Some(setting.line),
                    key: "conf_dir".to_owned(),
                },
            });
            if named.is_some() || toml.speaks_of(["plugins", plugin]) {
                replaced.clone_from(&named);
            }
            merged = named.or(merged);
        }
        let merged = merged.unwrap_or_else(usual);
        let replaced = replaced.unwrap_or_else(usual);
        let is_certain = of_main > 2 || merged.path == replaced.path;
        Ok(Some(if is_certain { vec![merged] } else { vec![merged, replaced] }))
    }

    fn of_crio(&self) -> Result<Option<Vec<Named>>, Reason> {
        if let Some(named) = self.of_argument(&[own::CNI_CONFIG_DIR]) {
            return Ok(Some(vec![named]));
        }
        let (main, must_be) = self.file(&[own::CONFIG, own::CONFIG_SHORT], CRIO)?;
        let (parts, _) = self.file(&[own::CONFIG_DIR, own::CONFIG_DIR_SHORT], CRIO_PARTS)?;
        let mut files = vec![main];
        all_files(self.places.node, &parts, DEPTH, &mut files)?;
        let mut named = None;
        for (index, file) in files.iter().enumerate() {
            let Some(toml) = toml(self.places.node, file)? else {
                if index == 0 && must_be {
                    return Err(missing(file, &self.instance.name));
                }
                continue;
            };
            if let Some(setting) = toml.get(&["crio", "network", "network_dir"]) {
                let key = "network_dir".to_owned();
                let origin = Origin::File { path: file.to_string(), line: Some(setting.line), key };
                named = Some(Named { path: setting.items.concat(), origin }).filter(|named| !named.path.is_empty());
            }
        }
        Ok(Some(vec![named.unwrap_or_else(usual)]))
    }
}

fn missing(file: &Location, by: &str) -> Reason {
    Reason::new(Cause::System, file, format!("named by {by}, but missing"))
}

fn version(toml: &Toml) -> Option<usize> {
    toml.get(&["version"])?.items.concat().parse().ok()
}

/// The plugin that serves the kubelet in a file of this version.
fn plugin(version: usize) -> &'static str {
    match version {
        0 | 1 => PLUGINS[0],
        2 => PLUGINS[1],
        _ => PLUGINS[2],
    }
}

/// Reads a TOML file; `None` if it does not exist.
fn toml(node: &dyn Node, location: &Location) -> Result<Option<Toml>, Reason> {
    match ask::read(node, location, &|| Excerpt::new(Form::Toml, WANTED.iter().map(|key| key.join(PART)))) {
        Observed::Present(content) => Toml::parse(&location.to_string(), &content.bytes, WANTED).map(Some),
        Observed::Absent => Ok(None),
        Observed::Unknown(why) => Err(why),
    }
}

/// Returns the files of a containerd configuration in order of precedence, each before those that it imports.
fn containerd_files(node: &dyn Node, main: &Location, must_be: bool) -> Result<Vec<(Location, Toml)>, Reason> {
    let mut files = Vec::new();
    let mut known = BTreeSet::new();
    let mut pending = vec![main.clone()];
    let mut next = 0;
    while let Some(location) = pending.get(next).cloned() {
        next += 1;
        if !known.insert(location.clone()) {
            continue;
        }
        if known.len() > MOST {
            let detail = format!("takes in more than {MOST} files, the limit");
            return Err(Reason::new(Cause::TooLarge, main, detail));
        }
        let Some(toml) = toml(node, &location)? else {
            if location != *main || must_be {
                return Err(missing(&location, "containerd's configuration"));
            }
            let parts = Location { root: main.root, path: CONTAINERD_PARTS.into() };
            pending.extend(matching(node, &parts, "*.toml")?);
            continue;
        };
        for import in toml.get(&["imports"]).map_or(&[][..], |setting| setting.items.as_slice()) {
            let above = location.path.parent().unwrap_or(Path::new("/"));
            let path = normalize(&above.join(import));
            let place = Location { root: location.root, path };
            if import.contains(['*']) {
                pending.extend(globbed(node, &place)?);
            } else {
                pending.push(place);
            }
        }
        files.push((location, toml));
    }
    Ok(files)
}

/// The paths that match a pattern with `*`, in order.
fn globbed(node: &dyn Node, pattern: &Location) -> Result<Vec<Location>, Reason> {
    let text = pattern.path.to_string_lossy();
    if text.contains(['?', '[', '\\']) {
        return Err(Reason::new(Cause::System, pattern, "taken in by a pattern that is not followed (use * alone)"));
    }
    let mut found = vec![Location { root: pattern.root, path: "/".into() }];
    for part in pattern.path.iter().skip(1) {
        let Some(name) = part.to_str().filter(|name| name.contains('*')) else {
            for location in &mut found {
                location.path.push(part);
            }
            continue;
        };
        let mut deeper = Vec::new();
        for directory in found {
            deeper.extend(matching(node, &directory, name)?);
            if deeper.len() > MOST {
                return Err(Reason::new(Cause::TooLarge, pattern, format!("matches more than {MOST} files")));
            }
        }
        found = deeper;
    }
    // The rest of the path need not exist in every matching directory.
    found.retain(|location| node.ask(&Question::Metadata(location.clone())) != Observed::Absent);
    Ok(found)
}

/// The entries of a directory whose names match, in order.
fn matching(node: &dyn Node, directory: &Location, pattern: &str) -> Result<Vec<Location>, Reason> {
    let mut entries = match node.ask(&Question::Directory(directory.clone())) {
        Observed::Present(Answer::Entries(entries)) => entries,
        Observed::Present(_) | Observed::Absent => return Ok(Vec::new()),
        // A pattern skips what is not a directory.
        Observed::Unknown(why) if why.cause == Cause::NotRegular => return Ok(Vec::new()),
        Observed::Unknown(why) => return Err(why),
    };
    entries.order();
    entries.retain(|entry| matches(pattern, &entry.name));
    Ok(entries.into_iter().map(|entry| below(directory, &entry.name)).collect())
}

fn below(directory: &Location, name: &OsStr) -> Location {
    Location { root: directory.root, path: directory.path.join(name) }
}

/// All files below a directory, in the order of their names, descending into each directory in its place.
fn all_files(node: &dyn Node, directory: &Location, depth: usize, files: &mut Vec<Location>) -> Result<(), Reason> {
    let mut entries = match node.ask(&Question::Directory(directory.clone())) {
        Observed::Present(Answer::Entries(entries)) => entries,
        Observed::Present(_) | Observed::Absent => return Ok(()),
        Observed::Unknown(why) => return Err(why),
    };
    entries.order();
    for entry in entries {
        let location = below(directory, &entry.name);
        match entry.kind {
            FileKind::Directory if depth == 0 => {
                return Err(Reason::new(
                    Cause::TooLarge,
                    location,
                    "is nested deeper than configuration files are followed",
                ));
            }
            FileKind::Directory => all_files(node, &location, depth - 1, files)?,
            _ => files.push(location),
        }
        if files.len() > MOST {
            let detail = format!("holds more than {MOST} files, the limit");
            return Err(Reason::new(Cause::TooLarge, directory, detail));
        }
    }
    Ok(())
}

/// An image that a file names.
pub(super) struct NamedImage {
    pub(super) image: String,
    /// The setting that names it: `sandbox_image in /etc/containerd/config.toml`.
    pub(super) named_by: String,
}

/// Returns the pause images that containerd's files name, starting with the one that takes effect.
pub(super) fn pause_images(node: &dyn Node) -> Vec<NamedImage> {
    let files = containerd_files(node, &Location::node(CONTAINERD), false).unwrap_or_default();
    let of_main = files.first().and_then(|(_, toml)| version(toml)).unwrap_or(1);
    let of_file = |(location, toml): &(Location, Toml)| {
        let keys: [&[&str]; 2] = match version(toml).unwrap_or(of_main) {
            version @ 0..=2 => [&["plugins", plugin(version), "sandbox_image"], &[]],
            _ => [&["plugins", IMAGES, "pinned_images", "sandbox"], &[]],
        };
        keys.iter().find_map(|key| {
            let image = toml.get(key)?.items.concat();
            let named_by = format!("{} in {location}", key.last()?);
            (!image.is_empty()).then_some(NamedImage { image, named_by })
        })
    };
    files.iter().rev().filter_map(of_file).collect()
}
