//! Reads a component's configuration file, and merges its drop-ins as the component does.

use std::path::Path;

use crate::component::{Configuration, Document, Instance, Origin, Reading, own};
use definitions::SharedText;
use definitions::benchmark::{Component, Library};
use probe::{Answer, Cause, Content, Excerpt, FileKind, Form, Location, Node, Observed, Question, Reason};
use sorting::Sorting;

use super::ask;
use super::room::Room;

/// The maximum depth of a drop-in directory; the kubelet has no limit.
const DEPTH: usize = 8;

/// Reads the configuration file that the instance's arguments name.
pub(super) fn read(
    node: &dyn Node,
    room: &Room,
    instance: &Instance,
    component: &Component,
    library: &Library,
) -> Configuration {
    let Some(config) = &component.config else { return Configuration::NotUsed };
    let excerpt = || settings(library, component);
    let mut document = match named(instance, component, &config.flag) {
        Err(why) => return Configuration::Unknown(why),
        Ok(None) => None,
        Ok(Some((path, origin))) => match file(node, room, instance, component, (&path, &origin), &excerpt) {
            Ok(document) => Some(document),
            Err(why) => return Configuration::Unknown(why),
        },
    };
    if let Some(flag) = &config.drop_ins {
        let laid = match named(instance, component, flag) {
            Err(why) => Err(why),
            Ok(None) => Ok(()),
            Ok(Some((path, origin))) => located(instance, component, &path, &origin).and_then(|location| {
                DropIns { node, room, flag: &origin.to_string(), excerpt: &excerpt }.lay(
                    &location,
                    DEPTH,
                    &mut document,
                )
            }),
        };
        if let Err(why) = laid {
            return Configuration::Unknown(why);
        }
    }
    document.map_or(Configuration::NotUsed, Configuration::Read)
}

/// Reads the document that an argument names, in the root that the path refers to.
///
/// # Errors
///
/// Returns the reason if the file does not exist, cannot be read, or is not a YAML mapping.
pub(super) fn file(
    node: &dyn Node,
    room: &Room,
    instance: &Instance,
    component: &Component,
    (path, origin): (&str, &Origin),
    excerpt: &dyn Fn() -> Excerpt,
) -> Result<Document, Reason> {
    let location = located(instance, component, path, origin)?;
    match settings_at(node, &location, excerpt) {
        Observed::Present(document) => room.keep(&location, document),
        Observed::Absent => {
            let detail = format!("named by {origin} of {} (process {}), but missing", instance.name, instance.pid);
            Err(Reason::new(Cause::System, path, detail))
        }
        Observed::Unknown(why) => Err(why),
    }
}

/// Reads the document at a location; unknown if a recording lacks any part of the excerpt.
pub(super) fn document(node: &dyn Node, location: &Location, excerpt: &dyn Fn() -> Excerpt) -> Observed<Document> {
    ask::read(node, location, excerpt).and_then(|content| parsed(location, content))
}

/// Reads the document at a location; settings that a recording lacks are unknown individually.
fn settings_at(node: &dyn Node, location: &Location, excerpt: &dyn Fn() -> Excerpt) -> Observed<Document> {
    ask::read_settings(node, location, excerpt).and_then(|content| parsed(location, content))
}

fn parsed(location: &Location, content: Content) -> Observed<Document> {
    match Document::parse(&location.to_string(), &content.bytes) {
        Ok(document) => Observed::Present(document.without(content.unrecorded)),
        Err(why) => Observed::Unknown(why),
    }
}

/// The settings to read from a component's configuration.
fn settings(library: &Library, component: &Component) -> Excerpt {
    let parts = library.wanted.keys.get(&component.key).into_iter().flatten().map(SharedText::as_str);
    let of_kubelet = own::OF_KUBELET.iter().filter(|_| component.key == KUBELET).map(|setting| setting.key);
    Excerpt::new(Form::Document, parts.chain(of_kubelet))
}

/// The component whose configuration is read for more settings than those in definitions.
const KUBELET: &str = "kubelet";

/// The location of a path that a setting names.
fn located(instance: &Instance, component: &Component, path: &str, origin: &Origin) -> Result<Location, Reason> {
    instance.locate(path, origin, component).map_err(|lost| {
        let named_by = format!("{origin} of {}", instance.name);
        Reason::new(Cause::System, path, lost.reason(&named_by))
    })
}

/// The value of a flag or its variable, and which of the two sets it.
fn named(instance: &Instance, component: &Component, flag: &str) -> Result<Option<(String, Origin)>, Reason> {
    let setting = definitions::benchmark::Setting::of_flag(flag);
    match instance.read(&setting, component) {
        Reading::Set { given, origin } if !given.is_empty() => Ok(Some((given.text(), origin))),
        // If only a variable is unknown, the arguments are still trusted.
        _ => instance.arguments.unknown(flag).map_or(Ok(None), |why| Err(why.clone())),
    }
}

/// Merges the drop-ins of a directory into a configuration in the kubelet's order: by name, descending into each
/// directory in its place.
struct DropIns<'a> {
    node: &'a dyn Node,
    room: &'a Room,
    /// The setting that names the directory.
    flag: &'a str,
    excerpt: &'a dyn Fn() -> Excerpt,
}

impl DropIns<'_> {
    fn lay(&self, directory: &Location, depth: usize, over: &mut Option<Document>) -> Result<(), Reason> {
        let mut entries = match self.node.ask(&Question::Directory(directory.clone())) {
            Observed::Present(Answer::Entries(entries)) => entries,
            Observed::Unknown(why) => return Err(why),
            Observed::Absent | Observed::Present(_) => {
                return Err(Reason::new(Cause::System, directory, format!("named by {}, but missing", self.flag)));
            }
        };
        // Later drop-ins override earlier ones.
        entries.order();
        for entry in entries {
            let location = Location { root: directory.root, path: directory.path.join(&entry.name) };
            if entry.kind == FileKind::Directory {
                if depth == 0 {
                    return Err(Reason::new(Cause::TooLarge, location, "is nested too deep in the drop-in directory"));
                }
                self.lay(&location, depth - 1, over)?;
            } else if Path::new(&entry.name).extension().is_some_and(|extension| extension == "conf") {
                let patch = match settings_at(self.node, &location, self.excerpt) {
                    Observed::Present(patch) => self.room.keep(&location, patch)?,
                    Observed::Absent => continue,
                    Observed::Unknown(why) => return Err(why),
                };
                match over {
                    Some(document) => document.merge(patch),
                    None => *over = Some(patch),
                }
            }
        }
        Ok(())
    }
}
