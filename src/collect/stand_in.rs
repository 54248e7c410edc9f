//! What was read instead of an environment that could not be.

use probe::{Location, Reason};

/// What was read instead of an environment.
#[derive(Debug, Clone)]
pub struct StandIn {
    /// The component whose environment it is: `etcd`.
    pub name: String,
    /// Why the process's own environment could not be read and, if nothing could replace it, why not.
    pub why: Reason,
    /// Whether what was read contains the whole environment; if not, it remains unknown.
    pub is_complete: bool,
    pub(super) files: Vec<Location>,
}

impl StandIn {
    /// Returns the files that were read.
    pub fn files(&self) -> impl Iterator<Item = &Location> {
        self.files.iter()
    }
}
