//! kube-bench's four states, and the counts of checks in them.

use std::borrow::Cow;
use std::ops::AddAssign;

use model::{Check, Disposition, Report, Target, Verdict};

/// kube-bench's states, which its consumers count; derived from the verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// A check that passed.
    Pass,
    /// A scored check that failed or is unknown.
    Fail,
    /// A manual check, or an unscored one that failed or is unknown.
    Warn,
    /// A check that is skipped or does not apply to this node.
    Info,
}

impl State {
    /// The name as printed: `PASS`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Warn => "WARN",
            Self::Info => "INFO",
        }
    }
}

/// Returns kube-bench's state for a check. Unknown counts as failed (fail closed).
pub const fn state(check: &Check) -> State {
    match check.disposition {
        Disposition::Skipped => State::Info,
        Disposition::Counted => of_verdict(check.verdict, check.scored),
    }
}

/// Returns the state for a verdict that counts.
pub(super) const fn of_verdict(verdict: Verdict, scored: bool) -> State {
    match verdict {
        Verdict::NotApplicable => State::Info,
        Verdict::Pass => State::Pass,
        Verdict::Fail | Verdict::Unknown if scored => State::Fail,
        Verdict::Fail | Verdict::Unknown | Verdict::Manual => State::Warn,
    }
}

/// Returns the title as CIS prints it: `… (Automated)`.
pub fn title(check: &Check) -> Cow<'_, str> {
    match check.assessment {
        Some(assessment) => format!("{} ({})", check.title, assessment.name()).into(),
        None => Cow::Borrowed(&check.title),
    }
}

/// The number of checks in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Checks in state PASS.
    pub pass: usize,
    /// Checks in state FAIL.
    pub fail: usize,
    /// Checks in state WARN.
    pub warn: usize,
    /// Checks in state INFO.
    pub info: usize,
}

impl Summary {
    /// Counts one more check.
    pub const fn count(&mut self, state: State) {
        match state {
            State::Pass => self.pass += 1,
            State::Fail => self.fail += 1,
            State::Warn => self.warn += 1,
            State::Info => self.info += 1,
        }
    }

    /// The number of all checks.
    pub const fn total(self) -> usize {
        self.pass + self.fail + self.warn + self.info
    }
}

impl From<&Target> for Summary {
    fn from(target: &Target) -> Self {
        target.checks().map(state).collect()
    }
}

impl From<&Report> for Summary {
    fn from(report: &Report) -> Self {
        report.checks().map(state).collect()
    }
}

impl AddAssign for Summary {
    fn add_assign(&mut self, other: Self) {
        self.pass += other.pass;
        self.fail += other.fail;
        self.warn += other.warn;
        self.info += other.info;
    }
}

impl FromIterator<State> for Summary {
    fn from_iter<I: IntoIterator<Item = State>>(states: I) -> Self {
        let mut summary = Self::default();
        for state in states {
            summary.count(state);
        }
        summary
    }
}
