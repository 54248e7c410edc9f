//! The controls that RBAC decides: who has rights that lead to more than they seem to.

mod administrators;
mod approvers;
mod collected;
mod exempted;
mod granted;
mod masters;
mod wanted;
mod wildcards;

use super::exemption::Exemption;
use super::{Judgement, Seen};
use crate::rbac::Rbac;

/// What the controls are judged by.
#[derive(Debug, Clone, Copy)]
pub struct Rights<'a> {
    /// The cluster's roles and bindings.
    pub rbac: &'a Rbac,
    /// Those exemptions that hold on this platform.
    pub exemptions: &'a [Exemption],
    /// Namespaces whose administrator owns the cluster: `kube-system`, and those of the platform's own components. One
    /// that ends in `*` stands for all that start so.
    pub critical_namespaces: &'a [String],
    /// What names the group `system:masters` outside of RBAC: entries of `aws-auth`.
    pub masters: &'a [Seen],
}

/// The keys of the controls that are judged here.
pub const CONTROLS: [&str; 11] = [
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

/// Judges the control with this key; nothing where it is none of [`CONTROLS`].
pub fn judge(control: &str, rights: &Rights) -> Option<Judgement> {
    Some(match control {
        "rbac/cluster-admin" => administrators::judge(rights),
        "rbac/wildcards" => wildcards::judge(rights),
        "rbac/system-masters" => masters::judge(rights),
        "rbac/approve-certificates" => approvers::judge(rights),
        _ => granted::judge(control, wanted::of(control)?, rights),
    })
}

impl Rights<'_> {
    /// Whether who rules `namespace` owns the cluster.
    fn is_critical(&self, namespace: &str) -> bool {
        self.critical_namespaces.iter().any(|critical| match critical.strip_suffix('*') {
            Some(start) => namespace.starts_with(start),
            None => namespace == critical,
        })
    }
}
