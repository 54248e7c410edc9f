//! The EKS Anywhere controls that are decided on the management cluster. A finding about a managed cluster names it.

mod audit;
mod bottlerocket;
mod certificates;
mod credentials;
mod evidence;
mod gitops;
mod identities;
mod machines;
mod reach;
mod releases;
mod rights;
mod shipped;
mod specification;
mod support;
mod tinkerbell;
mod verdict;
mod webhooks;

pub use evidence::Evidence;
pub use shipped::Shipped;
pub use support::Support;

use super::Judgement;

type Predicate = for<'a, 'e> fn(&'a Evidence<'e>) -> Judgement;

/// The controls by key.
const ALL: [(&str, Predicate); 36] = [
    ("eks-anywhere/aggregation", rights::aggregation),
    ("eks-anywhere/audit-policy", audit::policy),
    ("eks-anywhere/bmc-tls", tinkerbell::bmc_tls),
    ("eks-anywhere/bottlerocket-version", bottlerocket::version),
    ("eks-anywhere/cluster-admin", reach::cluster_admin),
    ("eks-anywhere/credential-readers", reach::credential_readers),
    ("eks-anywhere/credentials-outside-secrets", credentials::outside_secrets),
    ("eks-anywhere/encryption-at-rest", credentials::encryption),
    ("eks-anywhere/endpoint", specification::endpoint),
    ("eks-anywhere/foreign-cluster-roles", reach::foreign_cluster_roles),
    ("eks-anywhere/foreign-role-bindings", rights::foreign_role_bindings),
    ("eks-anywhere/foreign-roles", rights::foreign_roles),
    ("eks-anywhere/foreign-webhooks", webhooks::foreign),
    ("eks-anywhere/git-transport", gitops::transport),
    ("eks-anywhere/gitops-branch", gitops::branch),
    ("eks-anywhere/image-origin", machines::image_origin),
    ("eks-anywhere/irsa", specification::irsa),
    ("eks-anywhere/kubernetes-support", releases::kubernetes),
    ("eks-anywhere/kustomizations", gitops::kustomizations),
    ("eks-anywhere/mapped-administrators", identities::administrators),
    ("eks-anywhere/mapping-drift", identities::drift),
    ("eks-anywhere/mirror-verification", specification::mirror),
    ("eks-anywhere/oidc", identities::oidc),
    ("eks-anywhere/own-rights", rights::own_rights),
    ("eks-anywhere/packages", specification::packages),
    ("eks-anywhere/paused-control-planes", certificates::paused),
    ("eks-anywhere/policy-mode", specification::policy_mode),
    ("eks-anywhere/provider-tls", machines::provider_tls),
    ("eks-anywhere/served-certificates", certificates::served),
    ("eks-anywhere/signed-bundle", releases::signature),
    ("eks-anywhere/ssh-keys", machines::ssh_keys),
    ("eks-anywhere/tinkerbell-exposure", tinkerbell::exposure),
    ("eks-anywhere/update-operator", bottlerocket::operator),
    ("eks-anywhere/version", releases::version),
    ("eks-anywhere/version-skew", releases::skew),
    ("eks-anywhere/webhook-protection", webhooks::protection),
];

/// The keys of the controls.
pub fn controls() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|(key, _)| *key)
}

/// Judges the control with this key; `None` if it is not one of [`controls`].
pub fn judge(control: &str, evidence: &Evidence<'_>) -> Option<Judgement> {
    ALL.iter().find(|(key, _)| *key == control).map(|(_, predicate)| predicate(evidence))
}
