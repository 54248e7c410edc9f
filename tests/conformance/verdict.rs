//! One verdict, theirs or ours.

use std::fs;
use std::path::Path;

use kube_assay::finding::Assay;
use serde::Deserialize;

/// What kube-bench says of one check.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Theirs {
    pub(crate) benchmark: String,
    pub(crate) target: String,
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) scored: bool,
}

impl Theirs {
    /// One verdict a line.
    pub(crate) fn read(path: &Path) -> Vec<Self> {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
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
