//! Which checks of the rule files are run.

use std::collections::BTreeSet;

/// Which checks are run, and which are only told as skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Only the checks of these ids; all if empty.
    pub checks: BTreeSet<String>,
    /// Only the groups of these ids; all if empty. Left out of account where [`checks`](Self::checks) says something.
    pub groups: BTreeSet<String>,
    /// Checks, and groups with all their checks, that are told as skipped.
    pub skip: BTreeSet<String>,
    /// Whether scored checks are run.
    pub scored: bool,
    /// Whether checks that are not scored are run.
    pub unscored: bool,
}

impl Default for Selection {
    fn default() -> Self {
        Self { checks: BTreeSet::new(), groups: BTreeSet::new(), skip: BTreeSet::new(), scored: true, unscored: true }
    }
}

impl Selection {
    /// Whether a check of this group is reported at all.
    pub(super) fn has(&self, group: &str, check: &str, scored: bool) -> bool {
        let named = if self.checks.is_empty() {
            self.groups.is_empty() || self.groups.contains(group)
        } else {
            self.checks.contains(check)
        };
        named && if scored { self.scored } else { self.unscored }
    }

    /// Whether a check of this group is to be told as skipped.
    pub(super) fn skips(&self, group: &str, check: &str) -> bool {
        self.skip.contains(group) || self.skip.contains(check)
    }
}
