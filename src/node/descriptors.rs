//! The table of this process's open descriptors.
//!
//! The kernel starts with 64 entries and enlarges the table when it is full. If the process has several threads, it
//! then waits until no CPU can still be using the old table (an RCU grace period): 10 to 30 ms, longer than checking a
//! small node takes.

use std::io;
use std::os::fd::RawFd;

use nix::sys::resource::{Resource, getrlimit};
use rustix::io::fcntl_dupfd_cloexec;

/// The number of entries that runs on most nodes need: 8 KiB of the kernel's memory.
const USUAL: usize = 1024;

/// Enlarges the table for a run, if the limit of open descriptors allows it. Without waiting if it is called before any
/// thread starts.
pub fn reserve_descriptors() {
    reserve(USUAL);
}

/// Enlarges the table at once to this many entries, or as many as the limit of open descriptors allows. If it fails, the
/// kernel enlarges the table as needed.
pub(super) fn reserve(entries: usize) {
    let limit = getrlimit(Resource::RLIMIT_NOFILE).map_or(0, |(soft, _)| usize::try_from(soft).unwrap_or(usize::MAX));
    if let Some(last) = entries.min(limit).checked_sub(1) {
        // The copy is closed again; the table keeps its size.
        let _ = fcntl_dupfd_cloexec(io::stdin(), RawFd::try_from(last).unwrap_or(RawFd::MAX));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Returns the number of entries of this process's table.
    fn entries() -> usize {
        let status = fs::read_to_string("/proc/self/status").expect("proc is mounted");
        let size = status.lines().find_map(|line| line.strip_prefix("FDSize:")).expect("Linux says it");
        size.trim().parse().expect("a number")
    }

    #[test]
    fn the_table_is_enlarged_as_far_as_the_limit_allows() {
        let (limit, _) = getrlimit(Resource::RLIMIT_NOFILE).expect("there is a limit");
        let limit = usize::try_from(limit).expect("64 bits");
        reserve_descriptors();
        assert!(entries() >= USUAL.min(limit), "{} entries, limit {limit}", entries());
        let free = |entry: usize| fs::symlink_metadata(format!("/proc/self/fd/{entry}")).is_err();
        assert!(free(USUAL.min(limit) - 1), "the copy is closed");
        // More than there may be, which is not an error.
        reserve(limit.min(1 << 16) + 1);
        reserve(0);
        assert!(entries() >= limit.min(1 << 16));
    }
}
