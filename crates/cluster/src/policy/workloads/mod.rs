//! Controls for workloads: pods, service accounts, namespaces, admission and network policies.
//!
//! [`PodFacts`] takes pods and workloads one at a time. Its [`PodSummary`] and other lists form the [`Evidence`] on
//! which [`judge`] decides each control.

mod accounts;
mod admission;
mod aws_roles;
mod calico_selector;
mod cni;
mod default_namespace;
mod engines;
mod evidence;
mod exempting;
mod finding;
mod fold;
mod images;
mod intern;
mod lists;
mod log;
mod manual;
mod mechanism;
mod network;
mod network_objects;
mod pod_controls;
mod pod_security;
mod predicates;
mod profile;
mod registries;
mod summary;
mod support;
mod tls;
mod verdict;

pub use crate::Listed;
pub use admission::{
    Admission, AdmissionPolicy, AdmissionPolicyBinding, AdmissionPolicyBindingSpec, AdmissionPolicySpec, ClientConfig,
    MatchResources, ResourceRule, ServiceReference, Webhook, WebhookConfiguration,
};
pub use cni::Cni;
pub use default_namespace::in_default;
pub use engines::{
    Constraint, ConstraintKinds, ConstraintMatch, ConstraintSpec, EnforcementPoint, Engines, Evaluation,
    EvaluationOfRequests, Kyverno, KyvernoFilter, KyvernoMatch, KyvernoOverride, KyvernoPolicy, KyvernoResources,
    KyvernoRule, KyvernoSpec, KyvernoValidation, ScopedEnforcementAction, ValidatingPolicy, ValidatingPolicySpec,
};
pub use evidence::{Evidence, NodeEvidence, Rights, SeccompDefault, Settings};
pub use fold::PodFacts;
pub use lists::{AccountKeys, Namespace, SecretName, ServiceAccount};
pub use network_objects::{
    CalicoPolicy, CalicoPolicySpec, CalicoRule, CiliumIngress, CiliumPolicy, CiliumRule, DefaultDeny, NetworkPolicy,
    NetworkPolicySpec, NetworkRule, Networks,
};
pub use pod_security::{PodSecurityAdmission, PodSecurityConfiguration};
pub use predicates::predicate;
pub use registries::{PlatformRegistries, Registries, images_of_users};
pub use summary::PodSummary;
pub use tls::Balancers;

use super::Judgement;

type Predicate = for<'a> fn(&'a Evidence<'a>) -> Judgement;

/// A control, and the lists that it needs in addition to those of pods.
struct Control {
    key: &'static str,
    needs_pods: bool,
    lists: &'static [&'static str],
    predicate: Predicate,
}

/// The lists needed to judge pods.
const PODS: [&str; 8] = [
    "pods",
    "replicationcontrollers",
    "deployments.apps",
    "daemonsets.apps",
    "statefulsets.apps",
    "replicasets.apps",
    "jobs.batch",
    "cronjobs.batch",
];

/// The lists of network policies.
const NETWORKS: [&str; 6] = [
    "namespaces",
    "networkpolicies.networking.k8s.io",
    "ciliumnetworkpolicies.cilium.io",
    "ciliumclusterwidenetworkpolicies.cilium.io",
    "networkpolicies.crd.projectcalico.org",
    "globalnetworkpolicies.crd.projectcalico.org",
];

