//! What a node does in its cluster, as the targets of a benchmark.

use crate::collect::inventory::Inventory;
use definitions::benchmark::{Benchmark, Platform, Role, Target};

/// A target that applies to a node, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectedTarget {
    /// Which.
    pub target: Target,
    /// What speaks for it.
    pub evidence: Vec<String>,
}

/// The targets that apply to this node, in kube-bench's order, as far as `benchmark` has them.
///
/// master and controlplane where a component of the control plane is here, etcd where a store is, node where a component
/// of nodes is, and policies and cluster always: they are about the cluster. admin is about the directory of a
/// cluster that a user names. On a node of a managed service, the sections that a
/// benchmark without a control plane has about that service apply too. On a machine for etcd master applies, whose first
/// section asks for etcd's files; a kubelet there belongs to no cluster, and node does not apply.
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
