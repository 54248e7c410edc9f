//! What is known of components that are part of other programs.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::component::{essential_of_embedder_command, essential_of_embedder_file, essential_of_service};
use definitions::benchmark::Library;
use probe::Location;

use super::super::embedder::Embedder;
use super::super::unit;
use super::command::ROLES;
use super::kept::Kept;
use super::told::K3s;

/// What is known of components that are part of other programs.
#[derive(Debug, Clone, Default)]
pub(in crate::collect) struct Embedded {
    /// Those of k3s, whose settings depend on its version.
    pub(super) k3s: Vec<(String, Embedder, Arc<K3s>)>,
    /// The files that were read for them, of which not all may be kept.
    pub(super) kept: BTreeMap<Location, Kept>,
}

impl Embedded {
    /// What of a file's content needs to be kept, where that is not the whole.
    pub(in crate::collect) fn essential(
        &self,
        location: &Location,
        bytes: &[u8],
        library: &Library,
    ) -> Option<Vec<u8>> {
        match self.kept.get(location)? {
            Kept::Settings => essential_of_embedder_file(bytes),
            Kept::Unit(names) => {
                let command = |command: &_| essential_of_embedder_command(command, &ROLES);
                Some(essential_of_service(bytes, names, unit::keys(library), &command))
            }
        }
    }

    /// The file in which the user gives arguments to a component of k3s.
    pub(in crate::collect) fn settings_of(&self, component: &str) -> Option<&str> {
        self.k3s.iter().find(|(key, ..)| key == component).and_then(|(.., told)| told.settings())
    }

    /// The files that say what the programs are told.
    pub(in crate::collect) fn files(&self) -> impl Iterator<Item = &Location> {
        self.kept.keys()
    }
}
