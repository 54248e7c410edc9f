//! Size limits for files.

/// The maximum size of a file that is read: 4 MiB. No file that configures a component has a hundredth of it.
pub const MOST_BYTES: u64 = 4 << 20;

/// The maximum size of a file of which only names and numbers, or a single answer, are kept: 16 MiB.
pub(super) const MOST_BYTES_SKIMMED: u64 = 16 << 20;
