//! Everything that the chosen controls need to have seen of a node.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::component::Instance;
use definitions::benchmark::{Audit, Component, Control, FileSetting, Holding, KubernetesVersion, PlaceName, Platform};
use probe::{Location, Metadata, Node, Observed, Why};

use super::compared;
use super::configuration;
use super::embedded;
use super::inventory::{Inventory, Presence};
use super::keys;
use super::os_release;
use super::out_of_reach::ReadOnlySystem;
use super::owners::Owners;
use super::place::{Places, unique};
use super::unit;

pub use super::place::{Looked, Seen};
pub use super::unit::RunBy;

/// What was seen, ready to be judged. Nothing in it asks the node again.
#[derive(Debug, Clone)]
pub struct Observations<'a> {
    /// The names of the node's users and groups.
    pub owners: Observed<Owners>,
    /// The running components, by key, with the files that their arguments name.
    pub instances: BTreeMap<String, Vec<Instance>>,
    /// Whether each component belongs on this node.
    pub presence: BTreeMap<String, Presence>,
    /// Why the processes could not be listed, where that is so.
    pub unlisted: Option<Why>,
    /// What lies at each place that a control looks at.
    pub files: BTreeMap<FilesAt, Looked>,
    /// The systemd units that run the components whose units a control looks at, by component.
    pub units: BTreeMap<String, Vec<RunBy>>,
    /// The path of each place for remediations: found, or the first candidate; quoted for a shell. By component and place.
    pub paths: BTreeMap<String, BTreeMap<String, String>>,
    /// What lies at the paths for remediations, where they were found.
    pub named: BTreeMap<PlaceName, Seen>,
    /// The operating system, where its own files cannot be changed while it runs.
    pub read_only: Option<ReadOnlySystem>,
    /// What lies where settings lead that are compared with each other.
    pub compared: BTreeMap<Location, Metadata>,
    /// How the node was put together, where that is known: remediations follow it.
    pub platform: Option<Platform>,
    /// The node's Kubernetes version, where it is known: defaults and the stages of feature gates follow it.
    pub version: Option<KubernetesVersion>,
    /// The definitions.
    pub library: &'a definitions::benchmark::Library,
}

/// A place and what of it is looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FilesAt {
    /// The place.
    pub place: PlaceName,
    /// The files below it whose names match, where it is a directory.
    pub below: Option<String>,
    /// The directories too.
    pub directories: bool,
    /// The files there, in directories at any depth, that hold this.
    pub holding: Option<Holding>,
}

impl<'a> Observations<'a> {
    /// Looks at what `controls` need, on a node whose components, platform and version are known.
    pub fn make(
        node: &dyn Node,
        mut inventory: Inventory<'a>,
        platform: Option<Platform>,
        version: Option<KubernetesVersion>,
        controls: &[&Control],
    ) -> Self {
        embedded::settle_for(node, &mut inventory, version);
        let library = inventory.library;
        let files = files(node, &inventory, controls);
        let units = units(node, &inventory, controls);
        let (paths, named) = paths(node, &inventory, controls);
        let mut instances = inventory.instances;
        for control in controls {
            let Audit::Settings { component } = &control.audit else { continue };
            let Some(component) = library.with_process(component) else { continue };
            for file in control.settings().filter_map(|demand| demand.setting.file.as_ref()) {
                for instance in instances.get_mut(&component.key).into_iter().flatten() {
                    read_named_file(node, instance, component, file);
                }
            }
        }
        let compared = compared::look(node, library, &instances, controls);
        Self {
            owners: inventory.accounts.map(Owners::from),
            instances,
            presence: inventory.presence,
            unlisted: inventory.unlisted,
            files,
            units,
            paths,
            named,
            read_only: read_only_system(node),
            compared,
            platform,
            version,
            library,
        }
    }

    /// The running instances of a component.
    pub fn of(&self, component: &str) -> &[Instance] {
        self.instances.get(component).map_or(&[], Vec::as_slice)
    }
}

/// The operating system, where its own files cannot be changed while it runs.
fn read_only_system(node: &dyn Node) -> Option<ReadOnlySystem> {
    let system = os_release::read(node)?;
    ReadOnlySystem::of(&system.id, system.is_ostree)
}

fn files(node: &dyn Node, inventory: &Inventory<'_>, controls: &[&Control]) -> BTreeMap<FilesAt, Looked> {
    let places = Places { node, inventory };
    let mut files = BTreeMap::new();
    for control in controls {
        let Audit::Files { places: names, below, directories, holding } = &control.audit else { continue };
        for name in names {
            let (below, directories, holding) = (below.clone(), *directories, *holding);
            let wanted = FilesAt { place: name.clone(), below, directories, holding };
            if files.contains_key(&wanted) {
                continue;
            }
            let Some(component) = inventory.library.components.get(&name.component) else { continue };
            let Some(place) = component.places.get(&name.place) else { continue };
            let mut looked = places.look_at(component, place);
            // One directory may lie within another.
            if let Some(pattern) = &wanted.below {
                let below = looked.seen.iter().flat_map(|seen| places.below(seen, pattern, directories));
                looked.seen = unique(below.collect());
            } else if let Some(holding) = holding {
                looked.seen = unique(keys::among(&places, &looked.seen, place.holds, holding));
            }
            files.insert(wanted, looked);
        }
    }
    files
}

