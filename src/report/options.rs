//! What a report leaves out or adds.

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
    /// Text: colour. The caller knows whether a terminal reads it.
    pub colour: bool,
}
