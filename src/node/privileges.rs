//! The privileges of this process.

/// Whether this process runs as root, for hints and notices; what it can read is determined by reading.
///
/// Checks only the effective user: looking up names would link the name service into a static binary.
pub fn is_root() -> bool {
    users::get_effective_uid() == 0
}
