//! How much of a node is read.

/// The most bytes that are read of a file: 16 MiB.
pub const MOST_BYTES: u64 = 16 << 20;
