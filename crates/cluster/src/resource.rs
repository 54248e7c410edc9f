//! What is listed of a cluster. Secrets never are.

use std::fmt;

/// A resource that is listed, in all namespaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "they are the API's own names")]
pub enum Resource {
    Namespaces,
    Nodes,
    ClusterRoles,
    ClusterRoleBindings,
    Roles,
    RoleBindings,
    ServiceAccounts,
    CronJobs,
    Jobs,
    Deployments,
    ReplicaSets,
    DaemonSets,
    StatefulSets,
    ReplicationControllers,
    Pods,
    Services,
    Ingresses,
    IngressClasses,
    PersistentVolumeClaims,
    NetworkPolicies,
    CiliumNetworkPolicies,
    CiliumClusterwideNetworkPolicies,
    CalicoNetworkPolicies,
    CalicoGlobalNetworkPolicies,
    ValidatingWebhookConfigurations,
    ValidatingAdmissionPolicies,
    ValidatingAdmissionPolicyBindings,
    KyvernoClusterPolicies,
    KyvernoPolicies,
    KyvernoValidatingPolicies,
    KyvernoNamespacedValidatingPolicies,
    /// Of all kinds: see [`Served::has_every_kind`].
    GatekeeperConstraints,
    CustomResourceDefinitions,
    /// Only those that are looked at by name: see [`CONFIG_MAPS`].
    ConfigMaps,
}

/// The config maps that are looked at: namespace and name.
pub const CONFIG_MAPS: [(&str, &str); 2] = [("kube-system", "aws-auth"), ("kube-system", "amazon-vpc-cni")];

/// How the API serves a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Served {
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The version.
    pub version: &'static str,
    /// The resource's name in addresses: `pods`.
    pub plural: &'static str,
    /// The kind of its objects: `Pod`.
    pub kind: &'static str,
    /// Whether clusters need not have it: a resource that somebody installs, or that old servers lack.
    pub optional: bool,
}

/// In place of names, where every kind of a group is meant.
const EVERY_KIND: &str = "*";

impl Served {
    /// Whether it is every kind of its group: who installs them names them.
    pub fn has_every_kind(&self) -> bool {
        self.plural == EVERY_KIND
    }
}

impl Resource {
    /// All of them, in the order in which they are listed: owners come before what they own.
    pub const ALL: [Self; 34] = [
        Self::Namespaces,
        Self::Nodes,
        Self::ClusterRoles,
        Self::ClusterRoleBindings,
        Self::Roles,
        Self::RoleBindings,
        Self::ServiceAccounts,
        Self::CronJobs,
        Self::Jobs,
        Self::Deployments,
        Self::ReplicaSets,
        Self::DaemonSets,
        Self::StatefulSets,
        Self::ReplicationControllers,
        Self::Pods,
        Self::Services,
        Self::Ingresses,
        Self::IngressClasses,
        Self::PersistentVolumeClaims,
        Self::NetworkPolicies,
        Self::CiliumNetworkPolicies,
        Self::CiliumClusterwideNetworkPolicies,
        Self::CalicoNetworkPolicies,
        Self::CalicoGlobalNetworkPolicies,
        Self::ValidatingWebhookConfigurations,
        Self::ValidatingAdmissionPolicies,
        Self::ValidatingAdmissionPolicyBindings,
        Self::KyvernoClusterPolicies,
        Self::KyvernoPolicies,
        Self::KyvernoValidatingPolicies,
        Self::KyvernoNamespacedValidatingPolicies,
        Self::GatekeeperConstraints,
        Self::CustomResourceDefinitions,
        Self::ConfigMaps,
    ];

