//! Detection of proc file systems.

use std::path::Path;

use nix::sys::statfs::{PROC_SUPER_MAGIC, statfs};

/// Whether `place` is in a mounted proc file system. In a directory that only looks like one, links are ordinary links.
pub(super) fn is_proc_mount(place: &Path) -> bool {
    statfs(place).is_ok_and(|found| found.filesystem_type() == PROC_SUPER_MAGIC)
}
