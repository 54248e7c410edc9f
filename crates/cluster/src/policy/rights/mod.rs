//! The controls decided by RBAC.

mod administrators;
mod approvers;
mod cluster_wide;
mod collected;
mod exempted;
pub(super) mod granted;
mod masters;
pub(super) mod wanted;
mod wildcards;

use super::exemption::Exemption;
use super::{Judgement, Seen};
use crate::rbac::Rbac;

/// The input of the controls.
#[derive(Debug, Clone, Copy)]
pub struct Rights<'a> {
    /// The cluster's roles and bindings.
    pub rbac: &'a Rbac,
    /// The exemptions that apply on the cluster's platform.
    pub exemptions: &'a [Exemption],
    /// Namespaces whose administrators can take over the cluster: `kube-system`, and those of the platform's
    /// components. A trailing `*` matches any suffix.
    pub critical_namespaces: &'a [String],
    /// References to the group `system:masters` outside RBAC, such as entries of `aws-auth`.
    pub masters: &'a [Seen],
}

/// The keys of the controls.
pub const CONTROLS: [&str; 12] = [
    "rbac/cluster-wide-writes",
    "rbac/cluster-admin",
    "rbac/secrets-access",
    "rbac/wildcards",
    "rbac/create-pods",
    "rbac/system-masters",
    "rbac/bind-impersonate-escalate",
    "rbac/create-persistent-volumes",
    "rbac/node-proxy",
    "rbac/approve-certificates",
    "rbac/webhook-configurations",
    "rbac/create-tokens",
];

/// Judges the control with this key; `None` if it is not in [`CONTROLS`].
pub fn judge(control: &str, rights: &Rights) -> Option<Judgement> {
    Some(match control {
        "rbac/cluster-admin" => administrators::judge(rights),
        "rbac/cluster-wide-writes" => cluster_wide::judge(rights),
        "rbac/wildcards" => wildcards::judge(rights),
        "rbac/system-masters" => masters::judge(rights),
        "rbac/approve-certificates" => approvers::judge(rights),
        _ => granted::judge(control, wanted::of(control)?, rights),
    })
}

impl Rights<'_> {
    /// Whether `namespace` is critical.
    fn is_critical(&self, namespace: &str) -> bool {
        self.critical_namespaces.iter().any(|critical| match critical.strip_suffix('*') {
            Some(start) => namespace.starts_with(start),
            None => namespace == critical,
        })
    }
}
