//! What a node does in its cluster, as the targets of a benchmark.

use crate::plan::census::{Census, Presence};
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
pub fn targets(census: &Census<'_>, platform: Option<Platform>, benchmark: &Benchmark) -> Vec<DetectedTarget> {
    let of = |keys: &[&str]| -> Vec<String> { keys.iter().filter_map(|key| presence(census, key)).collect() };
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

/// That a component is on this node, as a sentence; none where it is not, or that is not known.
pub(super) fn presence(census: &Census<'_>, component: &str) -> Option<String> {
    let name = census.library.components.get(component).map_or(component, |component| component.name.as_str());
    match census.presence.get(component)? {
        Presence::Running => {
            let pids: Vec<String> = census.of(component).iter().map(|instance| instance.pid.to_string()).collect();
            let word = if pids.len() == 1 { "process" } else { "processes" };
            Some(format!("{name} runs ({word} {})", pids.join(", ")))
        }
        Presence::Installed(path) if census.unlisted.is_some() => {
            Some(format!("{name} belongs here, since {path} is there"))
        }
        Presence::Installed(path) => Some(format!("{name} does not run, but {path} is there")),
        Presence::Embedded(program) => Some(format!("{name} is part of {program}")),
        Presence::Absent | Presence::Unknown(_) => None,
    }
}
