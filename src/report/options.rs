//! What a report leaves out or adds.

use model::Verdict;

use super::section::Sections;

/// What a report leaves out or adds; by default it is whole, and without colour. The names are kube-bench's.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line, independent of the others")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Text: no line for each check.
    pub noresults: bool,
    /// Text: no counts for each target.
    pub nosummary: bool,
    /// Text: no remediations.
    pub noremediations: bool,
    /// Text: no counts of the whole run. JSON: the bare array of targets, without totals and without our `Run`.
    pub nototals: bool,
    /// Text: under a check that failed or could not be known, everything that was found.
    pub include_test_output: bool,
    /// Text: the whole remediations.
    pub remediations: bool,
    /// Text: which checks are listed beside those that failed or are unknown; by default those that are not scored and
    /// did not pass.
    pub show: Option<Sections>,
    /// Text: only the checks that failed or are unknown, and the counts.
    pub quiet: bool,
    /// Text: all the evidence for what was detected and chosen.
    pub verbose: bool,
    /// Text: the columns of the terminal, to which lines are wrapped; none where no terminal reads it.
    pub width: Option<usize>,
    /// JSON: over several lines.
    pub pretty: bool,
    /// JUnit: which checks that are not scored are failures.
    pub fail_on: FailOn,
    /// Text: colour. The caller knows whether a terminal reads it.
    pub colour: bool,
}

/// Which checks that are not scored are failures in JUnit. Scored ones that failed or are unknown always are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FailOn {
    /// None.
    #[default]
    Scored,
    /// Those that are unknown.
    Unknown,
    /// Those that failed or are unknown.
    Warn,
}

impl FailOn {
    /// Whether a check that is not scored is a failure if it has this verdict.
    pub(super) const fn includes(self, verdict: Verdict) -> bool {
        match verdict {
            Verdict::Fail => matches!(self, Self::Warn),
            Verdict::Unknown => matches!(self, Self::Warn | Self::Unknown),
            Verdict::Pass | Verdict::Manual | Verdict::NotApplicable => false,
        }
    }
}
