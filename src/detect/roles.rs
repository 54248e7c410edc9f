//! What a node does in its cluster, as the targets of a benchmark.

use crate::collect::inventory::Inventory;
use definitions::benchmark::{Benchmark, Platform, Target};

/// A target that applies to a node, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectedTarget {
    /// Which.
    pub target: Target,
    /// What speaks for it.
    pub evidence: Vec<String>,
}

/// The components of a control plane.
const CONTROL_PLANE: [&str; 3] = ["apiserver", "controller-manager", "scheduler"];

/// The targets that apply to this node, in kube-bench's order, as far as `benchmark` has them.
///
/// master and controlplane where a control-plane component is here, etcd where etcd is, node where a kubelet or
/// kube-proxy is, and policies always: they are about the cluster. On a node of a managed service, the sections that a
/// benchmark without a control plane has about that service apply too. On a machine for etcd master applies, whose first
/// section asks for etcd's files; a kubelet there belongs to no cluster, and node does not apply.
pub fn targets(inventory: &Inventory<'_>, platform: Option<Platform>, benchmark: &Benchmark) -> Vec<DetectedTarget> {
    let of = |keys: &[&str]| -> Vec<String> { keys.iter().filter_map(|key| inventory.sentence_on(key)).collect() };
    let service = || match platform {
        Some(platform) if platform.is_managed() && benchmark.target(Target::Master).is_none() => {
            vec![format!("{}: this section of {} is about the service", platform.title(), benchmark.name)]
        }
        _ => Vec::new(),
    };
    let worker = if platform == Some(Platform::ExternalEtcd) { Vec::new() } else { of(&["kubelet", "proxy"]) };
    let control_plane = of(&CONTROL_PLANE);
    let of_master = match platform {
        Some(platform @ Platform::ExternalEtcd) => {
            vec![format!("{}: etcd's files are in this target", platform.title())]
        }
        _ => control_plane.clone(),
    };
    [
        (Target::Master, of_master),
        (Target::ControlPlane, if control_plane.is_empty() { service() } else { control_plane }),
        (Target::Etcd, of(&["etcd"])),
        (Target::Node, worker),
        (Target::Policies, vec!["policies are about the cluster, whatever a node does".to_owned()]),
        (Target::ManagedServices, service()),
    ]
    .into_iter()
    .filter(|(target, evidence)| !evidence.is_empty() && benchmark.target(*target).is_some())
    .map(|(target, evidence)| DetectedTarget { target, evidence })
    .collect()
}
