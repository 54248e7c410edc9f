//! The container runtimes that run here, and where they look for the network's configuration.
//!
//! Sources: <https://github.com/containerd/containerd/blob/main/docs/cri/config.md>,
//! <https://github.com/cri-o/cri-o/blob/main/docs/crio.conf.5.md>, crio.conf.d(5), and
//! <https://mirantis.github.io/cri-dockerd/>.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::Path;

use crate::component::{Document, Instance, Located, Origin, Toml};
use definitions::benchmark::{Component, Runtime};
use probe::{Answer, Cause, Content, FileKind, Location, Node, Observed, Question, Reason, normalize};

use super::configuration;
use super::place::Places;
use super::seen::Seen;
use super::wildcard::matches;

/// Where runtimes look for the network's configuration if nothing says otherwise.
const USUAL: &str = "/etc/cni/net.d";

/// containerd's configuration, and the directory of its parts that newer ones take in without it.
const CONTAINERD: &str = "/etc/containerd/config.toml";
const CONTAINERD_PARTS: &str = "/etc/containerd/conf.d";
/// CRI-O's configuration, and the directory of its parts.
const CRIO: &str = "/etc/crio/crio.conf";
const CRIO_PARTS: &str = "/etc/crio/crio.conf.d";

/// How many files of one runtime are read.
const MOST: usize = 64;
/// How deep a directory of parts is followed.
const DEPTH: usize = 8;

/// The plugin that serves the kubelet, by the version of the configuration.
const PLUGINS: [&str; 3] = ["cri", "io.containerd.grpc.v1.cri", "io.containerd.cri.v1.runtime"];
/// The plugin that pulls images, from version 3 on.
const IMAGES: &str = "io.containerd.cri.v1.images";

