//! The parts of a benchmark that are run on their own.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A part of a benchmark, under the name that kube-bench's users type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Target {
    /// The control plane's files and components (CIS section 1).
    Master,
    /// etcd (CIS section 2).
    Etcd,
    /// Authentication and logging of the control plane (CIS section 3).
    ControlPlane,
    /// The worker's files and components (CIS section 4).
    Node,
    /// What only the API can answer (CIS section 5).
    Policies,
    /// What a managed service's provider is asked for.
    ManagedServices,
    /// The cluster as its API shows it, in lists that have no section of policies.
    Cluster,
    /// The machine from which a cluster is administered. It is no node of the cluster.
    Admin,
}

impl Target {
    /// All of them: those of CIS in the order of their sections, then the others.
    pub const ALL: [Self; 8] = [
        Self::Master,
        Self::Etcd,
        Self::ControlPlane,
        Self::Node,
        Self::Policies,
        Self::ManagedServices,
        Self::Cluster,
        Self::Admin,
    ];

    /// The name that is printed, and accepted by `--targets`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Etcd => "etcd",
            Self::ControlPlane => "controlplane",
            Self::Node => "node",
            Self::Policies => "policies",
            Self::ManagedServices => "managedservices",
            Self::Cluster => "cluster",
            Self::Admin => "admin",
        }
    }

    /// Whether it is about the cluster's objects, or about what a provider runs for it, and not about a machine.
    pub const fn is_about_cluster(self) -> bool {
        matches!(self, Self::Policies | Self::ManagedServices | Self::Cluster)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Target {
    type Err = String;

    /// Takes the printed names, and `worker` and `control-plane` for `node` and `master`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "worker" => Ok(Self::Node),
            "control-plane" => Ok(Self::Master),
            _ => Self::ALL.into_iter().find(|target| target.name() == text).ok_or_else(|| text.to_owned()),
        }
    }
}
