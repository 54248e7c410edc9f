//! Lists of objects, which may be incomplete.

use probe::Reason;

/// Objects of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// The objects that were seen.
    pub items: Vec<T>,
    /// Why the list is incomplete, if it is.
    pub missing: Option<Reason>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { items: Vec::new(), missing: None }
    }
}
