//! What this process may look at.

/// Whether this process runs as root, for hints and notices; what it may read, it learns by reading.
///
/// Only the effective user is asked: looking up names would bring the name service into a static binary.
pub fn is_root() -> bool {
    users::get_effective_uid() == 0
}
