//! Reports for the EKS Anywhere guide: one for each kind of machine, and one for a management cluster.

use std::path::PathBuf;

use definitions::Definitions;
use definitions::benchmark::Target;
use kube_assay::node::Recorded;
use kube_assay::policies::Seen;
use kube_assay::run::{BenchmarkChoice, Beside, ProfileChoice, RunRequest, assay_within};
use model::{Report, Verdict};

use super::{ENDING, cluster_directory, read};
use crate::clusters::{Edition, World, today};

/// The machines, with the guide's target for each.
const MACHINES: [(&str, Target); 15] = [
    ("eks-anywhere-bare-metal-control-plane", Target::Node),
    ("eks-anywhere-bottlerocket-control-plane", Target::Node),
    ("eks-anywhere-bottlerocket-worker", Target::Node),
    ("eks-anywhere-configured-worker", Target::Node),
    ("eks-anywhere-control-plane", Target::Node),
    ("eks-anywhere-iam-encryption-control-plane", Target::Node),
    ("eks-anywhere-nutanix-control-plane", Target::Node),
    ("eks-anywhere-nutanix-worker", Target::Node),
    ("eks-anywhere-stacked-control-plane", Target::Node),
    ("eks-anywhere-worker", Target::Node),
    ("eks-anywhere-workstation", Target::Admin),
    ("external-etcd", Target::Etcd),
    ("external-etcd-bottlerocket", Target::Etcd),
    ("external-etcd-bottlerocket-unprivileged", Target::Etcd),
    ("external-etcd-unprivileged", Target::Etcd),
];

/// The name of the management cluster.
const MANAGEMENT: &str = "eks-anywhere-management";

/// Returns every run that has reports, by file name.
pub(super) fn runs(definitions: &Definitions) -> Vec<(String, Report)> {
    let of_machines = MACHINES.iter().map(|(name, target)| {
        let path = format!("golden/nodes/{name}.yaml");
        let request =
            RunRequest { cluster_directory: cluster_directory(name).map(PathBuf::from), ..request(*target, &path) };
        let report = assay_within(&read(&path), &Beside::default(), definitions, &request);
        (*name, report)
    });
    let seen = Seen::of(&World::of(Edition::Management), today()).expect("the exemptions are read");
    let node = Recorded::parse("cluster", "form: 3\n").expect("a recording of nothing");
    let beside = Beside { cluster: Some(seen.within()), aws: None };
    let request = RunRequest {
        node_name: Some(MANAGEMENT.to_owned()),
        is_about_cluster_alone: true,
        ..request(Target::Cluster, "golden/clusters")
    };
    let of_cluster = (MANAGEMENT, assay_within(&node, &beside, definitions, &request));
    let named = |(name, report): (&str, Result<Report, _>)| {
        (format!("{name}{ENDING}"), report.unwrap_or_else(|error| panic!("{name}: {error}")))
    };
    of_machines.chain([of_cluster]).map(named).collect()
}

fn request(target: Target, path: &str) -> RunRequest {
    RunRequest {
        benchmark: BenchmarkChoice::Named("eks-anywhere-guide".to_owned()),
        targets: Some(vec![target]),
        profile: ProfileChoice::Detected,
        root: path.to_owned(),
        started: "2026-11-30T12:00:00Z".to_owned(),
        ..RunRequest::default()
    }
}

/// Returns the numbers of the checks with this verdict.
fn with(report: &Report, verdict: Verdict) -> Vec<&str> {
    report.checks().filter(|check| check.verdict == verdict).map(|check| check.id.as_str()).collect()
}

#[test]
fn each_planted_fault_is_found_and_nothing_else() {
    let definitions = kube_assay::embedded::definitions();
    let planted: [(&str, &[&str]); 15] = [
        // Another user who becomes root and has a weak key; registry mirror credentials that everyone can read; an
        // audit log that includes Secrets.
        ("eks-anywhere-bare-metal-control-plane", &["7.2", "7.2.1", "7.4", "17.2", "18.1"]),
        ("eks-anywhere-bottlerocket-control-plane", &["15.2"]),
        // The admin container accepts a DSA key.
        ("eks-anywhere-bottlerocket-worker", &["7.2"]),
        ("eks-anywhere-configured-worker", &["7.4.1"]),
        ("eks-anywhere-control-plane", &["15.2"]),
        ("eks-anywhere-iam-encryption-control-plane", &["15.2.1", "15.5"]),
        ("eks-anywhere-nutanix-control-plane", &[]),
        // The kubelet's certificate belongs to an administrator.
        ("eks-anywhere-nutanix-worker", &["15.4"]),
        ("eks-anywhere-stacked-control-plane", &[]),
        ("eks-anywhere-worker", &[]),
        ("eks-anywhere-workstation", &["3.1", "3.1.1", "3.3", "3.4", "5.1.1", "6.1", "10.2", "15.5"]),
        ("external-etcd", &["15.3", "17.2"]),
        ("external-etcd-bottlerocket", &["15.5"]),
        // Peer connections need no certificate.
        ("external-etcd-bottlerocket-unprivileged", &["21.3"]),
        ("external-etcd-unprivileged", &["21.3"]),
    ];
    let runs = runs(&definitions);
    for (name, faults) in planted {
        let (_, report) = runs.iter().find(|(run, _)| *run == format!("{name}{ENDING}")).expect("a run");
        assert_eq!(with(report, Verdict::Fail), faults, "{name}");
        assert_eq!(with(report, Verdict::Unknown), [""; 0], "{name}");
    }
}
