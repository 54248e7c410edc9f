//! Files that were read for components which are part of other programs.

use std::collections::BTreeSet;

/// What of a file needs to be kept.
#[derive(Debug, Clone)]
pub(in crate::collect) enum Kept {
    /// Of the program's own settings.
    Settings,
    /// Of the unit that runs it: these variables, and the command line.
    Unit(BTreeSet<String>),
}
