//! Selects the checks of rule files to run.

use std::collections::BTreeSet;

/// Which checks are run, and which are only reported as skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The ids of the checks to run; all if empty.
    pub checks: BTreeSet<String>,
    /// The ids of the groups to run; all if empty. Ignored if [`checks`](Self::checks) is not empty.
    pub groups: BTreeSet<String>,
    /// The ids of checks and whole groups to report as skipped.
    pub skip: BTreeSet<String>,
    /// Whether scored checks are run.
    pub scored: bool,
    /// Whether unscored checks are run.
    pub unscored: bool,
}

impl Default for Selection {
    fn default() -> Self {
        Self { checks: BTreeSet::new(), groups: BTreeSet::new(), skip: BTreeSet::new(), scored: true, unscored: true }
    }
}

impl Selection {
    /// Whether a check of this group is reported.
    pub(super) fn has(&self, group: &str, check: &str, scored: bool) -> bool {
        let named = if self.checks.is_empty() {
            self.groups.is_empty() || self.groups.contains(group)
        } else {
            self.checks.contains(check)
        };
        named && if scored { self.scored } else { self.unscored }
    }

    /// Whether a check of this group is reported as skipped.
    pub(super) fn skips(&self, group: &str, check: &str) -> bool {
        self.skip.contains(group) || self.skip.contains(check)
    }
}
