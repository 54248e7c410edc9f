//! A verdict of either program.

use kube_assay::report::{state, words};
use model::Report;

use crate::verdicts::Checks;

/// kube-bench's result for one check.
#[derive(Debug, Clone)]
pub(crate) struct Theirs {
    pub(crate) target: String,
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) scored: bool,
}

impl Theirs {
    /// Returns the results for one benchmark.
    pub(crate) fn of(checks: &Checks, benchmark: &str) -> Vec<Self> {
        let places = checks.iter().filter(|((of, _), _)| of == benchmark);
        let all = places.flat_map(|((_, target), checks)| checks.iter().map(move |check| (target, check)));
        all.map(|(target, check)| Self {
            target: target.clone(),
            id: check.id.clone(),
            status: check.status.to_owned(),
            scored: check.scored,
        })
        .collect()
    }
}

/// Our result for one check.
#[derive(Debug, Clone)]
pub(crate) struct Ours {
    pub(crate) target: String,
    pub(crate) id: String,
    pub(crate) control: String,
    pub(crate) status: String,
    pub(crate) scored: bool,
    /// Our verdict, which is more specific than the status: `not-applicable`.
    pub(crate) verdict: String,
    pub(crate) reason: String,
}

impl Ours {
    /// Returns all findings of a run.
    pub(crate) fn of(report: &Report) -> Vec<Self> {
        let findings = report.targets.iter().flat_map(|target| target.checks().map(move |finding| (target, finding)));
        findings
            .map(|(target, finding)| Self {
                target: target.name.clone(),
                id: finding.id.clone(),
                control: finding.control.clone().unwrap_or_default(),
                status: state(finding).name().to_owned(),
                scored: finding.scored,
                verdict: if finding.is_skipped() { "skipped" } else { finding.verdict.name() }.to_owned(),
                reason: words::reason(finding),
            })
            .collect()
    }
}
