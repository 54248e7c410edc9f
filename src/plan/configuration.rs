//! A component's configuration file, with its drop-ins merged in as the component does.

use std::path::Path;

use crate::benchmark::Component;
use crate::component::{Configuration, Document, Instance, Reading};
use crate::probe::{Answer, Cause, FileKind, Location, Node, Observed, Question, Why};

/// How deep a drop-in directory is followed; the kubelet walks it to the bottom.
const DEPTH: usize = 8;

/// Reads the configuration file that the instance's arguments name.
pub(super) fn read(node: &dyn Node, instance: &Instance, component: &Component) -> Configuration {
    let Some(config) = &component.config else { return Configuration::NotUsed };
    let mut document = match named(instance, component, &config.flag) {
        None => None,
        Some(path) => match file(node, instance, &path, &config.flag) {
            Ok(document) => Some(document),
            Err(why) => return Configuration::Unknown(why),
        },
    };
    if let Some(flag) = &config.drop_ins
        && let Some(path) = named(instance, component, flag)
    {
        match drop_ins(node, instance, &path, flag) {
            Err(why) => return Configuration::Unknown(why),
            Ok(patches) => {
                for patch in patches {
                    match &mut document {
                        Some(document) => document.merge(patch),
                        None => document = Some(patch),
                    }
                }
            }
        }
    }
    document.map_or(Configuration::NotUsed, Configuration::Read)
}

/// The document that an argument names, wherever it lies.
///
/// # Errors
///
/// Unknown where it is not there, cannot be read, or is no YAML mapping.
pub(super) fn file(node: &dyn Node, instance: &Instance, path: &str, flag: &str) -> Result<Document, Why> {
    let Some(location) = instance.sight.locate(instance.pid, path) else {
        return Err(Why::new(
            Cause::System,
            path,
            format!("a relative path, named by {flag} of {}: where it starts is not known", instance.name),
        ));
    };
    match document(node, &location) {
        Observed::Present(document) => Ok(document),
        Observed::Absent => {
            let detail = format!("named by {flag} of {} (process {}), but not there", instance.name, instance.pid);
            Err(Why::new(Cause::System, path, detail))
        }
        Observed::Unknown(why) => Err(why),
    }
}

/// The document at a place.
pub(super) fn document(node: &dyn Node, location: &Location) -> Observed<Document> {
    node.ask(&Question::Content(location.clone())).and_then(|answer| match answer {
        Answer::Content(content) => match Document::parse(&location.to_string(), &content.bytes) {
            Ok(document) => Observed::Present(document),
            Err(why) => Observed::Unknown(why),
        },
        _ => Observed::Absent,
    })
}

/// What a flag (or its variable) names.
fn named(instance: &Instance, component: &Component, flag: &str) -> Option<String> {
    let setting = crate::benchmark::Setting { flag: Some(flag.to_owned()), key: None, entry: None, file: None };
    match instance.read(&setting, component) {
        Reading::Set { given, .. } if !given.is_empty() => Some(given.text()),
        _ => None,
    }
}

/// The drop-ins of a directory in the order in which the kubelet merges them: by name, directories walked in place.
fn drop_ins(node: &dyn Node, instance: &Instance, path: &str, flag: &str) -> Result<Vec<Document>, Why> {
    let Some(location) = instance.sight.locate(instance.pid, path) else {
        return Err(Why::new(Cause::System, path, format!("a relative path, named by {flag} of {}", instance.name)));
    };
    let mut documents = Vec::new();
    walk(node, &location, DEPTH, flag, &mut documents)?;
    Ok(documents)
}

fn walk(
    node: &dyn Node,
    directory: &Location,
    depth: usize,
    flag: &str,
    documents: &mut Vec<Document>,
) -> Result<(), Why> {
    let mut entries = match node.ask(&Question::Directory(directory.clone())) {
        Observed::Present(Answer::Entries(entries)) => entries,
        Observed::Unknown(why) => return Err(why),
        Observed::Absent | Observed::Present(_) => {
            return Err(Why::new(Cause::System, directory, format!("named by {flag}, but not there")));
        }
    };
    // Later ones are laid over earlier ones.
    entries.sort();
    for entry in entries {
        let location = Location { root: directory.root, path: directory.path.join(&entry.name) };
        if entry.kind == FileKind::Directory {
            if depth == 0 {
                return Err(Why::new(Cause::TooLarge, location, "lies too deep in the drop-in directory"));
            }
            walk(node, &location, depth - 1, flag, documents)?;
        } else if Path::new(&entry.name).extension().is_some_and(|extension| extension == "conf") {
            match document(node, &location) {
                Observed::Present(document) => documents.push(document),
                Observed::Absent => {}
                Observed::Unknown(why) => return Err(why),
            }
        }
    }
    Ok(())
}
