//! Roles and bindings in critical namespaces: foreign ones, and shipped ones that were changed.

use super::evidence::Evidence;
use super::shipped::{Compared, Own};
use super::verdict::{Verdict, seen, unknown};
use crate::LabelSelector;
use crate::policy::rights::granted::named;
use crate::policy::{Judgement, Seen};
use crate::rbac::{Binding, Role};

/// The labels by which Cluster API's aggregated roles select others; the third is spelled like this upstream.
const AGGREGATING: [&str; 3] = [
    "cluster.x-k8s.io/aggregate-to-manager",
    "kubeadm.controlplane.cluster.x-k8s.io/aggregate-to-manager",
    "capv.infrastucture.cluster.x-k8s.io/aggregate-to-manager",
];

/// A verdict about roles and bindings, which every cluster has.
pub(super) fn of_rights(evidence: &Evidence<'_>) -> Verdict {
    let mut verdict = Verdict::default();
    verdict.applies();
    if let Some(reason) = evidence.rbac.missing().first() {
        verdict.misses(reason.clone());
    }
    verdict
}

pub(super) fn never() -> probe::Reason {
    unknown("roles", "none")
}

/// Roles in critical namespaces that neither EKS Anywhere nor Kubernetes ships.
pub(super) fn foreign_roles(evidence: &Evidence<'_>) -> Judgement {
    let (own, mut verdict) = (evidence.own(), of_rights(evidence));
    for role in evidence.rbac.roles().filter(|role| own.is_critical(&role.metadata.namespace)) {
        match own.role(role) {
            Some(more) if more.is_empty() => {}
            Some(more) => verdict.fails(changed(evidence, role, &more)),
            None => {
                let all: Vec<usize> = (0..role.rules.len()).collect();
                verdict.fails(with_rules(evidence, role, &all, "not shipped with the cluster".to_owned()));
            }
        }
    }
    verdict.judged(never)
}

fn with_rules(evidence: &Evidence<'_>, role: &Role, rules: &[usize], found: String) -> Seen {
    let path = evidence.rbac.role_path(role, rules).split_off(1);
    Seen { object: role.object(), part: None, path, found }
}

fn changed(evidence: &Evidence<'_>, role: &Role, more: &[usize]) -> Seen {
    with_rules(evidence, role, more, "grants more than it is shipped with".to_owned())
}

/// Bindings in critical namespaces with foreign subjects.
pub(super) fn foreign_role_bindings(evidence: &Evidence<'_>) -> Judgement {
    let (own, mut verdict) = (evidence.own(), of_rights(evidence));
    let rbac = evidence.rbac;
    for id in rbac.bindings() {
        let binding = rbac.binding(id);
        if !own.is_critical(&binding.metadata.namespace) {
            continue;
        }
        let how = match own.binding(binding) {
            Compared::Shipped(_) => continue,
            Compared::Changed(how) => Some(how),
            Compared::Foreign => None,
        };
        for who in named(binding) {
            let found = format!("bound to {} {}", binding.role_ref.kind, binding.role_ref.name);
            let found =
                how.as_ref().map_or(found.clone(), |how| format!("{found} (changed from what is shipped: {how})"));
            let seen = Seen { part: Some(who.to_string()), ..seen(&binding.object(), found) };
            verdict.adds(seen, own.subject(&who));
        }
    }
    verdict.judged(never)
}

/// Shipped roles and bindings are unchanged.
pub(super) fn own_rights(evidence: &Evidence<'_>) -> Judgement {
    let (own, mut verdict) = (evidence.own(), of_rights(evidence));
    let rbac = evidence.rbac;
    for id in rbac.bindings() {
        let binding = rbac.binding(id);
        match own.binding(binding) {
            Compared::Changed(how) => verdict.fails(seen(&binding.object(), format!("changed: {how}"))),
            Compared::Shipped(_) if rbac.dangles(binding) => verdict.notes(dangling(binding)),
            Compared::Shipped(_) if rbac.role_of(binding).is_none() => {
                verdict.misses(unknown(
                    binding.object(),
                    "its role was not listed (grant permission to list roles and clusterroles)",
                ));
            }
            Compared::Shipped(_) | Compared::Foreign => {}
        }
    }
    for role in rbac.roles() {
        if let Some(more) = own.role(role).filter(|more| !more.is_empty()) {
            verdict.fails(changed(evidence, role, &more));
        }
    }
    verdict.judged(never)
}

fn dangling(binding: &Binding) -> Seen {
    let role = &binding.role_ref;
    seen(&binding.object(), format!("{} {} does not exist; creating it would grant its rules", role.kind, role.name))
}

/// `ClusterRoles` that Cluster API's aggregated roles select and that are not shipped.
pub(super) fn aggregation(evidence: &Evidence<'_>) -> Judgement {
    let (own, mut verdict) = (evidence.own(), of_rights(evidence));
    let selectors: Vec<&LabelSelector> =
        evidence.rbac.roles().filter(|role| is_own(&own, role)).flat_map(selectors).collect();
    for role in evidence.rbac.roles().filter(|role| role.metadata.namespace.is_empty()) {
        let labels = &role.metadata.labels;
        let label = AGGREGATING.iter().find(|label| labels.get(**label).is_some_and(|value| value == "true"));
        let is_collected =
            label.is_some() || selectors.iter().any(|selector| !selector.is_everything() && selector.selects(labels));
        if !is_collected || own.aggregated.contains(&role.metadata.name) {
            continue;
        }
        let found = label
            .map_or_else(|| "is collected by an aggregated role".to_owned(), |label| format!("label {label}: true"));
        let all: Vec<usize> = (0..role.rules.len()).collect();
        verdict.fails(with_rules(evidence, role, &all, found));
    }
    verdict.judged(never)
}

fn is_own(own: &Own<'_>, role: &Role) -> bool {
    role.metadata.namespace.is_empty() && own.role(role).is_some()
}

fn selectors(role: &Role) -> impl Iterator<Item = &LabelSelector> {
    role.aggregation_rule.iter().flat_map(|rule| &rule.cluster_role_selectors)
}
