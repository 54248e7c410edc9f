//! Reads `snippets.yaml`: texts that remediations share, by name.

use std::collections::BTreeMap;

use crate::benchmark::reader::Problem;

use super::Opened;
use super::expectation::without_templates;

/// The snippets that remediations may name.
#[derive(Debug)]
pub(super) struct Snippets {
    /// The texts, by name.
    pub known: BTreeMap<String, String>,
    /// Whether a file of snippets could not be read: then an unknown one is no second mistake.
    pub unreadable: bool,
}

impl Snippets {
    /// Makes sure that there is a snippet of this name.
    pub fn find(&self, name: &str) -> Result<(), Problem> {
        if self.unreadable || self.known.contains_key(name) {
            return Ok(());
        }
        Err(Problem::unknown("unknown-snippet", "snippet", name, self.known.keys().map(String::as_str)))
    }
}

/// Reads the files of snippets on top of those that are known.
pub(super) fn snippets(base: &BTreeMap<String, String>, files: &mut [Opened<'_>]) -> Snippets {
    let unreadable = files.iter().any(|file| file.root.is_none());
    let mut snippets = Snippets { known: base.clone(), unreadable };
    for Opened { reader, root, .. } in files {
        for entry in root.as_ref().map(|root| reader.entries("the file", root)).unwrap_or_default() {
            reader.name("snippet", &entry.key);
            let what = format!("snippet {:?}", entry.key.text);
            without_templates(reader, &what, Some(&entry.value));
            let text = reader.text(&what, &entry.value).unwrap_or_default();
            snippets.known.insert(entry.key.text.clone(), text);
        }
    }
    snippets
}
