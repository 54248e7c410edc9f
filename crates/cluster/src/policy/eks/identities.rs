//! Who has access, and by which means.

use super::{Evidence, judged, seen};
use crate::policy::workloads::ServiceAccount;
use crate::policy::{Judgement, Outcome};

/// Only roles are mapped to administrators.
pub(super) fn administrators(evidence: &Evidence<'_>) -> Judgement {
    judged(evidence.identities.others.clone(), evidence.identities.roles.clone(), evidence.identities_gap)
}

/// RBAC authorizes requests, as on every EKS cluster. Elsewhere, the API server's arguments on the node decide.
pub(super) fn authorization(evidence: &Evidence<'_>) -> Judgement {
    if evidence.distribution == Some("eks") {
        return judged(Vec::new(), vec![seen("", "", "", "authorization is managed by EKS: RBAC, and no ABAC")], None);
    }
    let noted = vec![seen("", "", "", "not EKS: --authorization-mode of the API server decides")];
    let judgement = judged(Vec::new(), noted, evidence.nodes.missing.as_ref());
    // Nodes that were not listed may be EKS nodes.
    if judgement.outcome == Outcome::Pass { Judgement { outcome: Outcome::Manual, ..judgement } } else { judgement }
}

/// Service accounts name no Secrets with tokens.
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

/// The network plugin has its own role, through its service account.
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
