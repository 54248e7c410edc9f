//! What is right on the nodes of distributions, services and installers, check by check: `golden/verdicts.yaml`.

use std::collections::{BTreeMap, BTreeSet};

use definitions::Definitions;
use definitions::benchmark::Target;
use kube_assay::assay::{BenchmarkChoice, Order, ProfileChoice, assay};
use kube_assay::embedded;
use model::Report;
use serde::Deserialize;

use crate::{NODES, files, read};

const FILE: &str = "golden/verdicts.yaml";
const BENCHMARK: &str = "cis-1.12";

/// What is right on one node. The numbers of checks stand in one text, with spaces between them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Right {
    targets: Vec<String>,
    pass: String,
    fail: String,
    not_applicable: String,
    /// Checks whose verdict is another one today, by what it takes.
    #[serde(rename = "not_yet")]
    not_yet: BTreeMap<String, String>,
}

impl Right {
    fn verdicts(&self) -> BTreeMap<&str, &'static str> {
        let lists = [(&self.pass, "pass"), (&self.fail, "fail"), (&self.not_applicable, "not-applicable")];
        lists.into_iter().flat_map(|(ids, verdict)| ids.split(' ').map(move |id| (id, verdict))).collect()
    }

    fn not_yet(&self) -> BTreeSet<&str> {
        self.not_yet.values().flat_map(|ids| ids.split(' ')).collect()
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
        let (expected, not_yet) = (right.verdicts(), right.not_yet());
        let judged = verdicts(&assay);
        let ids: BTreeSet<&str> = expected.keys().copied().chain(judged.keys().map(String::as_str)).collect();
        for id in ids.into_iter().filter(|id| !id.is_empty()) {
            let expected = expected.get(id).copied().unwrap_or("manual");
            let judged = judged.get(id).map_or("not run", String::as_str);
            match (judged == expected, not_yet.contains(id)) {
                (false, false) => problems.push(format!("{name} {id}: {judged}, not {expected}")),
                (true, true) => problems.push(format!("{name} {id}: {judged} is right by now (take it from not_yet)")),
                (true, false) | (false, true) => {}
            }
        }
        let targets: Vec<String> = assay.targets.iter().map(|target| target.name.clone()).collect();
        let waits = right.targets.iter().any(|target| !targets.contains(target)) && !not_yet.is_empty();
        if !waits && !right.targets.is_empty() && targets != right.targets {
            problems.push(format!("{name}: targets {targets:?}, not {:?}", right.targets));
        }
    }
    assert!(problems.is_empty(), "{} differ from {FILE}:\n{}", problems.len(), problems.join("\n"));
}

/// A run over the targets that apply.
fn detected_run(path: &str, definitions: &Definitions) -> Report {
    let order = Order {
        benchmark: BenchmarkChoice::Named(BENCHMARK.to_owned()),
        profile: ProfileChoice::None,
        root: path.to_owned(),
        ..Order::default()
    };
    assay(&read(path), definitions, &order, &|_| None).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The verdict of each check, but for those about the cluster.
fn verdicts(report: &Report) -> BTreeMap<String, String> {
    let of_node = report.targets.iter().filter(|target| target.name != Target::Policies.name());
    of_node.flat_map(model::Target::checks).map(|check| (check.id.clone(), check.verdict.name().to_owned())).collect()
}
