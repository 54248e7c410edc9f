//! What a proc file system is told by.

use std::path::Path;

use nix::sys::statfs::{PROC_SUPER_MAGIC, statfs};

/// Whether a proc file system is mounted at `place`; in a directory that only looks like one, links are ordinary links.
pub(super) fn is_proc_mount(place: &Path) -> bool {
    statfs(place).is_ok_and(|found| found.filesystem_type() == PROC_SUPER_MAGIC)
}
