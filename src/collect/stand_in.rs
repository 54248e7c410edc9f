//! What was read in the place of an environment that could not be.

use probe::{Location, Reason};

/// What was read in the place of an environment.
#[derive(Debug, Clone)]
pub struct StandIn {
    /// The component whose environment it is: `etcd`.
    pub name: String,
    /// Why the process's own could not be read, and where nothing could stand in for it, why.
    pub why: Reason,
    /// Whether what was read says all of it; else it stays unknown.
    pub is_complete: bool,
    pub(super) files: Vec<Location>,
}

impl StandIn {
    /// The files that were read.
    pub fn files(&self) -> impl Iterator<Item = &Location> {
        self.files.iter()
    }
}
