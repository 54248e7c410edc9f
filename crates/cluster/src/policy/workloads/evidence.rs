//! All that the controls are judged by.

use probe::Reason;

use super::admission::Admission;
use super::lists::{Listed, Namespace, ServiceAccount};
use super::network_objects::Networks;
use super::summary::PodSummary;
use crate::pods::standard::Level;
use crate::policy::ObjectName;
use crate::policy::exempt_workload::WorkloadExemption;

/// Whether a service account (namespace, name) has rights beyond those of everybody who is authenticated; the reason where
/// that is not known.
pub type Rights<'a> = dyn Fn(&str, &str) -> Result<bool, Reason> + 'a;

/// What was seen of a cluster.
pub struct Evidence<'a> {
    /// Pods and what makes them.
    pub pods: &'a PodSummary,
    /// The namespaces.
    pub namespaces: &'a Listed<Namespace>,
    /// The service accounts.
    pub accounts: &'a Listed<ServiceAccount>,
    /// What service accounts may do.
    pub rights: &'a Rights<'a>,
    /// What is in the namespace `default`, besides pods and what makes them.
    pub in_default: &'a Listed<ObjectName>,
    /// Policies and webhooks.
    pub admission: &'a Admission,
    /// Network policies.
    pub networks: &'a Networks,
    /// The names of custom resource definitions: `externalsecrets.external-secrets.io`.
    pub definitions: &'a Listed<String>,
    /// Workloads that are exempt.
    pub exemptions: &'a [WorkloadExemption],
    /// How strict to be, and what is known of the cluster's components.
    pub settings: Settings,
}

/// How strict to be, and what is known of the cluster's components.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Whether namespaces must keep pods from doing what they do not do today.
    pub strict: bool,
    /// Whether each namespace must deny by default what no network policy allows.
    pub default_deny: bool,
    /// Whether all kubelets give pods without a seccomp profile the runtime's (`seccompDefault: true`).
    pub seccomp_default: bool,
    /// The minor version of Kubernetes.
    pub kubernetes: u64,
    /// The level that the API server enforces in namespaces without a label (its `AdmissionConfiguration`).
    pub enforced: Option<Level>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            strict: false,
            default_deny: false,
            seccomp_default: false,
            kubernetes: crate::pods::standard::NEWEST,
            enforced: None,
        }
    }
}
