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
    if let Ok((limit, _)) = getrlimit(Resource::RLIMIT_NOFILE) {
        enlarge(usize::try_from(limit).map_or(USUAL, |limit| limit.min(USUAL)));
    }
}

/// Enlarges the table to this many entries, which the limit must allow, if that is more than
/// [usual](reserve_descriptors): at once, since the kernel waits each time that it doubles the table.
pub(super) fn reserve_more(entries: usize) {
    if entries > USUAL {
        enlarge(entries);
    }
}

/// Enlarges the table to this many entries. If it fails, the kernel enlarges the table as needed.
fn enlarge(entries: usize) {
    if let Some(last) = entries.checked_sub(1) {
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
        let more = limit.min(1 << 16);
        reserve_more(more);
        assert!(entries() >= more);
        // More than the limit allows, and nothing: neither is an error.
        reserve_more(limit.saturating_add(1));
        enlarge(0);
        assert!(entries() >= more);
    }
}
