//! `rbac/cluster-wide-writes`: users and applications that can write in all namespaces.

use super::Rights;
use super::collected::Collected;
use super::exempted::{Exempted, Verdict};
use super::granted::{Powerful, found, granted, named};
use super::wanted::CLUSTER_WIDE_WRITES;
use crate::policy::{Judgement, Seen};
use crate::rbac::Who;

/// Name prefixes reserved for Kubernetes and EKS, which no other user can have.
const RESERVED: [&str; 2] = ["system:", "eks:"];

/// Groups of all users, whose names start with the same prefix.
const EVERYONE: [&str; 3] = ["system:authenticated", "system:unauthenticated", "system:serviceaccounts"];

/// The prefix of the group of all service accounts in a namespace.
const ACCOUNTS_OF: &str = "system:serviceaccounts:";

/// Judges cluster-wide bindings of roles that write namespaced resources.
pub(super) fn judge(rights: &Rights) -> Judgement {
    let rbac = rights.rbac;
    let powerful = Powerful::default();
    // Subjects exempt as cluster administrators may write too.
    let exempted = Exempted::new(rights.exemptions, "rbac/cluster-admin");
    let mut collected = Collected::default();
    for id in rbac.bindings() {
        let binding = rbac.binding(id);
        let Some(role) = rbac.role_of(binding).map(|id| rbac.role(id)) else { continue };
        if !binding.metadata.namespace.is_empty() {
            continue;
        }
        let foreign: Vec<Who> = named(binding).into_iter().filter(|who| is_foreign(who, rights)).collect();
        if foreign.is_empty() {
            continue;
        }
        let (counted, _) = granted(role, CLUSTER_WIDE_WRITES, true, &powerful);
        if counted.is_empty() {
            continue;
        }
        let path = rbac.role_path(role, &counted.rules);
        let exempt = match exempted.binding(binding, Some(role)) {
            Verdict::All(reason) => Some(reason),
            _ => None,
        };
        for who in foreign {
            let found = found(&in_short(&counted.words()), binding);
            let seen = Seen { object: binding.object(), part: Some(who.to_string()), path: path.clone(), found };
            collected.add(seen, exempt);
        }
    }
    collected.judged(rbac)
}

/// The first of a role's grants, and the number of further ones.
fn in_short(words: &str) -> String {
    const TOLD: usize = 3;
    let mut all = words.split("; ");
    let first: Vec<&str> = all.by_ref().take(TOLD).collect();
    match all.count() {
        0 => first.join("; "),
        more => format!("{}; +{more} more", first.join("; ")),
    }
}

/// Whether a subject is a user or an application, rather than part of Kubernetes or the platform.
fn is_foreign(who: &Who, rights: &Rights) -> bool {
    let is_reserved = |name: &str| RESERVED.iter().any(|beginning| name.starts_with(beginning));
    match who {
        Who::User(name) => name == "system:anonymous" || !is_reserved(name),
        Who::Group(name) => EVERYONE.contains(&name.as_str()) || name.starts_with(ACCOUNTS_OF) || !is_reserved(name),
        Who::ServiceAccount { namespace, .. } => !namespace.starts_with("kube-") && !rights.is_critical(namespace),
    }
}
