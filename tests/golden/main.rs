//! What the reports of known nodes look like, byte for byte, and that the nodes are whole and hold no secret.
//!
//! `KUBE_ASSAY_BLESS=1 cargo test --test golden` writes nodes and reports anew; what changed is then for a person to
//! read.

#![allow(clippy::disallowed_methods, reason = "tests read and write the project's own files")]

mod changes;
mod files;
mod nodes;
mod reports;
mod secrets;

use kube_assay::assay::{BenchmarkChoice, Order, ProfileChoice, assay};
use kube_assay::definitions::Definitions;
use kube_assay::finding::Assay;
use kube_assay::node::Recorded;
use kube_assay::probe::Node;

/// A recorded node of `golden/nodes`, and what is known of it.
pub(crate) struct GoldenNode {
    pub(crate) name: &'static str,
    /// The benchmark that detection picks, and what its evidence says.
    pub(crate) benchmark: &'static str,
    pub(crate) evidence: &'static str,
    /// The profiles under which there are reports too.
    pub(crate) profiles: &'static [&'static str],
}

pub(crate) const NODES: [GoldenNode; 9] = [
    GoldenNode {
        name: "careless-control-plane",
        benchmark: "cis-1.23",
        evidence: "kube-apiserver:v1.23.17 in /etc/kubernetes/manifests/kube-apiserver.yaml",
        profiles: &[],
    },
    GoldenNode {
        name: "eks-anywhere-bottlerocket-control-plane",
        benchmark: "cis-1.11",
        evidence: "kube-apiserver:v1.31.7-eks-1-31-20 in /etc/kubernetes/static-pods/kube-apiserver",
        profiles: &["eks-anywhere"],
    },
    GoldenNode {
        name: "eks-anywhere-control-plane",
        benchmark: "cis-1.12",
        evidence: "kube-apiserver:v1.32.4-eks-1-32-14 in /etc/kubernetes/manifests/kube-apiserver.yaml",
        profiles: &["eks-anywhere"],
    },
    GoldenNode {
        name: "eks-anywhere-worker",
        benchmark: "cis-1.12",
        evidence: "kube-proxy:v1.32.4-eks-1-32-14 of process 1544",
        profiles: &["eks-anywhere"],
    },
    GoldenNode {
        name: "eks-managed-node",
        benchmark: "cis-1.12",
        evidence: "kube-proxy:v1.32.3-minimal-eksbuild.2 of process 2299",
        profiles: &[],
    },
    GoldenNode {
        name: "external-etcd",
        benchmark: "cis-2.0",
        evidence: "the newest, since the node does not show its version",
        profiles: &[],
    },
    GoldenNode {
        name: "hardened-control-plane",
        benchmark: "cis-1.23",
        evidence: "kube-apiserver:v1.23.17 in /etc/kubernetes/manifests/kube-apiserver.yaml",
        profiles: &[],
    },
    GoldenNode {
        name: "kubeadm-control-plane",
        benchmark: "cis-1.12",
        evidence: "kube-apiserver:v1.32.4 in /etc/kubernetes/manifests/kube-apiserver.yaml",
        profiles: &[],
    },
    GoldenNode {
        name: "structured-control-plane",
        benchmark: "cis-2.0",
        evidence: "kube-apiserver:v1.34.2 in /etc/kubernetes/manifests/kube-apiserver.yaml",
        profiles: &[],
    },
];

impl GoldenNode {
    /// The recording, as people name it.
    pub(crate) fn path(&self) -> String {
        format!("golden/nodes/{}.yaml", self.name)
    }

    /// Where it is made from.
    pub(crate) fn source(&self) -> String {
        format!("golden/nodes/made-up/{}.yaml", self.name)
    }
}

/// A node, read from a file of the project.
pub(crate) fn read(path: &str) -> Recorded {
    nodes::bless();
    Recorded::parse(path, &files::read(path)).unwrap_or_else(|error| panic!("{error}"))
}

/// A run over a node as the command line makes it, but for the time.
pub(crate) fn run(
    node: &dyn Node,
    path: &str,
    benchmark: Option<&str>,
    profile: Option<&str>,
    all: &Definitions,
) -> Assay {
    let index = benchmark.map(|name| all.library.benchmark(name).expect("a shipped benchmark"));
    let order = Order {
        benchmark: benchmark.map_or(BenchmarkChoice::Detected, |name| BenchmarkChoice::Named(name.to_owned())),
        targets: index.map(|index| index.targets.iter().map(|index| index.target).collect()),
        profile: profile.map_or(ProfileChoice::None, |name| ProfileChoice::Named(name.to_owned())),
        root: path.to_owned(),
        started: "2026-01-12T07:30:00Z".to_owned(),
        ..Order::default()
    };
    assay(node, all, &order, &|_| None).unwrap_or_else(|error| panic!("{path}: {error}"))
}
