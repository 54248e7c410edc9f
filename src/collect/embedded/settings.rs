//! The settings files of k3s.

use std::collections::BTreeSet;
use std::path::Path;

use crate::component::{Document, embedder_parts, repeated_addition};
use probe::{Answer, Cause, Excerpt, FileKind, Form, Location, Node, Observed, Question, Reason};
use sorting::Sorting;

use super::super::ask;
use super::super::embedder::Embedder;
use super::super::room::Room;

/// The default path.
pub(super) const USUAL: &str = "/etc/rancher/k3s/config.yaml";

/// The maximum number of settings files to read; usually there are only a few.
const MOST: usize = 64;

/// Reads the settings files in order of increasing precedence: the named one, or the default one if it exists, and its
/// drop-ins.
pub(super) fn read(
    node: &dyn Node,
    named: Option<&str>,
    embedder: &Embedder,
    read: &mut BTreeSet<Location>,
) -> Result<Vec<Document>, Reason> {
    let path = named.unwrap_or(USUAL);
    if !Path::new(path).is_absolute() {
        let detail = format!("holds the settings of {embedder}, and is not a file on this node");
        return Err(Reason::new(Cause::System, path, detail));
    }
    let directory = Location::node(format!("{path}.d"));
    let mut locations = vec![Location::node(path)];
    match node.ask(&Question::Directory(directory.clone())) {
        Observed::Present(Answer::Entries(mut entries)) => {
            entries.order();
            let is_settings = |name: &str| {
                let name = name.to_ascii_lowercase();
                [".yaml", ".yml"].iter().any(|end| name.ends_with(end))
            };
            for entry in entries.into_iter().filter(|entry| entry.kind != FileKind::Directory) {
                if entry.name.to_str().is_some_and(is_settings) {
                    locations.push(Location::node(directory.path.join(&entry.name)));
                }
            }
        }
        Observed::Present(_) | Observed::Absent => {}
        Observed::Unknown(why) => return Err(why),
    }
    if locations.len() > MOST {
        let detail = format!("holds more than {MOST} settings files, the limit (check them by hand)");
        return Err(Reason::new(Cause::TooLarge, directory, detail));
    }
    let (mut documents, room) = (Vec::new(), Room::default());
    for location in locations {
        let bytes = match ask::read(node, &location, &|| Excerpt::new(Form::Document, embedder_parts())) {
            Observed::Present(content) => content.bytes,
            Observed::Unknown(why) => return Err(why),
            Observed::Absent => {
                if named.is_some() && location.path == Path::new(path) {
                    return Err(Reason::new(
                        Cause::System,
                        path,
                        format!("holds the settings of {embedder}, but is missing"),
                    ));
                }
                continue;
            }
        };
        read.insert(location.clone());
        let file = location.to_string();
        if let Some((key, line)) = repeated_addition(&bytes) {
            let detail = format!("line {line}: {key} is given twice (write one list)");
            return Err(Reason::new(Cause::Malformed, file, detail));
        }
        documents.push(room.keep(&location, Document::parse(&file, &bytes)?)?);
    }
    Ok(documents)
}
