//! What of a report is left out or added.

/// What a report is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct ReportStyle {
    /// The checks, line by line (text only).
    pub results: bool,
    /// What to do about checks that fail or warn (text only).
    pub remediations: bool,
    /// How many checks of each target have each state (text only).
    pub summary: bool,
    /// How many checks of all targets have each state.
    pub totals: bool,
    /// What the audits of checks that fail printed (text only).
    pub test_output: bool,
}

impl Default for ReportStyle {
    fn default() -> Self {
        Self { results: true, remediations: true, summary: true, totals: true, test_output: false }
    }
}