    /// How the API serves it.
    pub const fn served(self) -> Served {
        const RBAC: &str = "rbac.authorization.k8s.io";
        const ADMISSION: &str = "admissionregistration.k8s.io";
        const NETWORK: &str = "networking.k8s.io";
        const KYVERNO: &str = "kyverno.io";
        match self {
            Self::Namespaces => of("", "v1", "namespaces", "Namespace"),
            Self::Nodes => of("", "v1", "nodes", "Node"),
            Self::ClusterRoles => of(RBAC, "v1", "clusterroles", "ClusterRole"),
            Self::ClusterRoleBindings => of(RBAC, "v1", "clusterrolebindings", "ClusterRoleBinding"),
            Self::Roles => of(RBAC, "v1", "roles", "Role"),
            Self::RoleBindings => of(RBAC, "v1", "rolebindings", "RoleBinding"),
            Self::ServiceAccounts => of("", "v1", "serviceaccounts", "ServiceAccount"),
            Self::CronJobs => of("batch", "v1", "cronjobs", "CronJob"),
            Self::Jobs => of("batch", "v1", "jobs", "Job"),
            Self::Deployments => of("apps", "v1", "deployments", "Deployment"),
            Self::ReplicaSets => of("apps", "v1", "replicasets", "ReplicaSet"),
            Self::DaemonSets => of("apps", "v1", "daemonsets", "DaemonSet"),
            Self::StatefulSets => of("apps", "v1", "statefulsets", "StatefulSet"),
            Self::ReplicationControllers => of("", "v1", "replicationcontrollers", "ReplicationController"),
            Self::Pods => of("", "v1", "pods", "Pod"),
            Self::Services => of("", "v1", "services", "Service"),
            Self::Ingresses => of(NETWORK, "v1", "ingresses", "Ingress"),
            Self::IngressClasses => of(NETWORK, "v1", "ingressclasses", "IngressClass"),
            Self::PersistentVolumeClaims => of("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim"),
            Self::NetworkPolicies => of(NETWORK, "v1", "networkpolicies", "NetworkPolicy"),
            Self::CiliumNetworkPolicies => installed("cilium.io", "v2", "ciliumnetworkpolicies", "CiliumNetworkPolicy"),
            Self::CiliumClusterwideNetworkPolicies => {
                installed("cilium.io", "v2", "ciliumclusterwidenetworkpolicies", "CiliumClusterwideNetworkPolicy")
            }
            Self::CalicoNetworkPolicies => installed("crd.projectcalico.org", "v1", "networkpolicies", "NetworkPolicy"),
            Self::CalicoGlobalNetworkPolicies => {
                installed("crd.projectcalico.org", "v1", "globalnetworkpolicies", "GlobalNetworkPolicy")
            }
            Self::ValidatingWebhookConfigurations => {
                of(ADMISSION, "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration")
            }
            Self::ValidatingAdmissionPolicies => {
                installed(ADMISSION, "v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy")
            }
            Self::ValidatingAdmissionPolicyBindings => {
                installed(ADMISSION, "v1", "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding")
            }
            Self::KyvernoClusterPolicies => installed(KYVERNO, "v1", "clusterpolicies", "ClusterPolicy"),
            Self::KyvernoPolicies => installed(KYVERNO, "v1", "policies", "Policy"),
            Self::KyvernoValidatingPolicies => {
                installed("policies.kyverno.io", "v1", "validatingpolicies", "ValidatingPolicy")
            }
            Self::KyvernoNamespacedValidatingPolicies => {
                installed("policies.kyverno.io", "v1", "namespacedvalidatingpolicies", "NamespacedValidatingPolicy")
            }
            Self::GatekeeperConstraints => installed("constraints.gatekeeper.sh", "v1beta1", EVERY_KIND, EVERY_KIND),
            Self::CustomResourceDefinitions => {
                of("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition")
            }
            Self::ConfigMaps => of("", "v1", "configmaps", "ConfigMap"),
        }
    }

