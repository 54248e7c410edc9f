//! The input of all workload controls.

use probe::Reason;

use super::admission::Admission;
use super::lists::{Namespace, ServiceAccount};
use super::network_objects::Networks;
use super::pod_security::PodSecurityAdmission;
use super::registries::Registries;
use super::summary::PodSummary;
use super::tls::Balancers;
use crate::Listed;
use crate::policy::ObjectName;
use crate::policy::eks::NodeAccess;
use crate::policy::exempt_workload::WorkloadExemption;

/// Returns whether a service account, given by namespace and name, has more rights than every authenticated user, or
/// why that is unknown.
pub type Rights<'a> = dyn Fn(&str, &str) -> Result<bool, Reason> + 'a;

/// The evidence about a cluster.
pub struct Evidence<'a> {
    /// Pods and workloads.
    pub pods: &'a PodSummary,
    /// The namespaces.
    pub namespaces: &'a Listed<Namespace>,
    /// The service accounts.
    pub accounts: &'a Listed<ServiceAccount>,
    /// The rights of service accounts.
    pub rights: &'a Rights<'a>,
    /// User objects in the namespace `default`, see [`in_default`](super::in_default).
    pub in_default: &'a Listed<ObjectName>,
    /// Admission policies and webhooks.
    pub admission: &'a Admission,
    /// Network policies.
    pub networks: &'a Networks,
    /// Services and ingresses.
    pub balancers: &'a Balancers,
    /// The registries that images may come from.
    pub registries: &'a Registries,
    /// The ARNs of the node roles, as far as known.
    pub node_roles: &'a [String],
    /// The names of custom resource definitions, such as `externalsecrets.external-secrets.io`.
    pub definitions: &'a Listed<String>,
    /// Exemptions of workloads.
    pub exemptions: &'a [WorkloadExemption],
    /// Observations on nodes, which the API does not show.
    pub node: &'a NodeEvidence,
    /// Parameters, and the Kubernetes version.
    pub settings: Settings,
}

/// Observations on nodes, which the API does not show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeEvidence {
    /// The configuration of Pod Security admission.
    pub pod_security: PodSecurityAdmission,
    /// The kubelets with a seccomp default.
    pub seccomp_default: SeccompDefault,
    /// SSH access, and how requests are authorized.
    pub access: NodeAccess,
}

/// The kubelets known to set `seccompDefault: true`, which gives pods without a seccomp profile the container
/// runtime's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SeccompDefault {
    /// No kubelet.
    #[default]
    NotSeen,
    /// The kubelet of the node with this name, one of several nodes.
    On(String),
    /// The kubelet of the only node.
    Everywhere(String),
}

/// Parameters, and the Kubernetes version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Whether namespaces must also enforce the pod controls.
    pub strict: bool,
    /// Whether each namespace needs a default-deny network policy.
    pub default_deny: bool,
    /// The Kubernetes minor version.
    pub kubernetes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { strict: false, default_deny: false, kubernetes: crate::pods::standard::NEWEST }
    }
}
