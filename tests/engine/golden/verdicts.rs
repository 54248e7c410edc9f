//! The correct verdicts for nodes of distributions, managed services and installers, check by check:
//! `golden/verdicts.yaml`.

use std::collections::{BTreeMap, BTreeSet};

use definitions::Definitions;
use definitions::benchmark::Target;
use kube_assay::embedded;
use kube_assay::run::{BenchmarkChoice, ProfileChoice, RunRequest, assay};
use model::Report;
use serde::Deserialize;

use super::{NODES, files, read};

const FILE: &str = "golden/verdicts.yaml";
const BENCHMARK: &str = "cis-1.12";

/// The correct verdicts for one node. Check numbers are listed in one text, separated by spaces.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Right {
    targets: Vec<String>,
    pass: String,
    fail: String,
    not_applicable: String,
    unknown: String,
}

impl Right {
    fn verdicts(&self) -> BTreeMap<&str, &'static str> {
        let lists = [
            (&self.pass, "pass"),
            (&self.fail, "fail"),
            (&self.not_applicable, "not-applicable"),
            (&self.unknown, "unknown"),
        ];
        lists.into_iter().flat_map(|(ids, verdict)| ids.split(' ').map(move |id| (id, verdict))).collect()
    }
}

#[test]
fn nodes_of_distributions_get_the_verdicts_that_are_right_for_them() {
    let right: BTreeMap<String, Right> = serde_yaml::from_str(&files::read(FILE)).expect("nodes and verdicts");
    let definitions = embedded::definitions();
    let mut problems = Vec::new();
    for (name, right) in &right {
        let node = NODES.iter().find(|node| node.name == name).unwrap_or_else(|| panic!("{name}: no golden node"));
        let assay = detected_run(&node.path(), &definitions);
        let expected = right.verdicts();
        let judged = verdicts(&assay);
        let ids: BTreeSet<&str> = expected.keys().copied().chain(judged.keys().map(String::as_str)).collect();
        for id in ids.into_iter().filter(|id| !id.is_empty()) {
            let expected = expected.get(id).copied().unwrap_or("manual");
            let judged = judged.get(id).map_or("not run", String::as_str);
            if judged != expected {
                problems.push(format!("{name} {id}: {judged}, not {expected}"));
            }
        }
        let targets: Vec<String> = assay.targets.iter().map(|target| target.name.clone()).collect();
        if !right.targets.is_empty() && targets != right.targets {
            problems.push(format!("{name}: targets {targets:?}, not {:?}", right.targets));
        }
    }
    assert!(problems.is_empty(), "{} differ from {FILE}:\n{}", problems.len(), problems.join("\n"));
}

/// Runs the targets that apply.
fn detected_run(path: &str, definitions: &Definitions) -> Report {
    let order = RunRequest {
        benchmark: BenchmarkChoice::Named(BENCHMARK.to_owned()),
        profile: ProfileChoice::None,
        root: path.to_owned(),
        ..RunRequest::default()
    };
    assay(&read(path), definitions, &order).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns the verdict of each check, except those about the cluster.
fn verdicts(report: &Report) -> BTreeMap<String, String> {
    let of_node = report.targets.iter().filter(|target| target.name != Target::Policies.name());
    of_node.flat_map(model::Target::checks).map(|check| (check.id.clone(), check.verdict.name().to_owned())).collect()
}
