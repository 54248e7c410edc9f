//! The Kubernetes version of a node, as something on it tells it.

use definitions::benchmark::KubernetesVersion;

/// The Kubernetes version of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectedVersion {
    /// Major and minor.
    pub version: KubernetesVersion,
    /// As the evidence spells it: `v1.32.4-eks-1-32-14`.
    pub spelt: String,
    /// What told it: `image registry/kube-apiserver:v1.32.4 in /etc/kubernetes/manifests/kube-apiserver.yaml`.
    pub evidence: String,
}

/// The version of this spelling; none where it is no version.
pub(super) fn detected(spelt: &str, evidence: impl FnOnce() -> String) -> Option<DetectedVersion> {
    let version = spelt.parse().ok()?;
    Some(DetectedVersion { version, spelt: spelt.to_owned(), evidence: evidence() })
}
