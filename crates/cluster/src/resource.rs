//! The resources that are listed, which never include Secrets.

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
    PersistentVolumes,
    StorageClasses,
    PodDisruptionBudgets,
    NetworkPolicies,
    CiliumNetworkPolicies,
    CiliumClusterwideNetworkPolicies,
    CalicoNetworkPolicies,
    CalicoGlobalNetworkPolicies,
    ValidatingWebhookConfigurations,
    MutatingWebhookConfigurations,
    ValidatingAdmissionPolicies,
    ValidatingAdmissionPolicyBindings,
    KyvernoClusterPolicies,
    KyvernoPolicies,
    KyvernoValidatingPolicies,
    KyvernoNamespacedValidatingPolicies,
    /// Constraints of all kinds: see [`Served::has_every_kind`].
    GatekeeperConstraints,
    CustomResourceDefinitions,
    /// Only the `ConfigMaps` in [`CONFIG_MAPS`].
    ConfigMaps,
    /// EKS Anywhere's clusters, not those of Cluster API.
    AnywhereClusters,
    VSphereDatacenterConfigs,
    NutanixDatacenterConfigs,
    TinkerbellDatacenterConfigs,
    VSphereMachineConfigs,
    NutanixMachineConfigs,
    TinkerbellMachineConfigs,
    CloudStackMachineConfigs,
    FluxConfigs,
    AwsIamConfigs,
    OidcConfigs,
    EksaReleases,
    Bundles,
    /// Cluster API's machines.
    CapiMachines,
    /// Their files may contain credentials.
    KubeadmControlPlanes,
    /// Their files may contain credentials.
    KubeadmConfigTemplates,
    /// Baseboard management controllers of bare metal.
    BmcMachines,
    GitRepositories,
    Kustomizations,
    BottlerocketShadows,
    IamIdentityMappings,
}

/// The `ConfigMaps` that are read: namespace and name.
pub const CONFIG_MAPS: [(&str, &str); 2] = [("kube-system", "aws-auth"), ("kube-system", "amazon-vpc-cni")];

/// How the API serves a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Served {
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The version.
    pub version: &'static str,
    /// The resource's name in URLs, such as `pods`.
    pub plural: &'static str,
    /// The kind of its objects, such as `Pod`.
    pub kind: &'static str,
    /// Whether clusters may lack it, because it is installed separately or old servers do not have it.
    pub optional: bool,
}

/// Stands for all kinds of a group.
const EVERY_KIND: &str = "*";

impl Served {
    /// Whether this means all kinds of its group, which have no fixed names.
    pub fn has_every_kind(&self) -> bool {
        self.plural == EVERY_KIND
    }
}

impl Resource {
    /// All resources in listing order: owners come before the objects that they own.
    pub const ALL: [Self; 59] = [
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
        Self::PersistentVolumes,
        Self::StorageClasses,
        Self::PodDisruptionBudgets,
        Self::NetworkPolicies,
        Self::CiliumNetworkPolicies,
        Self::CiliumClusterwideNetworkPolicies,
        Self::CalicoNetworkPolicies,
        Self::CalicoGlobalNetworkPolicies,
        Self::ValidatingWebhookConfigurations,
        Self::MutatingWebhookConfigurations,
        Self::ValidatingAdmissionPolicies,
        Self::ValidatingAdmissionPolicyBindings,
        Self::KyvernoClusterPolicies,
        Self::KyvernoPolicies,
        Self::KyvernoValidatingPolicies,
        Self::KyvernoNamespacedValidatingPolicies,
        Self::GatekeeperConstraints,
        Self::CustomResourceDefinitions,
        Self::ConfigMaps,
        Self::AnywhereClusters,
        Self::VSphereDatacenterConfigs,
        Self::NutanixDatacenterConfigs,
        Self::TinkerbellDatacenterConfigs,
        Self::VSphereMachineConfigs,
        Self::NutanixMachineConfigs,
        Self::TinkerbellMachineConfigs,
        Self::CloudStackMachineConfigs,
        Self::FluxConfigs,
        Self::AwsIamConfigs,
        Self::OidcConfigs,
        Self::EksaReleases,
        Self::Bundles,
        Self::CapiMachines,
        Self::KubeadmControlPlanes,
        Self::KubeadmConfigTemplates,
        Self::BmcMachines,
        Self::GitRepositories,
        Self::Kustomizations,
        Self::BottlerocketShadows,
        Self::IamIdentityMappings,
    ];

