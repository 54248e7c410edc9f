//! Network policies of namespaces.

use std::collections::BTreeMap;

use super::calico_selector::{Label, selects};
use super::evidence::Evidence;
use super::lists::{Namespace, is_users};
use super::network_objects::{CalicoPolicySpec, CiliumPolicy, CiliumRule, NetworkPolicySpec};
use super::verdict::{Verdict, seen};
use crate::policy::Judgement;
use crate::selector::{LabelSelector, Requirement};

/// The key of [`network_policies`].
pub(super) const NETWORK_POLICIES: &str = "workloads/network-policies";

/// Each user namespace with pods is covered by a network policy.
pub(super) fn network_policies(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::new(NETWORK_POLICIES, evidence);
    let known: BTreeMap<&str, &Namespace> =
        evidence.namespaces.items.iter().map(|namespace| (namespace.metadata.name.as_str(), namespace)).collect();
    let own = own_policies(evidence);
    let networks = evidence.networks;
    let gap = [
        &networks.policies.missing,
        &networks.cilium.missing,
        &networks.cilium_clusterwide.missing,
        &networks.calico.missing,
        &networks.calico_global.missing,
    ]
    .into_iter()
    .find_map(Option::as_ref);
    for name in evidence.pods.namespaces().into_iter().filter(|name| is_users(name)) {
        let unknown = Namespace { metadata: crate::Meta { name: name.to_owned(), ..crate::Meta::default() } };
        let namespace = known.get(name).copied().unwrap_or(&unknown);
        let Coverage { covers, selects_some } = own.get(name).copied().unwrap_or_default();
        if covers || is_covered_globally(evidence, namespace) {
            continue;
        }
        // The labels of an unlisted namespace are unknown.
        let unseen = evidence.namespaces.missing.as_ref().filter(|_| !known.contains_key(name));
        if let Some(reason) = gap.or(unseen) {
            verdict.misses(Some(reason));
            continue;
        }
        let wanted = if evidence.settings.default_deny { "denies by default" } else { "selects all pods" };
        let found = if selects_some {
            format!("network policies: some, but none that {wanted}")
        } else {
            format!("network policies: none, expected one that {wanted}")
        };
        verdict.offends(seen("Namespace", "", name, found));
    }
    verdict.misses(evidence.pods.gap());
    verdict.judgement()
}

/// How far policies cover a namespace's pods.
#[derive(Clone, Copy, Default)]
struct Coverage {
    covers: bool,
    selects_some: bool,
}

/// The coverage of each namespace with policies.
fn own_policies<'a>(evidence: &Evidence<'a>) -> BTreeMap<&'a str, Coverage> {
    let deny = evidence.settings.default_deny;
    let networks = evidence.networks;
    let kubernetes = networks.policies.items.iter().map(|policy| {
        let covers = policy.spec.pod_selector.is_everything() && (!deny || denies(&policy.spec));
        (&policy.metadata.namespace, covers)
    });
    let cilium = networks.cilium.items.iter().map(|policy| {
        let covers = rules(policy).any(|rule| {
            rule.endpoint_selector.as_ref().is_some_and(LabelSelector::is_everything) && (!deny || cilium_denies(rule))
        });
        (&policy.metadata.namespace, covers)
    });
    let calico = networks.calico.items.iter().map(|policy| {
        let everything = selects(&policy.spec.selector, &|_| Label::Unknown) == Some(true);
        let covers = everything && is_for_all_accounts(&policy.spec) && (!deny || calico_denies(&policy.spec));
        (&policy.metadata.namespace, covers)
    });
    let mut all: BTreeMap<&str, Coverage> = BTreeMap::new();
    for (namespace, covers) in kubernetes.chain(cilium).chain(calico) {
        let coverage = all.entry(namespace.as_str()).or_default();
        coverage.covers |= covers;
        coverage.selects_some = true;
    }
    all
}

