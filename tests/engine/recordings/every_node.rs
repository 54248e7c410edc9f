//! Every golden node, under every benchmark and profile.

use definitions::Definitions;
use kube_assay::embedded;
use kube_assay::node::Recorded;
use kube_assay::run::ProfileChoice;
use model::Report;
use probe::Node;

use super::difference;
use crate::golden::nodes::with_all_controls;
use crate::golden::{NODES, read, run};

/// Returns the reports of a node: as detected, with and without a profile, under each profile, and under each
/// benchmark.
fn reports(node: &dyn Node, definitions: &Definitions) -> Vec<Report> {
    let run = |benchmark: Option<&str>, profile| run(node, "/", benchmark, profile, definitions);
    let mut reports = vec![run(None, ProfileChoice::Detected), run(None, ProfileChoice::None)];
    for profile in &definitions.profiles {
        let benchmark = profile.benchmark.as_deref().or(Some("cis-1.12"));
        reports.push(run(benchmark, ProfileChoice::Named(profile.name.to_string())));
    }
    reports.extend(definitions.library.benchmarks.keys().map(|name| run(Some(name), ProfileChoice::None)));
    reports
}

/// Returns reports for a few benchmarks that together contain every control, and for the detected one.
pub fn reports_of_all_controls(node: &dyn Node, definitions: &Definitions) -> Vec<Report> {
    let run = |benchmark: Option<&str>, profile| run(node, "/", benchmark, profile, definitions);
    let few = with_all_controls(&definitions.library);
    let few = few.iter().map(|name| run(Some(name), ProfileChoice::None));
    few.chain([run(None, ProfileChoice::Detected)]).collect()
}

fn check(name: &str, node: &Recorded, definitions: &Definitions) -> Option<String> {
    difference(node, definitions, |node| reports(node, definitions)).map(|differs| format!("{name}: {differs}"))
}

#[test]
fn a_recording_gives_the_reports_of_its_node() {
    let definitions = embedded::definitions();
    let mut wrong: Vec<String> =
        NODES.iter().filter_map(|node| check(node.name, &read(&node.source()), &definitions)).collect();
    for name in ["bad-cp", "eks-managed", "eksa-cp", "eksa-worker", "kubeadm-cp"] {
        let path = format!("tests/nodes/{name}.yaml");
        wrong.extend(check(name, &read(&path), &definitions));
    }
    assert!(wrong.is_empty(), "{} nodes:\n{}", wrong.len(), wrong.join("\n"));
}
