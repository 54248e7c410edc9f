//! Replaces kube-bench's verdicts with stricter ones for the same checks, and marks them.

use super::outcome::{Changed, CheckOutcome, Report};
use crate::report::State;

/// The stricter verdict of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stricter {
    /// The state.
    pub status: State,
    /// The verdict, which is finer than the four states: `pass`, `fail`, `unknown`, `not-applicable`.
    pub verdict: &'static str,
    /// The reason, on one line; empty for a pass.
    pub why: String,
}

impl Report {
    /// Replaces kube-bench's verdicts where `judge`, given the target and the check, returns a different one. Manual
    /// and skipped checks are unchanged.
    pub fn judge_strictly(&mut self, judge: impl Fn(&str, &CheckOutcome) -> Option<Stricter>) {
        for controls in &mut self.controls {
            let target = controls.target.clone();
            for check in controls.groups.iter_mut().flat_map(|group| &mut group.checks) {
                if check.looked_at_by_hand || check.status == State::Info {
                    continue;
                }
                let Some(Stricter { status, verdict, why }) = judge(&target, check) else { continue };
                // A result for a check that did not run counts even if the state is the same.
                if status == check.status && check.not_run.is_none() {
                    continue;
                }
                check.changed = Some(Changed { was: check.status, verdict });
                check.reason = why;
                check.status = status;
                check.not_run = None;
            }
        }
    }

    /// The checks whose verdicts differ from kube-bench's.
    pub fn changed(&self) -> impl Iterator<Item = &CheckOutcome> {
        let checks = self.controls.iter().flat_map(|controls| &controls.groups).flat_map(|group| &group.checks);
        checks.filter(|check| check.changed.is_some())
    }
}
