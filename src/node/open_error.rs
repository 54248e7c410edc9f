//! Why a live node cannot be looked at.

use std::path::PathBuf;

/// Why a live node cannot be looked at, at all.
#[derive(Debug, thiserror::Error)]
#[error("{}: {detail}", place.display())]
pub struct OpenError {
    /// The directory that was to be its root or its proc file system, or this program's own.
    pub place: PathBuf,
    /// What is wrong with it.
    pub detail: String,
}
