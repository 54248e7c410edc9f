//! Report options: what to omit or add.

use model::Verdict;

use super::section::Sections;

/// What a report omits or adds. By default it is complete and has no colours. The names are kube-bench's.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line, independent of the others")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Text: omit the lines of checks.
    pub noresults: bool,
    /// Text: omit the counts of each target.
    pub nosummary: bool,
    /// Text: omit remediations.
    pub noremediations: bool,
    /// Text: omit the totals. JSON: print only the array of targets, without `Totals` and `Run`.
    pub nototals: bool,
    /// Text: print all evidence for checks that failed or are unknown.
    pub include_test_output: bool,
    /// Text: print full remediations.
    pub remediations: bool,
    /// Text: which checks to list in addition to those that failed or are unknown; by default unscored ones that did
    /// not pass.
    pub show: Option<Sections>,
    /// Text: print only checks that failed or are unknown, and the counts.
    pub quiet: bool,
    /// Text: print all evidence for what was detected and chosen.
    pub verbose: bool,
    /// Text: the width of the terminal in columns, to which lines are wrapped; none if the output is not a terminal.
    pub width: Option<usize>,
    /// JSON: indent.
    pub pretty: bool,
    /// JUnit: omit what the schema of Jenkins' xUnit plugin rejects, that is file and line of a failure.
    pub strict_junit: bool,
    /// JUnit: which unscored checks are failures.
    pub fail_on: FailOn,
    /// Text: use colours. The caller decides, depending on the terminal.
    pub colour: bool,
}

/// Which unscored checks are JUnit failures. Scored checks that failed or are unknown always are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FailOn {
    /// No unscored checks.
    #[default]
    Scored,
    /// Unscored checks that are unknown.
    Unknown,
    /// Unscored checks that failed or are unknown.
    Warn,
}

impl FailOn {
    /// Whether an unscored check with this verdict is a failure.
    pub(super) const fn includes(self, verdict: Verdict) -> bool {
        match verdict {
            Verdict::Fail => matches!(self, Self::Warn),
            Verdict::Unknown => matches!(self, Self::Warn | Self::Unknown),
            Verdict::Pass | Verdict::Manual | Verdict::NotApplicable => false,
        }
    }
}
