//! The detected Kubernetes version of a node.

use definitions::benchmark::KubernetesVersion;

/// The Kubernetes version of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectedVersion {
    /// The major and minor version.
    pub version: KubernetesVersion,
    /// The version as spelt in the evidence: `v1.32.4-eks-1-32-14`.
    pub spelt: String,
    /// Where it was found: `image registry/kube-apiserver:v1.32.4 in /etc/kubernetes/manifests/kube-apiserver.yaml`.
    pub evidence: String,
}

/// Parses a version; `None` if `spelt` is not one.
pub(super) fn detected(spelt: &str, evidence: impl FnOnce() -> String) -> Option<DetectedVersion> {
    let version = spelt.parse().ok()?;
    Some(DetectedVersion { version, spelt: spelt.to_owned(), evidence: evidence() })
}
