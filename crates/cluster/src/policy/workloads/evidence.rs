//! The input of all controls.

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

/// Tells whether a service account, given by namespace and name, has more rights than every authenticated user; or why
/// that is unknown.
pub type Rights<'a> = dyn Fn(&str, &str) -> Result<bool, Reason> + 'a;

/// What is known about a cluster.
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
    /// The ARNs of the roles of nodes, as far as they are known.
    pub node_roles: &'a [String],
    /// The names of custom resource definitions: `externalsecrets.external-secrets.io`.
    pub definitions: &'a Listed<String>,
    /// Exemptions of workloads.
    pub exemptions: &'a [WorkloadExemption],
    /// What nodes of the cluster show that the API does not.
    pub node: &'a NodeEvidence,
    /// Parameters, and the version.
    pub settings: Settings,
}

/// What nodes of a cluster show that the API does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeEvidence {
    /// The configuration of Pod Security admission.
    pub pod_security: PodSecurityAdmission,
    /// Whether kubelets have a default for seccomp.
    pub seccomp_default: SeccompDefault,
    /// Who gets in, and by what requests are authorized.
    pub access: NodeAccess,
}

/// Which kubelets are known to set `seccompDefault: true`, so that pods there have the profile of the container runtime
/// where they set none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SeccompDefault {
    /// None.
    #[default]
    NotSeen,
    /// That of the node of this name, which is one of several.
    On(String),
    /// That of the only node there is.
    Everywhere(String),
}

/// Parameters, and the version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Whether namespaces must also enforce the controls of pods.
    pub strict: bool,
    /// Whether each namespace needs a network policy that denies by default.
    pub default_deny: bool,
    /// The minor version of Kubernetes.
    pub kubernetes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { strict: false, default_deny: false, kubernetes: crate::pods::standard::NEWEST }
    }
}