fn units(node: &dyn Node, inventory: &Inventory<'_>, controls: &[&Control]) -> BTreeMap<String, Vec<RunBy>> {
    let mut units = BTreeMap::new();
    for control in controls {
        let Audit::Unit { component } = &control.audit else { continue };
        let Some(component) = inventory.library.with_process(component) else { continue };
        units.entry(component.key.clone()).or_insert_with(|| unit::that_run(node, inventory, component));
    }
    units
}

/// The paths that remediations name, by component and place.
type Paths = BTreeMap<String, BTreeMap<String, String>>;

/// The paths that remediations name, and what lies there. Places that none of them names have their first candidate.
fn paths(node: &dyn Node, inventory: &Inventory<'_>, controls: &[&Control]) -> (Paths, BTreeMap<PlaceName, Seen>) {
    let places = Places { node, inventory };
    let mut paths = Paths::new();
    let mut all_seen = BTreeMap::new();
    for component in inventory.library.components.values() {
        let named = paths.entry(component.key.clone()).or_default();
        for (name, place) in &component.places {
            let mention = format!("{{{{{}.{name}}}}}", component.key);
            let is_named =
                || controls.iter().any(|control| control.remediation.texts().any(|text| text.contains(&mention)));
            let seen = if is_named() { places.at(component, place) } else { Vec::new() };
            let there = seen.iter().find(|seen| seen.metadata.as_present().is_some());
            // What is set by arguments can be set in a file of settings too, and that has another form.
            let is_of_settings = |seen: &&Seen| !inventory.holds_arguments(&seen.location);
            let found = there.or_else(|| seen.first()).filter(is_of_settings);
            let path = found.map(|seen| in_command(&seen.location.path));
            // What is part of another program has no manifest: its arguments are given elsewhere.
            let given_in = || inventory.settings_of_embedder(&component.key).filter(|_| place.static_pod);
            let path = path.or_else(|| given_in().map(|path| in_command(Path::new(path))));
            if let Some(path) = path.or_else(|| place.candidates.first().cloned()) {
                named.insert(name.clone(), path);
            }
            if let Some(seen) = found {
                let name = PlaceName { component: component.key.clone(), place: name.clone() };
                all_seen.insert(name, seen.clone());
            }
        }
    }
    (paths, all_seen)
}

/// A path as a remediation names it, in one line: in quotes where a shell would make more of it than a path. Control
/// characters, and bytes that are no text, stand as numbers, as `$'…'` has them (POSIX.1-2024).
pub fn in_command(path: &Path) -> String {
    let bytes = path.as_os_str().as_bytes();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+,:@%=".contains(letter);
    match std::str::from_utf8(bytes) {
        Ok(path) if path.chars().all(is_plain) => path.to_owned(),
        Ok(path) if !path.chars().any(char::is_control) => format!("'{}'", path.replace('\'', r"'\''")),
        _ => {
            let mut quoted = String::from("$'");
            for byte in bytes {
                match byte {
                    b'\'' | b'\\' => quoted.extend(['\\', char::from(*byte)]),
                    b' '..=b'~' => quoted.push(char::from(*byte)),
                    _ => {
                        let _ = write!(quoted, "\\{byte:03o}");
                    }
                }
            }
            quoted + "'"
        }
    }
}

/// Reads the file that an argument names for one setting alone (`--encryption-provider-config`).
fn read_named_file(node: &dyn Node, instance: &mut Instance, component: &Component, file: &FileSetting) {
    let Some(path) = instance.arguments.last(&file.named_by).map(str::to_owned) else { return };
    if path.is_empty() || instance.files.contains_key(&file.named_by) {
        return;
    }
    let origin = instance.origin_of(&file.named_by);
    let document = match configuration::file(node, instance, component, &path, &origin) {
        Ok(document) => Observed::Present(document),
        Err(why) => Observed::Unknown(why),
    };
    instance.files.insert(file.named_by.clone(), document);
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn a_path_in_a_command_stays_one_word() {
        let table = [
            ("/etc/kubernetes/pki", "/etc/kubernetes/pki"),
            ("/a b", "'/a b'"),
            ("/$(reboot)", "'/$(reboot)'"),
            ("/it's", r"'/it'\''s'"),
            ("/ä", "'/ä'"),
            ("/a\n[PASS] it's\\", r"$'/a\012[PASS] it\'s\\'"),
            ("/\u{9b}2J", r"$'/\302\2332J'"),
        ];
        for (path, expected) in table {
            assert_eq!(in_command(Path::new(path)), expected);
        }
        assert_eq!(in_command(Path::new(OsStr::from_bytes(b"/a\xff"))), r"$'/a\377'");
    }
}
