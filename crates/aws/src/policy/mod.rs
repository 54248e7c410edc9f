//! The controls decided by AWS evidence: one predicate each, all pure functions.

mod access;
mod cluster_settings;
mod denied;
mod inquiry;
mod instances;
mod interfaces;
mod node_groups;
mod registry;
mod roles;
mod trust;
mod vpc;

use cluster::policy::Judgement;

use crate::call::{CALLS, Collected};
use crate::evidence::Evidence;

use inquiry::Inquiry;

/// The parameters of a control, and other data about the cluster.
#[derive(Debug, Clone, Copy, Default)]
pub struct Settings<'s> {
    /// The instance IDs (`i-…`) of the cluster's nodes, if its nodes were listed.
    pub nodes: Option<&'s [String]>,
    /// The names of the images in its pods (`HOST/PATH`) without the platform's own, if its pods were listed.
    pub images: Option<&'s [String]>,
    /// The hop limit for instance metadata tokens; `None` means 1.
    pub hop_limit: Option<u64>,
}

type Predicate = fn(&mut Inquiry<'_>);

/// The predicates decided by AWS evidence, by name.
const TABLE: [(&str, Predicate); 22] = [
    ("aws/access-entries", access::entries),
    ("aws/administrators", access::administrators),
    ("aws/audit-logs", cluster_settings::audit_logs),
    ("aws/authentication", access::authentication),
    ("aws/control-plane-logs", cluster_settings::control_plane_logs),
    ("aws/endpoint-access", cluster_settings::endpoint_access),
    ("aws/envelope-encryption", cluster_settings::envelope_encryption),
    (SCANNING, registry::scanning),
    ("aws/instance-metadata", instances::metadata),
    ("aws/network-plugin-role", access::network_plugin_role),
    ("aws/node-ingress", instances::ingress),
    ("aws/node-registry-access", roles::registry_access),
    ("aws/node-role", roles::node_role),
    ("aws/node-ssh", node_groups::ssh),
    ("aws/own-security-groups", interfaces::own_security_groups),
    ("aws/private-endpoint", cluster_settings::private_endpoint),
    ("aws/private-nodes", instances::private),
    ("aws/restricted-endpoint", cluster_settings::restricted_endpoint),
    ("aws/role-trust", trust::service_accounts),
    ("aws/secrets-encryption", cluster_settings::secrets_encryption),
    ("aws/storage-encryption", vpc::storage_encryption),
    ("aws/vpc-dns", vpc::dns),
];

/// The predicates, by name.
pub const PREDICATES: [&str; TABLE.len()] = {
    let mut names = [""; TABLE.len()];
    let mut at = 0;
    while at < TABLE.len() {
        names[at] = TABLE[at].0;
        at += 1;
    }
    names
};

/// Judges the whole account, unless the images that the cluster uses are known.
const SCANNING: &str = "aws/image-scanning";

/// The predicates that need the evidence to be about this cluster.
pub(crate) const OF_CLUSTER: &[&str] = &[
    "aws/access-entries",
    "aws/administrators",
    "aws/audit-logs",
    "aws/authentication",
    "aws/control-plane-logs",
    "aws/endpoint-access",
    "aws/envelope-encryption",
    "aws/instance-metadata",
    "aws/network-plugin-role",
    "aws/node-ingress",
    "aws/node-registry-access",
    "aws/node-role",
    "aws/node-ssh",
    "aws/own-security-groups",
    "aws/private-endpoint",
    "aws/private-nodes",
    "aws/restricted-endpoint",
    "aws/role-trust",
    "aws/secrets-encryption",
    "aws/vpc-dns",
];

/// Evaluates the predicate of this name; `None` if there is none.
pub fn judge(predicate: &str, evidence: &Evidence, settings: Settings<'_>) -> Option<Judgement> {
    let (_, decide) = TABLE.iter().find(|(name, _)| *name == predicate)?;
    let mut inquiry = Inquiry::new(evidence, settings);
    // If its pods were listed, the cluster determines which repositories count.
    let is_of_cluster = OF_CLUSTER.contains(&predicate) || (predicate == SCANNING && settings.images.is_some());
    if is_of_cluster && let Some(reason) = inquiry.of_another_cluster() {
        inquiry.gap(reason);
    } else {
        decide(&mut inquiry);
    }
    Some(inquiry.judgement())
}

/// The calls that a predicate needs.
pub fn calls_for(predicate: &str) -> impl Iterator<Item = &'static Collected> {
    CALLS.iter().filter(move |collected| collected.needed_by.contains(&predicate))
}
