//! Verdicts that are not kube-bench's: a stricter judgement of the same check counts, and is marked.

use super::outcome::{Changed, CheckOutcome, Report};
use crate::report::State;

/// What is said of a check instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stricter {
    /// The state.
    pub status: State,
    /// The same with what the four states do not tell apart: `pass`, `fail`, `unknown`, `not-applicable`.
    pub verdict: &'static str,
    /// Why, in one line; empty for a pass.
    pub why: String,
}

impl Report {
    /// Puts other verdicts in the place of kube-bench's, where `judge` knows one of a target's check that is another.
    /// Checks that people judge, and that are skipped, stay as they are.
    pub fn judge_strictly(&mut self, judge: impl Fn(&str, &CheckOutcome) -> Option<Stricter>) {
        for controls in &mut self.controls {
            let target = controls.target.clone();
            for check in controls.groups.iter_mut().flat_map(|group| &mut group.checks) {
                if check.looked_at_by_hand || check.status == State::Info {
                    continue;
                }
                let Some(Stricter { status, verdict, why }) = judge(&target, check) else { continue };
                // What was not run is known now, even where that changes no state.
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

    /// The checks whose verdicts are not kube-bench's.
    pub fn changed(&self) -> impl Iterator<Item = &CheckOutcome> {
        let checks = self.controls.iter().flat_map(|controls| &controls.groups).flat_map(|group| &group.checks);
        checks.filter(|check| check.changed.is_some())
    }
}