const OTHERS: [Control; 17] = [
    Control {
        key: "pod-security/host-namespaces",
        needs_pods: true,
        lists: &[],
        predicate: pod_controls::host_namespaces,
    },
    Control { key: "pod-security/proc-mount", needs_pods: true, lists: &[], predicate: pod_controls::proc_mount },
    Control {
        key: "workloads/secrets-in-variables",
        needs_pods: true,
        lists: &[],
        predicate: pod_controls::secrets_in_variables,
    },
    Control {
        key: accounts::OWN_SERVICE_ACCOUNTS,
        needs_pods: true,
        lists: &[],
        predicate: accounts::own_service_accounts,
    },
    Control {
        key: mechanism::POLICY_MECHANISM,
        needs_pods: false,
        lists: &[
            "namespaces",
            "validatingadmissionpolicies.admissionregistration.k8s.io",
            "validatingadmissionpolicybindings.admissionregistration.k8s.io",
            "validatingwebhookconfigurations.admissionregistration.k8s.io",
            "clusterpolicies.kyverno.io",
            "policies.kyverno.io",
            "validatingpolicies.policies.kyverno.io",
            "namespacedvalidatingpolicies.policies.kyverno.io",
            "*.constraints.gatekeeper.sh",
        ],
        predicate: mechanism::policy_mechanism,
    },
    Control {
        key: accounts::TOKEN_MOUNTS,
        needs_pods: true,
        lists: &["serviceaccounts"],
        predicate: accounts::token_mounts,
    },
    Control {
        key: accounts::DEFAULT_SERVICE_ACCOUNTS,
        needs_pods: true,
        lists: &["serviceaccounts"],
        predicate: accounts::default_service_accounts,
    },
    Control {
        key: default_namespace::DEFAULT_NAMESPACE,
        needs_pods: true,
        lists: &[],
        predicate: default_namespace::default_namespace,
    },
    Control {
        key: network::NETWORK_POLICIES,
        needs_pods: true,
        lists: &NETWORKS,
        predicate: network::network_policies,
    },
    Control {
        key: "workloads/network-policy-support",
        needs_pods: true,
        lists: &[],
        predicate: support::network_policy_support,
    },
    Control {
        key: support::POLICIES_ENFORCED,
        needs_pods: true,
        lists: &NETWORKS,
        predicate: support::network_policies_enforced,
    },
    Control {
        key: registries::APPROVED_REGISTRIES,
        needs_pods: true,
        lists: &[],
        predicate: registries::approved_registries,
    },
    Control {
        key: aws_roles::SERVICE_ACCOUNT_ROLES,
        needs_pods: true,
        lists: &["serviceaccounts"],
        predicate: aws_roles::service_account_roles,
    },
    Control {
        key: tls::LOAD_BALANCER_TLS,
        needs_pods: false,
        lists: &["services", "ingresses.networking.k8s.io", "ingressclasses.networking.k8s.io"],
        predicate: tls::load_balancer_tls,
    },
    Control {
        key: "workloads/external-secrets",
        needs_pods: false,
        lists: &["customresourcedefinitions.apiextensions.k8s.io"],
        predicate: manual::external_secrets,
    },
    Control {
        key: "workloads/image-provenance",
        needs_pods: false,
        lists: &["validatingwebhookconfigurations.admissionregistration.k8s.io"],
        predicate: manual::image_provenance,
    },
    Control { key: "workloads/namespaces", needs_pods: true, lists: &["namespaces"], predicate: manual::namespaces },
];

fn other(control: &str) -> Option<&'static Control> {
    OTHERS.iter().find(|other| other.key == control)
}

/// The keys of all controls in this module.
pub fn controls() -> impl Iterator<Item = &'static str> {
    pod_controls::keys().chain(OTHERS.iter().map(|other| other.key))
}

/// Judges the control with this key; `None` if it is not one of [`controls`].
pub fn judge(control: &str, evidence: &Evidence<'_>) -> Option<Judgement> {
    match other(control) {
        Some(other) => Some((other.predicate)(evidence)),
        None => pod_controls::judge(control, evidence),
    }
}

/// The lists that a control needs, as `RESOURCE.GROUP`; `None` if it is not one of [`controls`]. For
/// `replicasets.apps` and `jobs.batch`, metadata suffices. Does not include RBAC for service accounts, the objects in
/// the namespace `default`, and namespaces if only [`Settings::strict`] needs them.
pub fn lists(control: &str) -> Option<Vec<&'static str>> {
    match other(control) {
        Some(other) if other.needs_pods => Some([&PODS, other.lists].concat()),
        Some(other) => Some(other.lists.to_vec()),
        None => pod_controls::keys().any(|key| key == control).then(|| PODS.to_vec()),
    }
}
