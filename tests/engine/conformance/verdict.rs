//! One verdict, theirs or ours.

use kube_assay::finding::Assay;

use crate::verdicts::Checks;

/// What kube-bench says of one check.
#[derive(Debug, Clone)]
pub(crate) struct Theirs {
    pub(crate) target: String,
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) scored: bool,
}

impl Theirs {
    /// Those of one benchmark.
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

/// What we say of one check.
#[derive(Debug, Clone)]
pub(crate) struct Ours {
    pub(crate) target: String,
    pub(crate) id: String,
    pub(crate) control: String,
    pub(crate) status: String,
    pub(crate) scored: bool,
    /// Our own word for it, which tells more than the status: `not-applicable`.
    pub(crate) verdict: String,
    pub(crate) reason: String,
}

impl Ours {
    /// All findings of a run.
    pub(crate) fn of(assay: &Assay) -> Vec<Self> {
        let findings = assay.targets.iter().flat_map(|target| target.findings().map(move |finding| (target, finding)));
        findings
            .map(|(target, finding)| Self {
                target: target.target.to_string(),
                id: finding.id.clone(),
                control: finding.control.clone(),
                status: finding.state().name().to_owned(),
                scored: finding.scored,
                verdict: finding.verdict.name().to_owned(),
                reason: finding.reason(),
            })
            .collect()
    }
}
