//! The one place where this program gives up what it does not need any more.

use std::path::PathBuf;

use super::failure::Failure;
use super::target_node::Place;

/// What a run still needs.
#[expect(dead_code, reason = "nothing is given up yet")]
pub(super) struct Scope<'n> {
    /// The node: below its directories everything lies that is looked at.
    pub(super) place: &'n Place,
    /// Directories and files of the user's that are still read.
    pub(super) read: Vec<PathBuf>,
    /// Files that are written.
    pub(super) written: Vec<PathBuf>,
    /// Whether programs may be run.
    pub(super) may_execute: bool,
}

/// Gives up everything but that, for this thread and those that it starts from now on.
///
/// # Errors
///
/// Where that cannot be done.
#[expect(clippy::unnecessary_wraps, reason = "nothing is given up yet")]
pub(super) fn begin(_: &Scope<'_>) -> Result<(), Failure> {
    Ok(())
}
