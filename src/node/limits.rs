//! How much of a node is read.

/// The most bytes that are read of a file: 4 MiB. None that says how a component is set up has a hundredth of it.
pub const MOST_BYTES: u64 = 4 << 20;

/// The same of files of which nothing but names and numbers is kept, or one answer: 16 MiB.
pub(super) const MOST_BYTES_SKIMMED: u64 = 16 << 20;