/// The settings that are read of a runtime's files; the rest may hold passwords of registries.
const WANTED: &[&[&str]] = &[
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

/// The directories in which the runtimes that run look for the network's configuration; none where no runtime runs that
/// serves a kubelet.
pub(super) fn network_directories(places: &Places<'_>) -> Option<Vec<Seen>> {
    let mut named: Option<Vec<Seen>> = None;
    for component in places.inventory.library.components.values() {
        let Some(runtime) = component.runtime else { continue };
        for instance in places.inventory.of(&component.key) {
            let look = Look { places, component, instance };
            let found = match runtime {
                Runtime::Containerd => look.of_containerd(),
                Runtime::Crio => look.of_crio(),
                Runtime::CriDockerd => Ok(Some(vec![look.of_argument(&["--cni-conf-dir"]).unwrap_or_else(usual)])),
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

/// What multus' configuration in these directories names beside them: its kubeconfig, and the directories of the networks
/// that it hands pods on to.
///
/// Source: <https://github.com/k8snetworkplumbingwg/multus-cni/blob/master/docs/configuration.md>.
pub(super) fn named_by_multus(places: &Places<'_>, directories: &[Seen]) -> Vec<Seen> {
    let is_directory =
        |seen: &&Seen| matches!(&seen.metadata, Observed::Present(metadata) if metadata.kind == FileKind::Directory);
    let mut named = Vec::new();
    for directory in directories.iter().filter(is_directory) {
        // Where the directory cannot be listed, the walk through it says so.
        for file in matching(places.node, &directory.location, MULTUS).unwrap_or_default().into_iter().take(MOST) {
            let document = match configuration::document(places.node, &file) {
                Observed::Present(document) => document,
                // A directory beside the file is below what is walked anyway.
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
                    // As its container sees it, the host's root lies at /host.
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
    // It makes them when it first needs them.
    named.retain(|seen| seen.metadata != Observed::Absent);
    named
}

/// How multus' configuration is called.
const MULTUS: &str = "*multus*";
/// The keys of it that name files or directories, and whether what they name is meant, or the directory that it lies in.
const MULTUS_KEYS: [(&str, bool); 4] =
    [("kubeconfig", true), ("confDir", true), ("cniConfigDir", true), ("readinessindicatorfile", false)];

/// A directory, and what names it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    path: String,
    origin: Origin,
}

fn usual() -> Named {
    Named { path: USUAL.to_owned(), origin: Origin::Argument("the default".to_owned()) }
}

/// A look at one runtime.
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

    /// What the last of these flags names.
    fn of_argument(&self, flags: &[&str]) -> Option<Named> {
        let given = self.instance.arguments.iter().filter(|argument| flags.contains(&argument.flag.as_str()));
        let last = given.last()?;
        let path = last.value.clone().filter(|path| !path.is_empty())?;
        Some(Named { path, origin: Origin::Argument(last.flag.clone()) })
    }

    /// Where a file lies that an argument names, or the usual one; and whether it must be there.
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

    /// The directory of a containerd; more than one where it depends on its version which of them; none where it does
    /// not serve a kubelet.
    fn of_containerd(&self) -> Result<Option<Vec<Named>>, Reason> {
        let (main, must_be) = self.file(&["--config", "--c"], CONTAINERD)?;
        let files = containerd_files(self.places.node, &main, must_be)?;
        let of_main = files.first().and_then(|(_, toml)| version(toml)).unwrap_or(1);
        // Up to 1.7 a part that speaks of the plugin takes the place of all that was said of it before; from 2.0 on it
        // is laid over it. Only version 3 of the file says for certain which containerd it is.
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
        if let Some(named) = self.of_argument(&["--cni-config-dir"]) {
            return Ok(Some(vec![named]));
        }
        let (main, must_be) = self.file(&["--config", "--c"], CRIO)?;
        let (parts, _) = self.file(&["--config-dir", "--d"], CRIO_PARTS)?;
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
    Reason::new(Cause::System, file, format!("named by {by}, but not there"))
}

fn version(toml: &Toml) -> Option<usize> {
    toml.get(&["version"])?.items.concat().parse().ok()
}

/// The plugin that serves the kubelet, in a file of this version.
fn plugin(version: usize) -> &'static str {
    match version {
        0 | 1 => PLUGINS[0],
        2 => PLUGINS[1],
        _ => PLUGINS[2],
    }
}

/// A file in TOML; none where it is not there.
fn toml(node: &dyn Node, location: &Location) -> Result<Option<Toml>, Reason> {
    match node.ask(&Question::Content(location.clone())) {
        Observed::Present(Answer::Content(Content { bytes })) => {
            Toml::parse(&location.to_string(), &bytes, WANTED).map(Some)
        }
        Observed::Present(_) | Observed::Absent => Ok(None),
        Observed::Unknown(why) => Err(why),
    }
}

/// The files of a containerd's configuration, in the order in which they count: each before those that it takes in.
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
            let detail = format!("takes in more than {MOST} files, the most that are read");
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
    // What follows a pattern need not be there everywhere.
    found.retain(|location| node.ask(&Question::Metadata(location.clone())) != Observed::Absent);
    Ok(found)
}

/// What lies in a directory under names that match, in order.
fn matching(node: &dyn Node, directory: &Location, pattern: &str) -> Result<Vec<Location>, Reason> {
    let mut entries = match node.ask(&Question::Directory(directory.clone())) {
        Observed::Present(Answer::Entries(entries)) => entries,
        Observed::Present(_) | Observed::Absent => return Ok(Vec::new()),
        // A pattern passes over what is no directory.
        Observed::Unknown(why) if why.cause == Cause::NotRegular => return Ok(Vec::new()),
        Observed::Unknown(why) => return Err(why),
    };
    entries.sort();
    entries.retain(|entry| matches(pattern, &entry.name));
    Ok(entries.into_iter().map(|entry| below(directory, &entry.name)).collect())
}

fn below(directory: &Location, name: &OsStr) -> Location {
    Location { root: directory.root, path: directory.path.join(name) }
}

/// All files below a directory, in the order of their names, directories walked in place.
fn all_files(node: &dyn Node, directory: &Location, depth: usize, files: &mut Vec<Location>) -> Result<(), Reason> {
    let mut entries = match node.ask(&Question::Directory(directory.clone())) {
        Observed::Present(Answer::Entries(entries)) => entries,
        Observed::Present(_) | Observed::Absent => return Ok(()),
        Observed::Unknown(why) => return Err(why),
    };
    entries.sort();
    for entry in entries {
        let location = below(directory, &entry.name);
        match entry.kind {
            FileKind::Directory if depth == 0 => {
                return Err(Reason::new(
                    Cause::TooLarge,
                    location,
                    "lies deeper than parts of a configuration are read",
                ));
            }
            FileKind::Directory => all_files(node, &location, depth - 1, files)?,
            _ => files.push(location),
        }
        if files.len() > MOST {
            let detail = format!("holds more than {MOST} files, the most that are read");
            return Err(Reason::new(Cause::TooLarge, directory, detail));
        }
    }
    Ok(())
}

/// An image that a file names.
pub(super) struct NamedImage {
    pub(super) image: String,
    /// What names it: `sandbox_image in /etc/containerd/config.toml`.
    pub(super) named_by: String,
}

/// The images of the pause container that containerd's files name, the one that counts first.
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

/// What of a runtime's file needs to be kept, where the file is one.
pub(super) fn essential(location: &Location, bytes: &[u8]) -> Option<Vec<u8>> {
    let name = location.path.file_name().unwrap_or_default();
    if matches(MULTUS, name) && (matches("*.conf", name) || matches("*.conflist", name)) {
        return Some(essential_of_multus(location, bytes));
    }
    let is_one = location.path.extension() == Some(OsStr::new("toml"))
        || location.path.starts_with("/etc/crio")
        || [&b"[plugins."[..], b"[crio"].iter().any(|head| bytes.windows(head.len()).any(|window| window == *head));
    if !is_one {
        return None;
    }
    match Toml::parse("", bytes, WANTED) {
        Ok(toml) => Some(toml.essential().into_bytes()),
        // What cannot be read is kept as something that cannot be read.
        Err(_) => Some(b"[\n".to_vec()),
    }
}

/// What multus' configuration names, alone.
fn essential_of_multus(location: &Location, bytes: &[u8]) -> Vec<u8> {
    let Ok(document) = Document::parse(&location.to_string(), bytes) else { return b"[".to_vec() };
    let plugins = document.at(&["plugins"]).map_or(&[][..], Located::items);
    let of = |configuration: &Located| -> BTreeMap<&str, String> {
        let texts = MULTUS_KEYS.iter();
        texts.filter_map(|(key, _)| Some((*key, configuration.get(key)?.text()?.to_owned()))).collect()
    };
    let plugins: Vec<_> = plugins.iter().map(of).collect();
    let mut kept = serde_json::json!(of(document.root()));
    if let (Some(object), false) = (kept.as_object_mut(), plugins.is_empty()) {
        object.insert("plugins".to_owned(), serde_json::json!(plugins));
    }
    kept.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_kept_than_what_is_read() {
        let kept = |path: &str, text: &str| {
            essential(&Location::node(path), text.as_bytes()).map(|kept| String::from_utf8_lossy(&kept).into_owned())
        };
        let containerd = "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\"]\nsandbox_image = \"a/b\"\n\
                          [plugins.\"io.containerd.grpc.v1.cri\".registry.configs.r.auth]\npassword = \"secret\"\n";
        for path in [CONTAINERD, "/etc/containerd/conf.d/auth.toml", "/srv/other"] {
            let kept = kept(path, containerd).expect("a runtime's file");
            assert!(kept.contains("\"sandbox_image\" = \"a/b\"") && !kept.contains("secret"), "{path}: {kept}");
        }
        let crio = "[crio.network]\nnetwork_dir = '/n'\n[crio.image]\npause_image_auth_file = '/secret'\n";
        let kept_of_crio = kept("/etc/crio/crio.conf.d/00-default", crio).expect("a runtime's file");
        assert!(kept_of_crio.contains("/n") && !kept_of_crio.contains("secret"), "{kept_of_crio}");
        // What is no TOML stays so.
        assert_eq!(kept(CONTAINERD, "password = secret").as_deref(), Some("[\n"));
        let multus =
            "{\"kubeconfig\": \"/k\", \"token\": \"secret\", \"plugins\": [{\"confDir\": \"/c\", \"x\": \"secret\"}]}";
        let expected = "{\"kubeconfig\":\"/k\",\"plugins\":[{\"confDir\":\"/c\"}]}";
        assert_eq!(kept("/etc/cni/net.d/00-multus.conf", multus).as_deref(), Some(expected));
        assert_eq!(kept("/etc/kubernetes/manifests/a.yaml", "a: 1"), None);
    }
}
