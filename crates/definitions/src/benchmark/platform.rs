//! The kinds of machines that benchmarks are run on.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How a node was provisioned, as far as it changes where files are and how findings are fixed.
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
    /// K3s: one process holds all components.
    K3s,
    /// RKE2.
    Rke2,
    /// RKE 1, whose components run in containers of Docker.
    Rke,
    /// `MicroK8s`: one process holds all components, and files of a snap their arguments.
    MicroK8s,
    /// Canonical Kubernetes, the snap `k8s`.
    CanonicalKubernetes,
    /// k0s, which starts the components itself.
    K0s,
    /// Talos Linux.
    Talos,
    /// `OpenShift` 4 and OKD.
    OpenShift,
    /// `MicroShift`: one process holds all components but etcd.
    MicroShift,
    /// A worker of GKE.
    Gke,
    /// A worker of AKS.
    Aks,
    /// A node of Alibaba Cloud's ACK, managed or dedicated.
    Ack,
    /// A node that BOSH set up, as TKGI has it.
    Tkgi,
    /// kOps.
    Kops,
    /// Kubespray.
    Kubespray,
    /// minikube, in a machine, in a container or on the machine itself.
    Minikube,
    /// A container that kind runs as a node, seen from within.
    Kind,
    /// Kubernetes components that none of the others put there.
    SelfManaged,
    /// A kubelet that belongs to no cluster.
    StandaloneKubelet,
}

impl Platform {
    /// All of them.
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

    /// Whether a cloud runs the control plane, out of the node's sight.
    pub const fn is_managed(self) -> bool {
        matches!(self, Self::EksAl2 | Self::EksAl2023 | Self::EksBottlerocket | Self::Gke | Self::Aks)
    }

    /// The name for people.
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

/// Several platforms under one name, for remediations that are the same on all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// The name in definitions; it may be that of one of the platforms, whose text the others then take too.
    pub name: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// The platforms. No platform is in two families, so that it is never in doubt which text is meant.
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

/// The names for people of some platforms; a whole family's is one name.
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
