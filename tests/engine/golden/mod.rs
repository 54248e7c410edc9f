//! Reports of known nodes, byte for byte, and checks that the nodes are complete and contain no secret.
//!
//! `KUBE_ASSAY_BLESS=1 cargo test --test engine golden::` rewrites nodes and reports; review the changes before
//! committing them.

#![allow(clippy::disallowed_methods, reason = "tests read and write the project's own files")]

mod changes;
mod files;
#[cfg(feature = "cluster")]
mod guide;
pub(crate) mod nodes;
mod reports;
mod secrets;
mod verdicts;

use definitions::Definitions;
use kube_assay::node::Recorded;
use kube_assay::run::{BenchmarkChoice, ProfileChoice, RunRequest, assay};
use model::Report;
use probe::Node;

/// A recorded node in `golden/nodes`, and its expected detection.
pub(crate) struct GoldenNode {
    pub(crate) name: &'static str,
    /// The expected detection: the platform (`none` if the machine is not a node), the benchmark, the evidence for the
    /// version, and the profile.
    pub(crate) platform: &'static str,
    pub(crate) benchmark: &'static str,
    pub(crate) evidence: &'static str,
    /// If there is one, there are also reports without it.
    pub(crate) profile: Option<&'static str>,
}

pub(crate) const NODES: [GoldenNode; 42] = [
    GoldenNode {
        name: "aks-node",
        platform: "aks",
        benchmark: "cis-1.12",
        evidence: "kubernetes/kube-proxy:v1.32.6 of process 2433",
        profile: None,
    },
    GoldenNode {
        name: "careless-control-plane",
        platform: "kubeadm",
        benchmark: "cis-1.23",
        evidence: "kube-apiserver:v1.23.17 in /etc/kubernetes/manifests/kube-apiserver.yaml",
        profile: None,
    },
    GoldenNode {
        name: "eks-al2-careless-node",
        platform: "eks-al2",
        benchmark: "eks-1.8.0",
        evidence: "kube-proxy:v1.24.17-minimal-eksbuild.4 of process 3602",
        profile: None,
    },
    GoldenNode {
        name: "eks-al2-node",
        platform: "eks-al2",
        benchmark: "eks-1.8.0",
        evidence: "kube-proxy:v1.27.16-minimal-eksbuild.5 of process 3602",
        profile: None,
    },
    GoldenNode {
        name: "eks-al2023-node",
        platform: "eks-al2023",
        benchmark: "eks-1.8.0",
        evidence: "kube-proxy:v1.32.3-minimal-eksbuild.2 of process 2299",
        profile: None,
    },
    GoldenNode {
        name: "eks-anywhere-bare-metal-control-plane",
        platform: "eks-anywhere",
        benchmark: "cis-1.11",
        evidence: "kube-apiserver:v1.31.13-eks-1-31-33 in /etc/kubernetes/manifests/kube-apiserver.yaml",
        profile: Some("eks-anywhere-stacked-etcd"),
    },
    GoldenNode {
        name: "eks-anywhere-bottlerocket-control-plane",
        platform: "eks-anywhere-bottlerocket",
        benchmark: "cis-1.11",
        evidence: "kube-apiserver:v1.31.7-eks-1-31-20 in /etc/kubernetes/static-pods/kube-apiserver",
        profile: Some("eks-anywhere"),
    },
    GoldenNode {
        name: "eks-anywhere-bottlerocket-worker",
        platform: "eks-anywhere-bottlerocket",
        benchmark: "cis-1.11",
        evidence: "VARIANT_ID=vmware-k8s-1.31 in /etc/os-release",
        profile: Some("eks-anywhere"),
    },
    GoldenNode {
        name: "eks-anywhere-configured-worker",
        platform: "eks-anywhere",
        benchmark: "cis-1.12",
        evidence: "kube-proxy:v1.32.9-eks-1-32-26 of process 1533",
        profile: Some("eks-anywhere"),
    },
    GoldenNode {
        name: "eks-anywhere-control-plane",
        platform: "eks-anywhere",
        benchmark: "cis-1.12",
        evidence: "kube-apiserver:v1.32.4-eks-1-32-14 in /etc/kubernetes/manifests/kube-apiserver.yaml",
        profile: Some("eks-anywhere"),
    },
    GoldenNode {
        name: "eks-anywhere-iam-encryption-control-plane",
        platform: "eks-anywhere",
        benchmark: "cis-2.0",
        evidence: "kube-apiserver:v1.34.2-eks-1-34-8 in /etc/kubernetes/manifests/kube-apiserver.yaml",
        profile: Some("eks-anywhere"),
    },
    GoldenNode {
        name: "eks-anywhere-nutanix-control-plane",
        platform: "eks-anywhere",
        benchmark: "cis-1.12",
        evidence: "kube-apiserver:v1.33.5-eks-1-33-11 in /etc/kubernetes/manifests/kube-apiserver.yaml",
        profile: Some("eks-anywhere-stacked-etcd"),
    },
    GoldenNode {
        name: "eks-anywhere-nutanix-worker",
        platform: "eks-anywhere",
        benchmark: "cis-1.12",
        evidence: "kube-proxy:v1.33.5-eks-1-33-11 of process 1533",
        profile: Some("eks-anywhere"),
    },
    GoldenNode {
        name: "eks-anywhere-stacked-control-plane",
        platform: "eks-anywhere",
        benchmark: "cis-1.20",
        evidence: "kube-apiserver:v1.21.14-eks-1-21-28 in /etc/kubernetes/manifests/kube-apiserver.yaml",
        profile: Some("eks-anywhere-stacked-etcd"),
    },
    GoldenNode {
        name: "eks-anywhere-worker",
        platform: "eks-anywhere",
        benchmark: "cis-1.12",
        evidence: "kube-proxy:v1.32.4-eks-1-32-14 of process 1544",
        profile: Some("eks-anywhere"),
    },
    GoldenNode {
        name: "eks-anywhere-workstation",
        platform: "none",
        benchmark: "cis-2.0",
        evidence: "the node does not show it",
        profile: None,
    },
    GoldenNode {
        name: "eks-bottlerocket-node",
        platform: "eks-bottlerocket",
        benchmark: "eks-1.8.0",
        evidence: "VARIANT_ID=aws-k8s-1.29 in /etc/os-release",
        profile: None,
    },
    GoldenNode {
        name: "external-etcd-bottlerocket-unprivileged",
        platform: "external-etcd",
        benchmark: "cis-1.11",
        evidence: "VARIANT_ID=vmware-k8s-1.30 in /etc/os-release",
        profile: None,
    },
    GoldenNode {
        name: "external-etcd-bottlerocket",
        platform: "external-etcd",
        benchmark: "cis-1.11",
        evidence: "VARIANT_ID=vmware-k8s-1.30 in /etc/os-release",
        profile: None,
    },
    GoldenNode {
        name: "external-etcd-unprivileged",
        platform: "external-etcd",
        benchmark: "cis-2.0",
        evidence: "the node does not show it",
        profile: None,
    },
    GoldenNode {
        name: "external-etcd",
        platform: "external-etcd",
        benchmark: "cis-2.0",
        evidence: "the node does not show it",
        profile: None,
    },
    GoldenNode {
        name: "gke-node",
        platform: "gke",
        benchmark: "cis-1.12",
        evidence: "gke.gcr.io/kube-proxy-amd64:v1.33.3-gke.1136000 in /etc/kubernetes/manifests/kube-proxy.manifest",
        profile: None,
    },
    GoldenNode {
        name: "hardened-control-plane",
        platform: "kubeadm",
        benchmark: "cis-1.23",
        evidence: "kube-apiserver:v1.23.17 in /etc/kubernetes/manifests/kube-apiserver.yaml",
        profile: None,
    },
    GoldenNode {
        name: "k0s-controller-worker",
        platform: "k0s",
        benchmark: "cis-1.12",
        evidence: "quay.io/k0sproject/kube-proxy:v1.33.3 of process 1702",
        profile: None,
    },
    GoldenNode {
        name: "k3s-agent",
        platform: "k3s",
        benchmark: "cis-2.0",
        evidence: "the node does not show it",
        profile: None,
    },
    GoldenNode {
        name: "k3s-server-etcd",
        platform: "k3s",
        benchmark: "cis-2.0",
        evidence: "the node does not show it",
        profile: None,
    },
    GoldenNode {
        name: "k3s-server",
        platform: "k3s",
        benchmark: "cis-2.0",
        evidence: "the node does not show it",
        profile: None,
    },
    GoldenNode {
        name: "kind-host-worker",
        platform: "kubeadm",
        benchmark: "cis-1.12",
        evidence: "kube-proxy:v1.32.5 of process 1902",
        profile: None,
    },
    GoldenNode {
        name: "kind-host",
        platform: "none",
        benchmark: "cis-2.0",
        evidence: "the node does not show it",
        profile: None,
    },
    GoldenNode {
        name: "kops-control-plane",
        platform: "kops",
        benchmark: "cis-1.12",
        evidence: "kube-apiserver:v1.33.5 in /etc/kubernetes/manifests/kube-apiserver.manifest",
        profile: None,
    },
    GoldenNode {
        name: "kubeadm-control-plane",
        platform: "kubeadm",
        benchmark: "cis-1.12",
        evidence: "kube-apiserver:v1.32.4 in /etc/kubernetes/manifests/kube-apiserver.yaml",
        profile: None,
    },
    GoldenNode {
        name: "kubespray-control-plane",
        platform: "kubespray",
        benchmark: "cis-1.12",
        evidence: "kube-apiserver:v1.33.3 in /etc/kubernetes/manifests/kube-apiserver.yaml",
        profile: None,
    },
    GoldenNode {
        name: "kubespray-etcd-docker",
        platform: "external-etcd",
        benchmark: "cis-2.0",
        evidence: "the node does not show it",
        profile: None,
    },
    GoldenNode {
        name: "microk8s-node",
        platform: "microk8s",
        benchmark: "cis-1.12",
        evidence: "version: v1.32.3 in /snap/microk8s/8121/meta/snap.yaml",
        profile: None,
    },
    GoldenNode {
        name: "minikube-docker",
        platform: "minikube",
        benchmark: "cis-1.12",
        evidence: "kube-apiserver:v1.33.1 in /etc/kubernetes/manifests/kube-apiserver.yaml",
        profile: None,
    },
    GoldenNode {
        name: "minikube-none",
        platform: "minikube",
        benchmark: "cis-1.12",
        evidence: "kube-apiserver:v1.33.1 in /etc/kubernetes/manifests/kube-apiserver.yaml",
        profile: None,
    },
    GoldenNode {
        name: "openshift-control-plane",
        platform: "openshift",
        benchmark: "cis-1.11",
        evidence: "OPENSHIFT_VERSION=4.18 in /etc/os-release",
        profile: None,
    },
    GoldenNode {
        name: "openshift-worker",
        platform: "openshift",
        benchmark: "cis-1.11",
        evidence: "OPENSHIFT_VERSION=4.18 in /etc/os-release",
        profile: None,
    },
    GoldenNode {
        name: "rke2-agent",
        platform: "rke2",
        benchmark: "cis-1.12",
        evidence: "/var/lib/rancher/rke2/data/v1.33.6-rke2r1-ca94290def44/bin/kubelet of kubelet",
        profile: None,
    },
    GoldenNode {
        name: "rke2-server-cis",
        platform: "rke2",
        benchmark: "cis-1.12",
        evidence: "hardened-kubernetes:v1.33.6-rke2r1-build20251112 in /var/lib/rancher/rke2/agent/pod-manifests/kube-apiserver.yaml",
        profile: None,
    },
    GoldenNode {
        name: "structured-control-plane",
        platform: "kubeadm",
        benchmark: "cis-2.0",
        evidence: "kube-apiserver:v1.34.2 in /etc/kubernetes/manifests/kube-apiserver.yaml",
        profile: None,
    },
    GoldenNode {
        name: "talos-control-plane",
        platform: "talos",
        benchmark: "cis-1.12",
        evidence: "registry.k8s.io/kube-apiserver:v1.33.3 of process 2011",
        profile: None,
    },
];

