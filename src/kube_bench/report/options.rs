//! The options of a report.

/// The sections that a report contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct ReportStyle {
    /// The result lines of checks (text only).
    pub results: bool,
    /// Remediations of checks that fail or warn (text only).
    pub remediations: bool,
    /// The number of checks per target and state (text only).
    pub summary: bool,
    /// The number of checks of all targets per state.
    pub totals: bool,
    /// The audit output of failed checks (text only).
    pub test_output: bool,
}

impl Default for ReportStyle {
    fn default() -> Self {
        Self { results: true, remediations: true, summary: true, totals: true, test_output: false }
    }
}
