//! Who has access, and how requests are authorized.

use probe::Reason;

use super::{Authorization, Evidence, NodeAccess, judged, seen};
use crate::policy::workloads::ServiceAccount;
use crate::policy::{Judgement, Outcome};

/// Only IAM roles are mapped to administrators.
pub(super) fn administrators(evidence: &Evidence<'_>) -> Judgement {
    judged(evidence.identities.others.clone(), evidence.identities.roles.clone(), evidence.identities_gap)
}

/// RBAC authorizes requests, as EKS configures it. On other platforms, the API servers' settings decide, as seen on
/// nodes.
pub(super) fn authorization(evidence: &Evidence<'_>) -> Judgement {
    if evidence.distribution == Some("eks") {
        return judged(Vec::new(), vec![seen("", "", "", "authorization is managed by EKS: RBAC, and no ABAC")], None);
    }
    let NodeAccess { name, authorization, other_servers, .. } = evidence.node;
    if !authorization.is_empty() {
        return by_servers(name, authorization, other_servers.as_deref());
    }
    let noted = vec![seen("", "", "", "not EKS: --authorization-mode of the API server decides")];
    let judgement = judged(Vec::new(), noted, evidence.nodes.missing.as_ref());
    // Unlisted nodes may be EKS nodes.
    if judgement.outcome == Outcome::Pass { Judgement { outcome: Outcome::Manual, ..judgement } } else { judgement }
}

/// Judges the settings of the API servers on a node. If there are others, a pass becomes manual.
fn by_servers(name: &str, servers: &[Result<Authorization, Reason>], others: Option<&str>) -> Judgement {
    let (mut offenders, mut noted, mut gap) = (Vec::new(), Vec::new(), None);
    for server in servers {
        match server {
            Err(why) => gap = gap.or(Some(why)),
            Ok(Authorization { source, modes }) => {
                let found = format!("{source}: {}", modes.join(", "));
                let has = |wanted: &str| modes.iter().any(|mode| mode == wanted);
                // A single mode suffices to allow a request.
                let fault = if has("ABAC") {
                    "ABAC is on"
                } else if has("AlwaysAllow") {
                    "every request is allowed"
                } else if has("RBAC") {
                    noted.push(seen("Node", "", name, found));
                    continue;
                } else {
                    "RBAC is not on"
                };
                offenders.push(seen("Node", "", name, format!("{found}: {fault}")));
            }
        }
    }
    noted.extend(others.map(|others| seen("", "", "", others)));
    let judgement = judged(offenders, noted, gap);
    match (&judgement.outcome, others) {
        (Outcome::Pass, Some(_)) => Judgement { outcome: Outcome::Manual, ..judgement },
        _ => judgement,
    }
}

/// Service accounts do not refer to Secrets with tokens.
pub(super) fn token_secrets(evidence: &Evidence<'_>) -> Judgement {
    let (mut offenders, mut noted) = (Vec::new(), Vec::new());
    for account in &evidence.accounts.items {
        let (namespace, name) = (&account.metadata.namespace, &account.metadata.name);
        let tokens: Vec<&str> = account.token_secrets().collect();
        for secret in &account.secrets {
            let found = format!("secrets: {}", secret.name);
            if tokens.contains(&secret.name.as_str()) {
                offenders.push(seen("ServiceAccount", namespace, name, found));
            } else {
                noted.push(seen("ServiceAccount", namespace, name, found));
            }
        }
    }
    judged(offenders, noted, evidence.accounts.missing.as_ref())
}

/// The network plugin has its own role, set on its service account.
pub(super) fn network_plugin_role(evidence: &Evidence<'_>) -> Judgement {
    let (namespace, name) = ("kube-system", "aws-node");
    let is_theirs =
        |account: &&ServiceAccount| account.metadata.namespace == namespace && account.metadata.name == name;
    let of_plugin = |found: &str| vec![seen("ServiceAccount", namespace, name, found)];
    match evidence.accounts.items.iter().find(is_theirs) {
        Some(account) if account.role().is_some_and(|role| !role.is_empty()) => {
            judged(Vec::new(), of_plugin("eks.amazonaws.com/role-arn is set"), None)
        }
        Some(_) => judged(of_plugin("eks.amazonaws.com/role-arn: not set"), Vec::new(), None),
        None => {
            let noted = of_plugin("not there: another network plugin, or EKS Auto Mode");
            judged(Vec::new(), noted, evidence.accounts.missing.as_ref())
        }
    }
}
