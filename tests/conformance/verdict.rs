//! One verdict, theirs or ours.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use kube_assay::report::{state, words};
use model::Report;
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
    /// Those of a file, which has one a line, by benchmark.
    pub(crate) fn read(path: &Path) -> BTreeMap<String, Vec<Self>> {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut verdicts: BTreeMap<String, Vec<Self>> = BTreeMap::new();
        for line in text.lines() {
            let verdict: Self =
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            verdicts.entry(verdict.benchmark.clone()).or_default().push(verdict);
        }
        verdicts
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
