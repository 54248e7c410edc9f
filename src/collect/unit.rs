//! systemd's units, merged as systemd does.
//!
//! Source: <https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html>.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::component::Unit;
use definitions::SharedText;
use definitions::benchmark::{Component, Library};
use probe::{Answer, Cause, Entry, Excerpt, FileKind, Form, Location, Metadata, Node, Observed, Question, Reason};
use sorting::Sorting;

use super::ask;

/// The directories of the system's units, in order of precedence. The first two are those of `systemctl set-property`,
/// the attached ones those of portable services.
const DIRECTORIES: [&str; 13] = [
    "/etc/systemd/system.control",
    "/run/systemd/system.control",
    "/run/systemd/transient",
    "/run/systemd/generator.early",
    "/etc/systemd/system",
    "/etc/systemd/system.attached",
    "/run/systemd/system",
    "/run/systemd/system.attached",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    "/run/systemd/generator.late",
];

/// The drop-in directory that all services share.
const OF_ALL_SERVICES: &str = "service.d";

/// What a masked file links to.
const NOTHING: &str = "/dev/null";

/// The maximum number of drop-ins of a unit.
const MOST: usize = 500;

/// Returns the name of the unit that runs a process: that of its service, or the component's usual one if the service
/// is not known. `None` if it belongs to no service.
pub(super) fn name_of<'a>(service: &'a Observed<String>, component: &'a Component) -> Option<&'a str> {
    match service {
        Observed::Present(name) => Some(name),
        Observed::Absent => None,
        Observed::Unknown(_) => component.unit.as_deref(),
    }
}

/// Returns the unit settings that any control checks: `Service.IPAddressDeny`.
pub(super) fn keys(library: &Library) -> BTreeSet<String> {
    library.wanted.unit_keys.iter().map(SharedText::to_string).collect()
}

/// The parts to read of a unit if only what it starts is needed.
pub(super) const fn command() -> BTreeSet<String> {
    BTreeSet::new()
}

/// The files of a unit on the node.
pub(super) struct Found {
    /// Their merged contents.
    pub(super) unit: Unit,
    /// Whether the unit's own file exists, not only drop-ins.
    pub(super) has_file: bool,
}

/// Reads the unit of this name with its drop-ins; `None` if it has no files. The files that were read are added to
/// `read`. Besides what the unit starts, and the variables that this refers to, `parts` are read: names of variables,
/// and settings (`Service.IPAddressDeny`).
///
/// # Errors
///
/// Returns the reason if a file or directory exists but cannot be read, since it may contain anything.
pub(super) fn find(
    node: &dyn Node,
    name: &str,
    parts: &dyn Fn() -> BTreeSet<String>,
    read: &mut Vec<Location>,
) -> Result<Option<Found>, Reason> {
    let mut names = vec![name.to_owned()];
    names.extend(template(name));
    let mut unit = Unit::default();
    let mut has_file = false;
    let files = names.iter().flat_map(|name| DIRECTORIES.map(|directory| Path::new(directory).join(name)));
    for location in files.map(Location::node) {
        let Some(metadata) = metadata(node, &location)? else { continue };
        has_file = true;
        if !is_nothing(&metadata) {
            add(node, &location, parts, &mut unit, read)?;
            // A link to a unit of another name makes that an alias of the unit.
            let own = metadata.resolved.file_name().map(|own| own.to_string_lossy().into_owned());
            names.extend(own.filter(|own| !names.contains(own)));
        }
        break;
    }
    let mut has_drop_ins = false;
    for location in drop_ins(node, &names)?.into_values() {
        if metadata(node, &location)?.is_some_and(|metadata| !is_nothing(&metadata)) {
            has_drop_ins = true;
            add(node, &location, parts, &mut unit, read)?;
        }
    }
    Ok((has_file || has_drop_ins).then_some(Found { unit, has_file }))
}

/// Returns the files of the unit of this name without reading them: its own file in each directory that systemd
/// searches, and its drop-ins, but not those that it shares with other units. A directory that cannot be listed is
/// included, since it may contain more.
pub(super) fn files(node: &dyn Node, name: &str) -> Vec<Result<Location, Reason>> {
    let mut names = vec![name.to_owned()];
    names.extend(template(name));
    let (mut found, mut further) = (Vec::new(), Vec::new());
    let mut next = 0;
    // A link to a unit of another name is an alias, and drop-ins of that unit count as well.
    while let Some(name) = names.get(next).cloned() {
        next += 1;
        for above in DIRECTORIES.map(Path::new) {
            let location = Location::node(above.join(&name));
            match metadata(node, &location) {
                Ok(Some(metadata)) if !is_nothing(&metadata) => {
                    let own = metadata.resolved.file_name().map(|own| own.to_string_lossy().into_owned());
                    names.extend(own.filter(|own| names.len() < MOST_NAMES && !names.contains(own)));
                    found.push(Ok(location));
                }
                Ok(_) => {}
                Err(why) => found.push(Err(why)),
            }
            let directory = Location::node(above.join(format!("{name}.d")));
            let drop_ins = match entries(node, &directory) {
                Ok(entries) => entries.into_iter().filter(is_drop_in),
                Err(why) => {
                    further.push(Err(why));
                    continue;
                }
            };
            for entry in drop_ins {
                let location = Location { root: directory.root, path: directory.path.join(&entry.name) };
                if further.len() == MOST {
                    let detail = format!("holds more than {MOST} drop-ins (check them by hand)");
                    found.push(Err(Reason::new(Cause::TooLarge, directory, detail)));
                    return found;
                }
                match metadata(node, &location) {
                    Ok(Some(metadata)) if is_nothing(&metadata) => {}
                    Ok(None) => {}
                    Ok(Some(_)) => further.push(Ok(location)),
                    Err(why) => further.push(Err(why)),
                }
            }
        }
    }
    // The unit's own file comes first, for readers of the evidence.
    found.extend(further);
    found
}