fn is_covered_globally(evidence: &Evidence<'_>, namespace: &Namespace) -> bool {
    let deny = evidence.settings.default_deny;
    let networks = evidence.networks;
    let labels = namespace.labels();
    let name = namespace.metadata.name.as_str();
    let of_cilium = of_cilium(&labels, name);
    let by_cilium = networks.cilium_clusterwide.items.iter().flat_map(rules).any(|rule| {
        let selects_all = rule.endpoint_selector.as_ref().is_some_and(|selector| covers(selector, &of_cilium));
        selects_all && (!deny || cilium_denies(rule))
    });
    let of_namespace = |key: &str| match (key, labels.get(key)) {
        ("projectcalico.org/name", _) => Label::Value(name),
        (_, Some(value)) => Label::Value(value),
        (_, None) => Label::Missing,
    };
    let of_pod = |key: &str| match key {
        "projectcalico.org/namespace" => Label::Value(name),
        "projectcalico.org/orchestrator" => Label::Value("k8s"),
        _ => key.strip_prefix("pcns.").map_or(Label::Unknown, of_namespace),
    };
    by_cilium
        || networks.calico_global.items.iter().map(|policy| &policy.spec).any(|spec| {
            selects(&spec.namespace_selector, &of_namespace) == Some(true)
                && selects(&spec.selector, &of_pod) == Some(true)
                && is_for_all_accounts(spec)
                && !spec.pre_dnat
                && !spec.do_not_track
                && (!deny || calico_denies(spec))
        })
}

fn rules(policy: &CiliumPolicy) -> impl Iterator<Item = &CiliumRule> {
    policy.spec.iter().chain(&policy.specs)
}

/// The prefix of the namespace's labels among a pod's labels in Cilium.
const NAMESPACE_LABELS: &str = "io.cilium.k8s.namespace.labels.";
/// The label for the namespace's name among a pod's labels in Cilium.
const NAMESPACE_NAME: &str = "io.kubernetes.pod.namespace";

/// The labels that Cilium sets on all pods in a namespace.
fn of_cilium<'a>(labels: &BTreeMap<&'a str, &'a str>, name: &'a str) -> BTreeMap<String, &'a str> {
    let own = labels.iter().map(|(key, value)| (format!("{NAMESPACE_LABELS}{key}"), *value));
    own.chain([(NAMESPACE_NAME.to_owned(), name)]).collect()
}

/// Whether a Cilium selector selects all pods in a namespace, which is possible only through the namespace's labels.
fn covers(selector: &LabelSelector, of_namespace: &BTreeMap<String, &str>) -> bool {
    let plain = |key: &str| {
        let key = ["k8s:", "any:"].iter().find_map(|source| key.strip_prefix(source)).unwrap_or(key);
        (key.starts_with(NAMESPACE_LABELS) || key == NAMESPACE_NAME).then(|| key.to_owned())
    };
    let mut known = LabelSelector::default();
    for (key, value) in &selector.match_labels {
        let Some(key) = plain(key) else { return false };
        known.match_labels.insert(key, value.clone());
    }
    for requirement in &selector.match_expressions {
        let Some(key) = plain(&requirement.key) else { return false };
        known.match_expressions.push(Requirement { key, ..requirement.clone() });
    }
    known.selects(&of_namespace.iter().map(|(key, value)| (key.as_str(), *value)).collect())
}

fn is_for_all_accounts(spec: &CalicoPolicySpec) -> bool {
    matches!(spec.service_account_selector.trim(), "" | "all()")
}

/// Whether the policy denies ingress that no rule allows.
fn denies(spec: &NetworkPolicySpec) -> bool {
    let of_ingress = spec.policy_types.is_empty() || spec.policy_types.iter().any(|kind| kind == "Ingress");
    of_ingress && !spec.ingress.iter().any(|rule| !rule.from && !rule.ports)
}

fn cilium_denies(rule: &CiliumRule) -> bool {
    let everything = rule
        .ingress
        .iter()
        .flatten()
        .any(|ingress| !ingress.to_ports && ingress.from_entities.iter().any(|entity| entity == "all"));
    rule.enable_default_deny.ingress != Some(false) && (rule.ingress.is_some() || rule.ingress_deny) && !everything
}

fn calico_denies(spec: &CalicoPolicySpec) -> bool {
    let of_ingress = match spec.types.as_slice() {
        [] => !spec.ingress.is_empty() || !spec.egress,
        types => types.iter().any(|kind| kind == "Ingress"),
    };
    let everything =
        spec.ingress.iter().any(|rule| rule.action == "Allow" && !rule.source && !rule.destination && !rule.protocol);
    of_ingress && !everything
}
