//! What is known of components that are part of other programs.

use std::collections::BTreeSet;
use std::sync::Arc;

use probe::Location;

use super::super::embedder::Embedder;
use super::told::K3s;

/// What is known of components that are part of other programs.
#[derive(Debug, Clone, Default)]
pub(in crate::collect) struct Embedded {
    /// The components of k3s, whose settings depend on its version.
    pub(super) k3s: Vec<(String, Embedder, Arc<K3s>)>,
    /// The files that were read for them, including those read before an error.
    pub(super) read: BTreeSet<Location>,
}

impl Embedded {
    /// The file in which the user gives arguments to a component of k3s.
    pub(in crate::collect) fn settings_of(&self, component: &str) -> Option<&str> {
        self.k3s.iter().find(|(key, ..)| key == component).and_then(|(.., told)| told.settings())
    }

    /// The files that contain the programs' options.
    pub(in crate::collect) fn files(&self) -> impl Iterator<Item = &Location> {
        self.read.iter()
    }
}