    /// The resource that a text names, as kubectl prints it: `pods`, `roles.rbac.authorization.k8s.io`. The plural alone is
    /// enough where no other resource has it.
    pub fn named(text: &str) -> Option<Self> {
        // The category that all kinds of constraints are in.
        if matches!(text, "constraint" | "constraints") {
            return Some(Self::GatekeeperConstraints);
        }
        let (plural, group) = text.split_once('.').unwrap_or((text, ""));
        let of = |resource: &Self| resource.served().plural == plural;
        let exact = Self::ALL.into_iter().filter(of).find(|resource| resource.served().group == group);
        // The first of a name is Kubernetes' own.
        exact.or_else(|| Self::ALL.into_iter().find(of).filter(|_| group.is_empty()))
    }

    /// The resource whose objects are of this kind and API version (`rbac.authorization.k8s.io/v1`).
    ///
    /// Other versions of the same group hold the same fields, as far as they are looked at.
    pub fn of_kind(kind: &str, api_version: &str) -> Option<Self> {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        Self::ALL.into_iter().find(|resource| {
            let served = resource.served();
            served.group == group && (served.kind == kind || served.has_every_kind())
        })
    }
}

impl fmt::Display for Resource {
    /// As errors of the API name it: `clusterroles.rbac.authorization.k8s.io`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Served { group, plural, .. } = self.served();
        f.write_str(plural)?;
        if group.is_empty() { Ok(()) } else { write!(f, ".{group}") }
    }
}

const fn of(group: &'static str, version: &'static str, plural: &'static str, kind: &'static str) -> Served {
    Served { group, version, plural, kind, optional: false }
}

const fn installed(group: &'static str, version: &'static str, plural: &'static str, kind: &'static str) -> Served {
    Served { group, version, plural, kind, optional: true }
}

#[cfg(test)]
mod tests {
    use super::Resource;

    #[test]
    fn a_resource_is_found_by_its_names() {
        let table = [
            ("pods", Some(Resource::Pods)),
            ("networkpolicies", Some(Resource::NetworkPolicies)),
            ("networkpolicies.networking.k8s.io", Some(Resource::NetworkPolicies)),
            ("networkpolicies.crd.projectcalico.org", Some(Resource::CalicoNetworkPolicies)),
            ("roles.rbac.authorization.k8s.io", Some(Resource::Roles)),
            ("roles", Some(Resource::Roles)),
            ("policies.kyverno.io", Some(Resource::KyvernoPolicies)),
            ("validatingpolicies.policies.kyverno.io", Some(Resource::KyvernoValidatingPolicies)),
            ("constraints", Some(Resource::GatekeeperConstraints)),
            ("roles.example.com", None),
            ("secrets", None),
            ("", None),
        ];
        for (name, resource) in table {
            assert_eq!(Resource::named(name), resource, "{name}");
        }
        for resource in Resource::ALL {
            assert_eq!(Resource::named(&resource.to_string()), Some(resource));
            let served = resource.served();
            let api = if served.group.is_empty() { "v1".to_owned() } else { format!("{}/v1beta1", served.group) };
            assert_eq!(Resource::of_kind(served.kind, &api), Some(resource));
        }
        for (kind, api, resource) in [
            ("K8sRequiredLabels", "constraints.gatekeeper.sh/v1beta1", Some(Resource::GatekeeperConstraints)),
            ("K8sRequiredLabels", "templates.gatekeeper.sh/v1", None),
            ("Policy", "kyverno.io/v2beta1", Some(Resource::KyvernoPolicies)),
            ("Policy", "policies.kyverno.io/v1", None),
        ] {
            assert_eq!(Resource::of_kind(kind, api), resource, "{kind} {api}");
        }
    }

    #[test]
    fn each_is_listed_once_and_secrets_never() {
        let mut all: Vec<String> = Resource::ALL.iter().map(ToString::to_string).collect();
        assert!(all.iter().all(|name| !name.contains("secret")));
        all.sort();
        all.dedup();
        assert_eq!(all.len(), Resource::ALL.len());
    }
}
