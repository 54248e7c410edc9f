//! Programs that embed components.

use std::fmt;
use std::sync::Arc;

use probe::Observed;

/// A program that embeds components.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedder {
    /// Its name in definitions: `k3s server`.
    pub name: String,
    /// Its process ID.
    pub pid: i32,
    /// The systemd service that it belongs to.
    pub service: Observed<String>,
    /// Its command line, as far as it is visible: some programs erase theirs.
    pub arguments: Arc<Vec<Vec<u8>>>,
}

impl fmt::Display for Embedder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (process {})", self.name, self.pid)
    }
}
