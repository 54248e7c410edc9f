//! Observes everything that the chosen controls need.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::component::Instance;
use definitions::SharedText;
use definitions::benchmark::text;
use definitions::benchmark::{
    Audit, Component, Control, Expectation, FileSetting, KubernetesVersion, Library, OwnedBy, Place, PlaceName,
    Platform,
};
use probe::{Excerpt, Form, Node, Observed};

use super::embedded::settle::settle_for;
use super::inventory::Inventory;
use super::observations::{FilesAt, Observations, in_command, mentioned_in};
use super::out_of_reach::ReadOnlySystem;
use super::owners::Owners;
use super::place::Places;
use super::room::Room;
use super::run_by::{self, RunBy};
use super::seen::{Gathered, Looked, Seen};
use super::{compared, configuration, keys, os_release, said, x509};

/// Observes what `controls` need, on a node whose components, platform and version are known.
pub fn observe<'a>(
    node: &dyn Node,
    mut inventory: Inventory<'a>,
    platform: Option<Platform>,
    version: Option<KubernetesVersion>,
    controls: &[&Control],
) -> Observations<'a> {
    settle_for(node, &mut inventory, version);
    let library = inventory.library;
    let mut looked_at =
        LookedAt { places: Places { node, inventory: &inventory, directories: false }, known: BTreeMap::new() };
    let files = files(&mut looked_at, controls);
    let certificates = x509::look(node, controls, &files);
    let said = said::look(node, controls, &files);
    let units = units(node, &inventory, controls);
    let (paths, named) = paths(&mut looked_at, controls, platform);
    let mut instances = inventory.instances;
    for control in controls {
        let Audit::Settings { component } = &control.audit else { continue };
        let Some(component) = library.with_process(component) else { continue };
        for file in control.settings().filter_map(|condition| condition.setting.file.as_ref()) {
            for instance in instances.get_mut(component.key.as_str()).into_iter().flatten() {
                read_named_file(node, &inventory.room, instance, (component, file), library);
            }
        }
    }
    let compared = compared::look(node, library, &instances, controls);
    Observations {
        owners: inventory.accounts.map(Owners::from),
        instances,
        presence: inventory.presence,
        cluster_directory: inventory.cluster_directory,
        unlisted: inventory.unlisted,
        files,
        units,
        paths,
        named,
        read_only: read_only_system(node),
        compared,
        platform,
        version,
        certificates,
        said,
        library,
    }
}

/// The operating system, if its own files cannot be changed while it runs.
fn read_only_system(node: &dyn Node) -> Option<ReadOnlySystem> {
    let system = os_release::read(node)?;
    ReadOnlySystem::of(&system.id, system.is_ostree)
}

/// The places observed so far, so that each is observed once for all controls that judge or name it.
struct LookedAt<'a> {
    places: Places<'a>,
    /// By component and place.
    known: BTreeMap<(&'a str, &'a str), Looked>,
}

impl<'a> LookedAt<'a> {
    fn at(&mut self, component: &'a Component, name: &'a str, place: &Place) -> &Looked {
        let look = || self.places.look_at(component, place);
        self.known.entry((component.key.as_str(), name)).or_insert_with(look)
    }
}

fn files(looked_at: &mut LookedAt<'_>, controls: &[&Control]) -> BTreeMap<FilesAt, Looked> {
    let library = looked_at.places.inventory.library;
    let mut files = BTreeMap::new();
    for control in controls {
        let Audit::Files { places: names, below, directories, holding } = &control.audit else { continue };
        for name in names {
            let (below, directories, holding) = (below.clone(), *directories, *holding);
            let wanted = FilesAt { place: name.clone(), below, directories, holding };
            if files.contains_key(&wanted) {
                continue;
            }
            let Some(component) = library.components.get(&name.component) else { continue };
            let Some((name, place)) = component.places.get_key_value(&name.place) else { continue };
            let mut looked = if directories && wanted.below.is_none() {
                Places { directories, ..looked_at.places }.look_at(component, place)
            } else {
                looked_at.at(component, name, place).clone()
            };
            let places = &looked_at.places;
            // Directories may be nested, so files are gathered without duplicates.
            let mut below = Gathered::default();
            if let Some(pattern) = &wanted.below {
                for seen in &looked.seen {
                    places.below(seen, pattern, directories, &mut |seen| below.add(seen));
                }
                // Files that were only counted before are still only counted.
                let mut others = std::mem::take(&mut looked.others);
                (looked.seen, looked.others) = below.finish();
                looked.others.append(&mut others);
            } else if let Some(holding) = holding {
                keys::among(places, &looked.seen, place.holds, holding, &mut |seen| below.add(seen));
                (looked.seen, looked.others) = below.finish();
            }
            files.insert(wanted, looked);
        }
        // The owners of the files at these places may own the files that are judged.
        for name in owning(control) {
            let wanted = FilesAt::all_of(name);
            let place = library.components.get(&name.component).and_then(|component| {
                component.places.get_key_value(&name.place).map(|(name, place)| (component, name, place))
            });
            if let (Some((component, name, place)), false) = (place, files.contains_key(&wanted)) {
                files.insert(wanted, looked_at.at(component, name, place).clone());
            }
        }
    }
    files
}

