//! The kinds of machines that benchmarks are run on.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How a node was put together, as far as it changes where things lie and how they are mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Platform {
    /// kubeadm, or something that leaves a node like it.
    Kubeadm,
    /// EKS Anywhere on Ubuntu or RHEL.
    EksAnywhere,
    /// EKS Anywhere on Bottlerocket.
    EksAnywhereBottlerocket,
    /// A machine that runs etcd and no Kubernetes component.
    ExternalEtcd,
    /// A worker of managed EKS on Amazon Linux 2.
    EksAl2,
    /// A worker of managed EKS on Amazon Linux 2023.
    EksAl2023,
    /// A worker of managed EKS on Bottlerocket.
    EksBottlerocket,
    /// Kubernetes components that none of the others put there.
    SelfManaged,
    /// A kubelet that belongs to no cluster.
    StandaloneKubelet,
}

impl Platform {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Kubeadm,
        Self::EksAnywhere,
        Self::EksAnywhereBottlerocket,
        Self::ExternalEtcd,
        Self::EksAl2,
        Self::EksAl2023,
        Self::EksBottlerocket,
        Self::SelfManaged,
        Self::StandaloneKubelet,
    ];

    /// The name in definitions and reports: `eks-anywhere-bottlerocket`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kubeadm => "kubeadm",
            Self::EksAnywhere => "eks-anywhere",
            Self::EksAnywhereBottlerocket => "eks-anywhere-bottlerocket",
            Self::ExternalEtcd => "external-etcd",
            Self::EksAl2 => "eks-al2",
            Self::EksAl2023 => "eks-al2023",
            Self::EksBottlerocket => "eks-bottlerocket",
            Self::SelfManaged => "self-managed",
            Self::StandaloneKubelet => "standalone-kubelet",
        }
    }

    /// Whether a cloud runs the control plane, out of the node's sight.
    pub const fn is_managed(self) -> bool {
        matches!(self, Self::EksAl2 | Self::EksAl2023 | Self::EksBottlerocket)
    }

    /// The name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Kubeadm => "kubeadm",
            Self::EksAnywhere => "EKS Anywhere (Ubuntu, RHEL)",
            Self::EksAnywhereBottlerocket => "EKS Anywhere (Bottlerocket)",
            Self::ExternalEtcd => "a machine for external etcd",
            Self::EksAl2 => "EKS (Amazon Linux 2)",
            Self::EksAl2023 => "EKS (Amazon Linux 2023)",
            Self::EksBottlerocket => "EKS (Bottlerocket)",
            Self::SelfManaged => "self-managed Kubernetes",
            Self::StandaloneKubelet => "a standalone kubelet",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Platform {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|platform| platform.name() == text).ok_or_else(|| text.to_owned())
    }
}
