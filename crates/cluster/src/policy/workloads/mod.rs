//! Controls of workloads: pods, service accounts, namespaces, admission and network policies.
//!
//! [`PodFacts`] takes pods and workloads one at a time. Its [`PodSummary`] and the other lists are the [`Evidence`]
//! from which [`judge`] judges each control.

mod accounts;
mod admission;
mod calico_selector;
mod cni;
mod default_namespace;
mod evidence;
mod finding;
mod fold;
mod intern;
mod lists;
mod log;
mod manual;
mod mechanism;
mod network;
mod network_objects;
mod pod_controls;
mod profile;
mod selector;
mod summary;
mod support;
mod verdict;

pub use admission::{
    Admission, AdmissionPolicy, AdmissionPolicyBinding, AdmissionPolicyBindingSpec, AdmissionPolicySpec,
    MatchResources, ResourceRule, Webhook, WebhookConfiguration,
};
pub use cni::Cni;
pub use default_namespace::in_default;
pub use evidence::{Evidence, Rights, Settings};
pub use fold::PodFacts;
pub use lists::{Listed, Namespace, ServiceAccount};
pub use network_objects::{
    CalicoPolicy, CalicoPolicySpec, CalicoRule, CiliumIngress, CiliumPolicy, CiliumRule, DefaultDeny, NetworkPolicy,
    NetworkPolicySpec, NetworkRule, Networks,
};
pub use selector::{LabelSelector, Requirement};
pub use summary::PodSummary;

use super::Judgement;

type Predicate = for<'a> fn(&'a Evidence<'a>) -> Judgement;

const OTHERS: [(&str, Predicate); 9] = [
    (mechanism::POLICY_MECHANISM, mechanism::policy_mechanism),
    (accounts::TOKEN_MOUNTS, accounts::token_mounts),
    (accounts::DEFAULT_SERVICE_ACCOUNTS, accounts::default_service_accounts),
    (default_namespace::DEFAULT_NAMESPACE, default_namespace::default_namespace),
    (network::NETWORK_POLICIES, network::network_policies),
    ("workloads/network-policy-support", support::network_policy_support),
    ("workloads/external-secrets", manual::external_secrets),
    ("workloads/image-provenance", manual::image_provenance),
    ("workloads/namespaces", manual::namespaces),
];

/// The keys of all controls in this module.
pub fn controls() -> impl Iterator<Item = &'static str> {
    pod_controls::keys().chain(OTHERS.iter().map(|(key, _)| *key))
}

/// Judges a control by its key; `None` if it is not one of [`controls`].
pub fn judge(control: &str, evidence: &Evidence<'_>) -> Option<Judgement> {
    let other = OTHERS.iter().find(|(key, _)| *key == control);
    other.map(|(_, predicate)| predicate(evidence)).or_else(|| pod_controls::judge(control, evidence))
}