/// The places whose owners may own the files that a control checks.
fn owning(control: &Control) -> impl Iterator<Item = &PlaceName> {
    let users = match &control.expect {
        Some(Expectation::File(condition)) => condition.owned_by.as_slice(),
        _ => &[],
    };
    users.iter().filter_map(|user| match user {
        OwnedBy::OwnerOf(place) => Some(place),
        OwnedBy::Named(_) | OwnedBy::Numbered(_) => None,
    })
}

fn units(node: &dyn Node, inventory: &Inventory<'_>, controls: &[&Control]) -> BTreeMap<String, Vec<RunBy>> {
    let mut units = BTreeMap::new();
    for control in controls {
        let Audit::Unit { component } = &control.audit else { continue };
        let Some(component) = inventory.library.with_process(component) else { continue };
        units.entry(component.key.to_string()).or_insert_with(|| run_by::that_run(node, inventory, component));
    }
    units
}

/// Returns the paths for remediations, and the files found there. Places that no remediation names get their first
/// candidate.
fn paths(
    looked_at: &mut LookedAt<'_>,
    controls: &[&Control],
    platform: Option<Platform>,
) -> (text::Paths, BTreeMap<PlaceName, Seen>) {
    let inventory = looked_at.places.inventory;
    let mentioned = mentioned(controls, platform);
    let mut paths = text::Paths::new();
    let mut all_seen = BTreeMap::new();
    for component in inventory.library.components.values() {
        let named = paths.entry(component.key.clone()).or_default();
        for (name, place) in &component.places {
            let is_mentioned = mentioned.contains(&(component.key.as_str(), name.as_str()));
            let seen = if is_mentioned { looked_at.at(component, name, place).seen.as_slice() } else { &[] };
            let there = seen.iter().find(|seen| seen.metadata.as_present().is_some());
            // Remediations change settings files, whose format differs from that of argument files.
            let is_of_settings = |seen: &&Seen| !inventory.holds_arguments(&seen.location);
            let found = there.or_else(|| seen.first()).filter(is_of_settings);
            let path = found.map(|seen| in_command(&seen.location.path));
            // An embedded component has no manifest; its arguments are set elsewhere.
            let given_in = || inventory.settings_of_embedder(&component.key).filter(|_| place.static_pod);
            let path = path.or_else(|| given_in().map(|path| in_command(Path::new(path))));
            if let Some(path) = path.map(Into::into).or_else(|| place.candidates.first().cloned()) {
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

/// The places that remediations on a platform mention as `{{COMPONENT.PLACE}}`: component and place.
fn mentioned<'c>(controls: &[&'c Control], platform: Option<Platform>) -> BTreeSet<(&'c str, &'c str)> {
    sorting::set(controls.iter().map(|control| control.remediation.on(platform)).flat_map(mentioned_in))
}

/// Reads the file that an argument names for a single setting (`--encryption-provider-config`).
fn read_named_file(
    node: &dyn Node,
    room: &Room,
    instance: &mut Instance,
    (component, file): (&Component, &FileSetting),
    library: &Library,
) {
    let Some(path) = instance.arguments.last(&file.named_by).map(str::to_owned) else { return };
    if path.is_empty() || instance.files.contains_key(file.named_by.as_str()) {
        return;
    }
    let origin = instance.origin_of(&file.named_by);
    let parts = || library.wanted.keys_of_files.get(&file.named_by).into_iter().flatten();
    let excerpt = || Excerpt::new(Form::Document, parts().map(SharedText::as_str));
    let document = match configuration::file(node, room, instance, component, (&path, &origin), &excerpt) {
        Ok(document) => Observed::Present(document),
        Err(why) => Observed::Unknown(why),
    };
    instance.files.insert(file.named_by.to_string(), document);
}
