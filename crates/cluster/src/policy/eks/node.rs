//! Access to nodes, from the cluster's objects and from one of the nodes.

use probe::Reason;

use super::{Evidence, judged, seen};
use crate::policy::{Judgement, Outcome};

/// Observations on one node about access that the API does not show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeAccess {
    /// The node's name; empty if no node of this cluster was inspected.
    pub name: String,
    /// What starts an SSH server on the node, if anything.
    pub ssh: Option<String>,
    /// How each API server on the node authorizes requests.
    pub authorization: Vec<Result<Authorization, Reason>>,
    /// A note about other API servers that were not inspected, if any.
    pub other_servers: Option<String>,
}

/// How an API server authorizes requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authorization {
    /// Where this is set.
    pub source: String,
    /// The modes in order, such as `Node` and `RBAC`.
    pub modes: Vec<String>,
}

/// Turns a pass into manual.
fn weighed(judgement: Judgement) -> Judgement {
    match judgement.outcome {
        Outcome::Pass => Judgement { outcome: Outcome::Manual, ..judgement },
        _ => judgement,
    }
}

/// The objects that request node ports, or load balancers open to all addresses. Whether these are reachable is up to
/// security groups.
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

/// Whether the node starts an SSH server. This does not show who can reach it, so the control stays manual.
pub(super) fn ssh(evidence: &Evidence<'_>) -> Judgement {
    let NodeAccess { name, ssh, .. } = evidence.node;
    let noted = match ssh {
        _ if name.is_empty() => Vec::new(),
        Some(how) => vec![seen("Node", "", name, format!("an SSH server is started by {how}"))],
        None => vec![seen("Node", "", name, "no unit starts an SSH server")],
    };
    weighed(judged(Vec::new(), noted, None))
}
