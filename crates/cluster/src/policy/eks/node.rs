//! What is open of nodes, as far as objects and one of the nodes show it.

use probe::Reason;

use super::{Evidence, judged, seen};
use crate::policy::{Judgement, Outcome};

/// What one node of a cluster shows of access that the API does not show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeAccess {
    /// The node's name; empty where none was looked at that is known to be of the cluster.
    pub name: String,
    /// What starts an SSH server there, where something does.
    pub ssh: Option<String>,
    /// How each API server on it authorizes requests.
    pub authorization: Vec<Result<Authorization, Reason>>,
    /// That other API servers were not seen.
    pub other_servers: Option<String>,
}

/// How an API server authorizes requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authorization {
    /// Where that is set.
    pub source: String,
    /// The modes, in order: `Node`, `RBAC`.
    pub modes: Vec<String>,
}

/// A judgement that leaves the rest to a person.
fn weighed(judgement: Judgement) -> Judgement {
    match judgement.outcome {
        Outcome::Pass => Judgement { outcome: Outcome::Manual, ..judgement },
        _ => judgement,
    }
}

/// What asks for ports of nodes, or for load balancers that everybody reaches. Whether they are reached, security groups
/// decide.
pub(super) fn ports(evidence: &Evidence<'_>) -> Judgement {
    let (mut noted, mut gap) = (Vec::new(), evidence.services.missing.clone());
    if let Some(Judgement { outcome, offenders, .. }) = (evidence.host_ports)() {
        noted.extend(offenders);
        if let Outcome::Unknown(reason) = outcome {
            gap.get_or_insert(reason);
        }
    }
    for service in &evidence.services.items {
        let spec = &service.spec;
        let found = match spec.kind.as_str() {
            "NodePort" => "NodePort: a port of each node",
            "LoadBalancer" if spec.load_balancer_source_ranges.is_empty() => {
                "LoadBalancer without loadBalancerSourceRanges: for every address, unless its security group says otherwise"
            }
            _ => continue,
        };
        noted.push(seen("Service", &service.metadata.namespace, &service.metadata.name, found));
    }
    weighed(judged(Vec::new(), noted, gap.as_ref()))
}

/// Whether a node starts an SSH server, which says nothing of who reaches it.
pub(super) fn ssh(evidence: &Evidence<'_>) -> Judgement {
    let NodeAccess { name, ssh, .. } = evidence.node;
    let noted = match ssh {
        _ if name.is_empty() => Vec::new(),
        Some(how) => vec![seen("Node", "", name, format!("an SSH server is started by {how}"))],
        None => vec![seen("Node", "", name, "no unit starts an SSH server")],
    };
    weighed(judged(Vec::new(), noted, None))
}
