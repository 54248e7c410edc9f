//! What was read in the place of an environment that could not be.

use std::collections::BTreeSet;

use crate::component::{Assignment, essential_of_command, essential_of_environment_file, essential_of_service};
use definitions::benchmark::Library;
use probe::{Location, Reason};

use super::static_pod::essential_of_wrapped;
use super::unit;

/// What was read in the place of an environment.
#[derive(Debug, Clone)]
pub struct StandIn {
    /// The component whose environment it is: `etcd`.
    pub name: String,
    /// Why the process's own could not be read, and where nothing could stand in for it, why.
    pub why: Reason,
    /// Whether what was read says all of it; else it stays unknown.
    pub is_complete: bool,
    pub(super) files: Vec<(Location, Kind)>,
    /// The variables that were wanted.
    pub(super) names: BTreeSet<String>,
}

impl StandIn {
    /// The files that were read.
    pub fn files(&self) -> impl Iterator<Item = &Location> {
        self.files.iter().map(|(location, _)| location)
    }
}

/// What kind of file sets variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A unit or a drop-in of one.
    Unit,
    /// A file that a unit names.
    Variables,
    /// The manifest of a static pod.
    Manifest,
}

impl Kind {
    /// What of the file's content needs to be kept for the variables `names`; none where that is the whole.
    pub(super) fn essential(self, bytes: &[u8], names: &BTreeSet<String>, library: &Library) -> Option<Vec<u8>> {
        match self {
            // The same unit may be one that a control looks at.
            Self::Unit => {
                let command = |command: &Assignment| essential_of_start(command, library);
                Some(essential_of_service(bytes, names, unit::keys(library), &command))
            }
            Self::Variables => Some(essential_of_environment_file(bytes, names)),
            Self::Manifest => None,
        }
    }
}

/// What is kept of the command of a service: the program, also one that is started through another.
fn essential_of_start(command: &Assignment, library: &Library) -> String {
    let kept = essential_of_command(command);
    let words = command.words();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let wrapped = library.components.values().find_map(|component| essential_of_wrapped(&words, component));
    wrapped.map_or(kept.clone(), |wrapped| format!("{kept} {wrapped}"))
}
