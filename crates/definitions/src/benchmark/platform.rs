//! The platforms that benchmarks run on.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How a node was provisioned, as far as it affects file locations and remediation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Platform {
    /// kubeadm, or a tool that produces equivalent nodes.
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
    /// K3s: a single process embeds all components.
    K3s,
    /// RKE2.
    Rke2,
    /// RKE 1, whose components run in Docker containers.
    Rke,
    /// `MicroK8s`: a single process embeds all components, and files of the snap contain their arguments.
    MicroK8s,
    /// Canonical Kubernetes (the `k8s` snap).
    CanonicalKubernetes,
    /// k0s, which starts the components itself.
    K0s,
    /// Talos Linux.
    Talos,
    /// `OpenShift` 4 and OKD.
    OpenShift,
    /// `MicroShift`: a single process embeds all components except etcd.
    MicroShift,
    /// A worker of GKE.
    Gke,
    /// A worker of AKS.
    Aks,
    /// A node of Alibaba Cloud's ACK, managed or dedicated.
    Ack,
    /// A node provisioned by BOSH, as in TKGI.
    Tkgi,
    /// kOps.
    Kops,
    /// Kubespray.
    Kubespray,
    /// minikube, in a virtual machine, in a container or on the host itself.
    Minikube,
    /// A kind node container, inspected from inside.
    Kind,
    /// Kubernetes components not installed by any of the others.
    SelfManaged,
    /// A kubelet that belongs to no cluster.
    StandaloneKubelet,
}

impl Platform {
    /// All platforms.
    pub const ALL: [Self; 26] = [
        Self::Kubeadm,
        Self::EksAnywhere,
        Self::EksAnywhereBottlerocket,
        Self::ExternalEtcd,
        Self::EksAl2,
        Self::EksAl2023,
        Self::EksBottlerocket,
        Self::K3s,
        Self::Rke2,
        Self::Rke,
        Self::MicroK8s,
        Self::CanonicalKubernetes,
        Self::K0s,
        Self::Talos,
        Self::OpenShift,
        Self::MicroShift,
        Self::Gke,
        Self::Aks,
        Self::Ack,
        Self::Tkgi,
        Self::Kops,
        Self::Kubespray,
        Self::Minikube,
        Self::Kind,
        Self::SelfManaged,
        Self::StandaloneKubelet,
    ];

    /// Returns the name in definitions and reports: `eks-anywhere-bottlerocket`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kubeadm => "kubeadm",
            Self::EksAnywhere => "eks-anywhere",
            Self::EksAnywhereBottlerocket => "eks-anywhere-bottlerocket",
            Self::ExternalEtcd => "external-etcd",
            Self::EksAl2 => "eks-al2",
            Self::EksAl2023 => "eks-al2023",
            Self::EksBottlerocket => "eks-bottlerocket",
            Self::K3s => "k3s",
            Self::Rke2 => "rke2",
            Self::Rke => "rke",
            Self::MicroK8s => "microk8s",
            Self::CanonicalKubernetes => "canonical-k8s",
            Self::K0s => "k0s",
            Self::Talos => "talos",
            Self::OpenShift => "openshift",
            Self::MicroShift => "microshift",
            Self::Gke => "gke",
            Self::Aks => "aks",
            Self::Ack => "ack",
            Self::Tkgi => "tkgi",
            Self::Kops => "kops",
            Self::Kubespray => "kubespray",
            Self::Minikube => "minikube",
            Self::Kind => "kind",
            Self::SelfManaged => "self-managed",
            Self::StandaloneKubelet => "standalone-kubelet",
        }
    }

    /// Whether a cloud provider runs the control plane, so that the node cannot see it.
    pub const fn is_managed(self) -> bool {
        matches!(self, Self::EksAl2 | Self::EksAl2023 | Self::EksBottlerocket | Self::Gke | Self::Aks)
    }

    /// Returns the display name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Kubeadm => "kubeadm",
            Self::EksAnywhere => "EKS Anywhere (Ubuntu, RHEL)",
            Self::EksAnywhereBottlerocket => "EKS Anywhere (Bottlerocket)",
            Self::ExternalEtcd => "an external etcd machine",
            Self::EksAl2 => "EKS (Amazon Linux 2)",
            Self::EksAl2023 => "EKS (Amazon Linux 2023)",
            Self::EksBottlerocket => "EKS (Bottlerocket)",
            Self::K3s => "K3s",
            Self::Rke2 => "RKE2",
            Self::Rke => "RKE",
            Self::MicroK8s => "MicroK8s",
            Self::CanonicalKubernetes => "Canonical Kubernetes",
            Self::K0s => "k0s",
            Self::Talos => "Talos Linux",
            Self::OpenShift => "OpenShift",
            Self::MicroShift => "MicroShift",
            Self::Gke => "GKE",
            Self::Aks => "AKS",
            Self::Ack => "ACK",
            Self::Tkgi => "TKGI",
            Self::Kops => "kOps",
            Self::Kubespray => "Kubespray",
            Self::Minikube => "minikube",
            Self::Kind => "kind",
            Self::SelfManaged => "self-managed Kubernetes",
            Self::StandaloneKubelet => "a standalone kubelet",
        }
    }
}

/// A group of platforms that can share a remediation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// The name in definitions. It may be the name of one of its platforms, whose text then also applies to the others.
    pub name: &'static str,
    /// The display name.
    pub title: &'static str,
    /// The platforms. Each is in at most one family, so that it is always clear which text applies.
    pub members: &'static [Platform],
}

/// All families.
pub const FAMILIES: [Family; 2] = [
    Family {
        name: "eks-anywhere",
        title: "EKS Anywhere",
        members: &[Platform::EksAnywhere, Platform::EksAnywhereBottlerocket],
    },
    Family { name: "eks", title: "EKS", members: &[Platform::EksAl2, Platform::EksAl2023, Platform::EksBottlerocket] },
];

/// Returns the display names of some platforms, joined by commas; a complete family is listed under its own name.
pub fn titles(platforms: &[Platform]) -> String {
    let mut rest = platforms.to_vec();
    let mut titles = Vec::new();
    for family in &FAMILIES {
        if family.members.iter().all(|member| rest.contains(member)) {
            rest.retain(|platform| !family.members.contains(platform));
            titles.push(family.title);
        }
    }
    titles.extend(rest.into_iter().map(Platform::title));
    titles.join(", ")
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
