//! Why a live node cannot be inspected.

use std::path::PathBuf;

/// Why a live node cannot be inspected.
#[derive(Debug, thiserror::Error)]
#[error("{}: {detail}", place.display())]
pub struct OpenError {
    /// The intended root or proc file system, or this program's own.
    pub place: PathBuf,
    /// What is wrong with it.
    pub detail: String,
}
