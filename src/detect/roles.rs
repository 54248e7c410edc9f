//! The roles of a node in its cluster, as the targets of a benchmark.

use crate::collect::inventory::Inventory;
use definitions::benchmark::{Benchmark, Platform, Role, Target};

/// A target that applies to a node, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectedTarget {
    /// The target.
    pub target: Target,
    /// The evidence for it.
    pub evidence: Vec<String>,
}

/// Returns the targets of `benchmark` that apply to this node, in kube-bench's order.
///
/// master and controlplane apply if a control plane component is on the node, etcd if a store is, and node if a node
/// component is. policies and cluster always apply, since they are about the cluster. admin applies if the user
/// specifies a cluster directory. On a node of a managed service, the sections about that service apply too, if the
/// benchmark has no master target. On a machine for etcd, master applies, because its first section covers etcd's
/// files; node does not, because a kubelet there belongs to no cluster.
pub fn targets(inventory: &Inventory<'_>, platform: Option<Platform>, benchmark: &Benchmark) -> Vec<DetectedTarget> {
    let of = |role: Role| -> Vec<String> {
        inventory.library.of_role(role).filter_map(|key| inventory.sentence_on(key)).collect()
    };
    let service = || match platform {
        Some(platform) if platform.is_managed() && benchmark.target(Target::Master).is_none() => {
            vec![format!("{}: this section of {} is about the service", platform.title(), benchmark.name)]
        }
        _ => Vec::new(),
    };
    let worker = if platform == Some(Platform::ExternalEtcd) { Vec::new() } else { of(Role::Node) };
    let control_plane = of(Role::ControlPlane);
    let directory = inventory.cluster_directory.as_ref();
    let admin = directory.map(|directory| format!("{} is given with --cluster-dir", directory.display()));
    let of_master = match platform {
        Some(platform @ Platform::ExternalEtcd) => {
            vec![format!("{}: etcd's files are in this target", platform.title())]
        }
        _ => control_plane.clone(),
    };
    [
        (Target::Master, of_master),
        (Target::ControlPlane, if control_plane.is_empty() { service() } else { control_plane }),
        (Target::Etcd, of(Role::Store)),
        (Target::Node, worker),
        (Target::Policies, vec!["policies concern the cluster, regardless of the node".to_owned()]),
        (Target::ManagedServices, service()),
        (Target::Admin, admin.into_iter().collect()),
        (Target::Cluster, vec!["these checks concern the cluster, regardless of the node".to_owned()]),
    ]
    .into_iter()
    .filter(|(target, evidence)| !evidence.is_empty() && benchmark.target(*target).is_some())
    .map(|(target, evidence)| DetectedTarget { target, evidence })
    .collect()
}
