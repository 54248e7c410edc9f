//! The parts of a benchmark that can be run separately.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A part of a benchmark, under the name known from kube-bench.
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
    /// Cluster policies, which only the API shows (CIS section 5).
    Policies,
    /// Services of a managed Kubernetes provider.
    ManagedServices,
    /// The cluster as seen through its API, in benchmarks without a policies section.
    Cluster,
    /// The machine from which a cluster is administered, which is not a node of the cluster.
    Admin,
}

impl Target {
    /// All targets: those of CIS in section order, then the others.
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

    /// Returns the name that reports print and `--targets` accepts.
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

    /// Whether the target concerns cluster objects or provider services rather than a machine.
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

    /// Parses the printed names, and `worker` and `control-plane` as aliases of `node` and `master`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "worker" => Ok(Self::Node),
            "control-plane" => Ok(Self::Master),
            _ => Self::ALL.into_iter().find(|target| target.name() == text).ok_or_else(|| text.to_owned()),
        }
    }
}