    /// How the API serves the resource.
    #[expect(clippy::too_many_lines, reason = "a line each")]
    pub const fn served(self) -> Served {
        const RBAC: &str = "rbac.authorization.k8s.io";
        const ADMISSION: &str = "admissionregistration.k8s.io";
        const NETWORK: &str = "networking.k8s.io";
        const ANYWHERE: &str = "anywhere.eks.amazonaws.com";
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
            Self::PersistentVolumes => of("", "v1", "persistentvolumes", "PersistentVolume"),
            Self::StorageClasses => of("storage.k8s.io", "v1", "storageclasses", "StorageClass"),
            Self::PodDisruptionBudgets => of("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget"),
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
            Self::MutatingWebhookConfigurations => {
                of(ADMISSION, "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration")
            }
            Self::ConfigMaps => of("", "v1", "configmaps", "ConfigMap"),
            Self::AnywhereClusters => installed(ANYWHERE, "v1alpha1", "clusters", "Cluster"),
            Self::VSphereDatacenterConfigs => {
                installed(ANYWHERE, "v1alpha1", "vspheredatacenterconfigs", "VSphereDatacenterConfig")
            }
            Self::NutanixDatacenterConfigs => {
                installed(ANYWHERE, "v1alpha1", "nutanixdatacenterconfigs", "NutanixDatacenterConfig")
            }
            Self::TinkerbellDatacenterConfigs => {
                installed(ANYWHERE, "v1alpha1", "tinkerbelldatacenterconfigs", "TinkerbellDatacenterConfig")
            }
            Self::VSphereMachineConfigs => {
                installed(ANYWHERE, "v1alpha1", "vspheremachineconfigs", "VSphereMachineConfig")
            }
            Self::NutanixMachineConfigs => {
                installed(ANYWHERE, "v1alpha1", "nutanixmachineconfigs", "NutanixMachineConfig")
            }
            Self::TinkerbellMachineConfigs => {
                installed(ANYWHERE, "v1alpha1", "tinkerbellmachineconfigs", "TinkerbellMachineConfig")
            }
            Self::CloudStackMachineConfigs => {
                installed(ANYWHERE, "v1alpha1", "cloudstackmachineconfigs", "CloudStackMachineConfig")
            }
            Self::FluxConfigs => installed(ANYWHERE, "v1alpha1", "fluxconfigs", "FluxConfig"),
            Self::AwsIamConfigs => installed(ANYWHERE, "v1alpha1", "awsiamconfigs", "AWSIamConfig"),
            Self::OidcConfigs => installed(ANYWHERE, "v1alpha1", "oidcconfigs", "OIDCConfig"),
            Self::EksaReleases => installed(ANYWHERE, "v1alpha1", "eksareleases", "EKSARelease"),
            Self::Bundles => installed(ANYWHERE, "v1alpha1", "bundles", "Bundles"),
            Self::CapiMachines => installed("cluster.x-k8s.io", "v1beta1", "machines", "Machine"),
            Self::KubeadmControlPlanes => {
                installed("controlplane.cluster.x-k8s.io", "v1beta1", "kubeadmcontrolplanes", "KubeadmControlPlane")
            }
            Self::KubeadmConfigTemplates => {
                installed("bootstrap.cluster.x-k8s.io", "v1beta1", "kubeadmconfigtemplates", "KubeadmConfigTemplate")
            }
            Self::BmcMachines => installed("bmc.tinkerbell.org", "v1alpha1", "machines", "Machine"),
            Self::GitRepositories => installed("source.toolkit.fluxcd.io", "v1", "gitrepositories", "GitRepository"),
            Self::Kustomizations => installed("kustomize.toolkit.fluxcd.io", "v1", "kustomizations", "Kustomization"),
            Self::BottlerocketShadows => {
                installed("brupop.bottlerocket.aws", "v2", "bottlerocketshadows", "BottlerocketShadow")
            }
            Self::IamIdentityMappings => {
                installed("iamauthenticator.k8s.aws", "v1alpha1", "iamidentitymappings", "IAMIdentityMapping")
            }
        }
    }

    /// Whether only EKS Anywhere clusters have it.
    pub const fn is_of_eks_anywhere(self) -> bool {
        self as usize >= Self::AnywhereClusters as usize
    }

    /// Whether its objects may contain credentials outside Secrets, so that few users should be able to read them.
    pub const fn may_hold_credentials(self) -> bool {
        matches!(self, Self::KubeadmControlPlanes | Self::KubeadmConfigTemplates)
    }

    /// The resource with this name, as kubectl prints it: `pods`, `roles.rbac.authorization.k8s.io`. The plural alone
    /// suffices if it is unambiguous.
    pub fn named(text: &str) -> Option<Self> {
        // The category of all kinds of constraints.
        if matches!(text, "constraint" | "constraints") {
            return Some(Self::GatekeeperConstraints);
        }
        let (plural, group) = text.split_once('.').unwrap_or((text, ""));
        let of = |resource: &Self| resource.served().plural == plural;
        let exact = Self::ALL.into_iter().filter(of).find(|resource| resource.served().group == group);
        let mut all = Self::ALL.into_iter().filter(of).filter(|_| group.is_empty());
        // Kubernetes' own resource comes first and wins; among others, an ambiguous name matches none.
        exact.or_else(|| all.next().filter(|first| !first.served().optional || all.next().is_none()))
    }

    /// The resource for a kind and API version (such as `rbac.authorization.k8s.io/v1`).
    ///
    /// Other versions of the same group are accepted: the relevant fields are the same.
    pub fn of_kind(kind: &str, api_version: &str) -> Option<Self> {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        Self::ALL.into_iter().find(|resource| {
            let served = resource.served();
            served.group == group && (served.kind == kind || served.has_every_kind())
        })
    }
}

impl fmt::Display for Resource {
    /// Formats the name as in the API's errors: `clusterroles.rbac.authorization.k8s.io`.
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
            ("clusters.anywhere.eks.amazonaws.com", Some(Resource::AnywhereClusters)),
            ("clusters.cluster.x-k8s.io", None),
            ("clusters", Some(Resource::AnywhereClusters)),
            ("machines", None),
            ("machines.cluster.x-k8s.io", Some(Resource::CapiMachines)),
            ("machines.bmc.tinkerbell.org", Some(Resource::BmcMachines)),
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
