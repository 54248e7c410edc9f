//! Looks up the controls that benchmarks and profiles refer to.

use std::collections::{BTreeMap, BTreeSet};

use crate::SharedText;
use crate::benchmark::reader::{Problem, Reader};
use crate::benchmark::tree::Node;
use crate::benchmark::{Control, Deferred};

/// The controls that benchmarks and profiles may refer to.
#[derive(Debug, Default)]
pub(crate) struct Controls {
    /// Controls, by key.
    pub known: BTreeMap<SharedText, Deferred<Control>>,
    /// Controls files that could not be read; unknown controls in these are not reported.
    pub unreadable: BTreeSet<SharedText>,
}

impl Controls {
    /// Returns the control with this key; `None` if its file could not be read.
    pub fn find(&self, key: &str) -> Result<Option<&Control>, Problem> {
        let stem = key.split_once('/').map_or("", |(stem, _)| stem);
        match self.known.get(key) {
            None if self.unreadable.contains(stem) => Ok(None),
            None => Err(Problem::unknown("unknown-control", "control", key, self.known.keys().map(SharedText::as_str))),
            Some(found) => Ok(Some(found)),
        }
    }

    /// Reads the key of a control and looks it up.
    pub fn read(&self, reader: &mut Reader<'_>, node: &Node, what: &str) -> Option<(SharedText, Option<&Control>)> {
        let key = reader.text(what, node)?;
        let found = reader.keep(node.span, self.find(&key))?;
        Some((key, found))
    }
}