/// The suffix of the names of reports for the EKS Anywhere guide.
const ENDING: &str = ".guide";

/// Returns the directory of the cluster administered from a node.
pub(crate) fn cluster_directory(name: &str) -> Option<&'static str> {
    (name == "eks-anywhere-workstation").then_some("/home/me/mgmt")
}

impl GoldenNode {
    /// Returns the path of the recording.
    pub(crate) fn path(&self) -> String {
        format!("golden/nodes/{}.yaml", self.name)
    }

    /// Returns the path of its source.
    pub(crate) fn source(&self) -> String {
        format!("golden/nodes/made-up/{}.yaml", self.name)
    }
}

/// Reads a recorded node from the project.
pub(crate) fn read(path: &str) -> Recorded {
    nodes::bless();
    Recorded::parse(path, &files::read(path)).unwrap_or_else(|error| panic!("{error}"))
}

/// Runs a node as the command line does, but at a fixed time.
pub(crate) fn run(
    node: &dyn Node,
    path: &str,
    benchmark: Option<&str>,
    profile: ProfileChoice,
    all: &Definitions,
) -> Report {
    let index = benchmark.map(|name| all.library.benchmark(name).expect("a shipped benchmark"));
    let order = RunRequest {
        benchmark: benchmark.map_or(BenchmarkChoice::Detected, |name| BenchmarkChoice::Named(name.to_owned())),
        targets: index.map(|index| index.targets.iter().map(|index| index.target).collect()),
        profile,
        root: path.to_owned(),
        started: "2026-01-12T07:30:00Z".to_owned(),
        ..RunRequest::default()
    };
    assay(node, all, &order).unwrap_or_else(|error| panic!("{path}: {error}"))
}
