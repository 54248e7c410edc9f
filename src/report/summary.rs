//! kube-bench's four states, and counts of them.

use std::borrow::Cow;
use std::ops::AddAssign;

use model::{Check, Disposition, Report, Target, Verdict};

/// kube-bench's states: a view of the verdicts, which its consumers count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// As the benchmark wants it.
    Pass,
    /// A scored check that failed or could not be known.
    Fail,
    /// One for a person, or one that is not scored and failed or could not be known.
    Warn,
    /// Left out, or about nothing on this node.
    Info,
}

impl State {
    /// As it is printed: `PASS`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Warn => "WARN",
            Self::Info => "INFO",
        }
    }
}

/// What kube-bench's four states make of a check. Ignorance counts as failure (fail closed).
pub const fn state(check: &Check) -> State {
    match check.disposition {
        Disposition::Skipped => State::Info,
        Disposition::Counted => of_verdict(check.verdict, check.scored),
    }
}

/// The state of a verdict that counts.
pub(super) const fn of_verdict(verdict: Verdict, scored: bool) -> State {
    match verdict {
        Verdict::NotApplicable => State::Info,
        Verdict::Pass => State::Pass,
        Verdict::Fail | Verdict::Unknown if scored => State::Fail,
        Verdict::Fail | Verdict::Unknown | Verdict::Manual => State::Warn,
    }
}

/// The title as CIS prints it: `… (Automated)`.
pub fn title(check: &Check) -> Cow<'_, str> {
    match check.assessment {
        Some(assessment) => format!("{} ({})", check.title, assessment.name()).into(),
        None => Cow::Borrowed(&check.title),
    }
}

/// How many checks are in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// PASS.
    pub pass: usize,
    /// FAIL.
    pub fail: usize,
    /// WARN.
    pub warn: usize,
    /// INFO.
    pub info: usize,
}

impl Summary {
    /// Counts one more.
    pub const fn count(&mut self, state: State) {
        match state {
            State::Pass => self.pass += 1,
            State::Fail => self.fail += 1,
            State::Warn => self.warn += 1,
            State::Info => self.info += 1,
        }
    }

    /// All checks.
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
