//! Reads `snippets.yaml`: named texts shared by remediations.

use std::collections::BTreeMap;

use crate::benchmark::reader::Problem;

use super::Opened;
use super::expectation::without_templates;
use crate::SharedText;

/// The snippets that remediations may refer to.
#[derive(Debug)]
pub(super) struct Snippets {
    /// The texts, by name.
    pub known: BTreeMap<SharedText, SharedText>,
    /// Whether a snippets file could not be read, in which case unknown snippets are not reported.
    pub unreadable: bool,
}

impl Snippets {
    /// Checks that a snippet exists.
    pub fn find(&self, name: &str) -> Result<(), Problem> {
        if self.unreadable || self.known.contains_key(name) {
            return Ok(());
        }
        Err(Problem::unknown("unknown-snippet", "snippet", name, self.known.keys().map(SharedText::as_str)))
    }
}

/// Reads snippets files on top of the existing snippets.
pub(super) fn snippets(base: &BTreeMap<SharedText, SharedText>, files: &mut [Opened<'_>]) -> Snippets {
    let unreadable = files.iter().any(|file| file.root.is_none());
    let mut snippets = Snippets { known: base.clone(), unreadable };
    for Opened { reader, root, .. } in files {
        for entry in root.as_ref().map(|root| reader.entries("the file", root)).unwrap_or_default() {
            reader.name("snippet", &entry.key);
            let what = format!("snippet {:?}", entry.key.text);
            without_templates(reader, &what, Some(&entry.value));
            let text = reader.text(&what, &entry.value).unwrap_or_default();
            snippets.known.insert(entry.key.to_shared(), text);
        }
    }
    snippets
}