/// The maximum number of names of a unit.
const MOST_NAMES: usize = 8;

/// Whether a file is masked.
fn is_nothing(metadata: &Metadata) -> bool {
    metadata.resolved == Path::new(NOTHING)
}

fn entries(node: &dyn Node, directory: &Location) -> Result<Vec<Entry>, Reason> {
    match node.ask(&Question::Directory(directory.clone())) {
        Observed::Present(Answer::Entries(mut entries)) => {
            entries.order();
            Ok(entries)
        }
        Observed::Present(_) | Observed::Absent => Ok(Vec::new()),
        Observed::Unknown(why) => Err(why),
    }
}

/// The drop-ins by name, which is the order in which they apply. If several have the same name, the first one found
/// counts.
fn drop_ins(node: &dyn Node, names: &[String]) -> Result<BTreeMap<OsString, Location>, Reason> {
    let mut own: Vec<String> = Vec::new();
    for name in names {
        own.push(format!("{name}.d"));
        own.extend(shared_with(name));
    }
    let below = |parts: Vec<String>| {
        DIRECTORIES.into_iter().flat_map(move |above| {
            parts.clone().into_iter().map(move |part| Location::node(Path::new(above).join(part)))
        })
    };
    let mut found = BTreeMap::new();
    for directory in below(own).chain(below(vec![OF_ALL_SERVICES.to_owned()])) {
        for entry in entries(node, &directory)?.into_iter().filter(is_drop_in) {
            let location = Location { root: directory.root, path: directory.path.join(&entry.name) };
            found.entry(entry.name).or_insert(location);
        }
        if found.len() > MOST {
            let detail = format!("holds more than {MOST} drop-ins (check them by hand)");
            return Err(Reason::new(Cause::TooLarge, directory, detail));
        }
    }
    Ok(found)
}

fn is_drop_in(entry: &Entry) -> bool {
    matches!(entry.kind, FileKind::File | FileKind::Link)
        && Path::new(&entry.name).extension() == Some(OsStr::new("conf"))
        && !entry.name.as_encoded_bytes().starts_with(b".")
}

/// The template of an instance: `a@.service` for `a@b.service`.
fn template(name: &str) -> Option<String> {
    let (stem, _) = name.strip_suffix(".service")?.split_once('@')?;
    Some(format!("{stem}@.service"))
}

/// The drop-in directories that a unit shares with others whose names have the same prefix: `a-b-.service.d` and
/// `a-.service.d` for `a-b-c.service`.
fn shared_with(name: &str) -> Vec<String> {
    let stem = name.strip_suffix(".service").unwrap_or(name);
    let dashes = stem.rmatch_indices('-').map(|(at, _)| at);
    // A leading or trailing dash does not end a prefix.
    let starts = dashes.filter(|at| *at > 0 && at + 1 < stem.len());
    starts.filter_map(|at| stem.get(..=at)).map(|start| format!("{start}.service.d")).collect()
}

fn metadata(node: &dyn Node, location: &Location) -> Result<Option<Metadata>, Reason> {
    match node.ask(&Question::Metadata(location.clone())) {
        Observed::Present(Answer::Metadata(metadata)) => Ok(Some(metadata)),
        Observed::Present(_) | Observed::Absent => Ok(None),
        Observed::Unknown(why) => Err(why),
    }
}

fn add(
    node: &dyn Node,
    location: &Location,
    parts: &dyn Fn() -> BTreeSet<String>,
    unit: &mut Unit,
    read: &mut Vec<Location>,
) -> Result<(), Reason> {
    let Some(bytes) = ask::lines(node, location, &|| Excerpt { form: Form::Unit, parts: parts() })? else {
        return Ok(());
    };
    read.push(location.clone());
    unit.add(&location.to_string(), &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_systemd() {
        assert_eq!(template("a@b.service").as_deref(), Some("a@.service"));
        assert_eq!(template("a.service"), None);
        assert_eq!(shared_with("a-b-c.service"), ["a-b-.service.d", "a-.service.d"]);
        assert_eq!(shared_with("kubelet.service"), Vec::<String>::new());
        assert_eq!(shared_with("-a-.service"), Vec::<String>::new());
    }
}
