//! Evaluation of predicates by name, over the listed objects.

use std::cell::RefCell;
use std::collections::BTreeMap;

use cluster::Resource;
use cluster::pods::standard::NEWEST;
use cluster::policy::rights::{self, Rights};
use cluster::policy::workloads::{self, Evidence, NodeEvidence, Registries, Settings};
use cluster::policy::{Judgement, ObjectName, Outcome, Seen as Found};
use cluster::policy::{eks, eks_anywhere};
use cluster::rbac::Holdings;
use definitions::SharedText;
use definitions::benchmark::Value;
use probe::{Cause, Reason};

use crate::evaluate::{Policies, PolicyAnswer};

use super::gather::{OF_USERS, WORKLOADS};
use super::{Seen, evidence};

/// The prefix of a service account's name; container names have no capital letters.
const ACCOUNT: &str = "ServiceAccount ";

/// The predicate that finds pods with host ports.
const HOST_PORTS: &str = "pod-security/host-ports";

/// The predicate that is evaluated here, from nodes alone.
const PRIVATE_NODES: &str = "eks/private-nodes";

const OF_RIGHTS: [Resource; 4] =
    [Resource::ClusterRoles, Resource::ClusterRoleBindings, Resource::Roles, Resource::RoleBindings];

impl Policies for Seen {
    fn judge(&self, predicate: &str, parameters: &BTreeMap<SharedText, Value>) -> PolicyAnswer {
        self.judged(predicate, parameters, &NodeEvidence::default())
    }
}

impl Seen {
    /// Evaluates the predicate of this name, with a node's settings in addition to the objects.
    pub(super) fn judged(
        &self,
        predicate: &str,
        parameters: &BTreeMap<SharedText, Value>,
        node: &NodeEvidence,
    ) -> PolicyAnswer {
        let judgement = self
            .by_rights(predicate)
            .or_else(|| self.by_workloads(predicate, parameters, node))
            .or_else(|| (predicate == PRIVATE_NODES).then(|| self.private_nodes()))
            .or_else(|| self.by_eks(predicate, parameters, node))
            .or_else(|| eks_anywhere::judge(predicate, &self.of_eks_anywhere()));
        match judgement {
            Some(judgement) => {
                evidence::answer(judgement, resources(predicate).iter().map(ToString::to_string).collect())
            }
            // The loader rejects this, but a benchmark that was built through the library may contain it.
            None => {
                let why = Reason::new(Cause::Malformed, predicate, "no such predicate (correct the control)");
                evidence::answer(judgement_of(Outcome::Unknown(why), Vec::new()), Vec::new())
            }
        }
    }

    fn by_rights(&self, predicate: &str) -> Option<Judgement> {
        let rights = Rights {
            rbac: &self.rbac,
            exemptions: &self.rights,
            critical_namespaces: &self.critical_namespaces,
            masters: &self.masters,
        };
        let mut judgement = rights::judge(predicate, &rights)?;
        // EKS maps identities to groups in a config map.
        let is_mapped = predicate == "rbac/system-masters" && self.distribution == Some("eks");
        if let (Outcome::Manual, true, Some(reason)) = (&judgement.outcome, is_mapped, &self.config_maps.missing) {
            judgement.outcome = Outcome::Unknown(reason.clone());
        }
        Some(judgement)
    }

    fn by_workloads(
        &self,
        predicate: &str,
        parameters: &BTreeMap<SharedText, Value>,
        node: &NodeEvidence,
    ) -> Option<Judgement> {
        let holdings = RefCell::new(Holdings::new(&self.rbac));
        let has_rights = |namespace: &str, name: &str| {
            let held = holdings.borrow_mut().of(namespace, name);
            match self.rbac.missing().first() {
                _ if !held.own.is_empty() || !held.shared.is_empty() => Ok(true),
                Some(reason) => Err(reason.clone()),
                None => Ok(false),
            }
        };
        let is_set = |name: &str| parameters.get(name) == Some(&Value::Bool(true));
        let settings = Settings {
            strict: is_set("strict"),
            default_deny: is_set("default_deny"),
            kubernetes: self.version().map_or(NEWEST, |version| u64::from(version.minor)),
        };
        let approved = match parameters.get("registries") {
            Some(Value::List(registries)) => registries.as_slice(),
            _ => &[],
        };
        let registries = Registries::new(approved.iter().map(SharedText::as_str), self.platform_registries.clone());
        let evidence = Evidence {
            pods: &self.pods,
            namespaces: &self.namespaces,
            accounts: &self.accounts,
            rights: &has_rights,
            in_default: &self.in_default,
            admission: &self.admission,
            networks: &self.networks,
            balancers: &self.balancers,
            registries: &registries,
            node_roles: &self.node_roles,
            definitions: &self.custom_resources,
            exemptions: &self.workloads,
            node,
            settings,
        };
        let mut judgement = workloads::judge(predicate, &evidence)?;
        // The subject of a pod finding is a container, or the account that the pods run under.
        let seen = judgement.offenders.iter_mut().chain(&mut judgement.noted);
        for seen in seen.chain(judgement.exempt.iter_mut().map(|(seen, _)| seen)) {
            seen.part =
                seen.part.take().map(|part| if part.starts_with(ACCOUNT) { part } else { format!("container {part}") });
        }
        Some(judgement)
    }

    fn of_eks_anywhere(&self) -> eks_anywhere::Evidence<'_> {
        eks_anywhere::Evidence {
            objects: &self.anywhere,
            rbac: &self.rbac,
            nodes: &self.nodes,
            namespaces: &self.namespaces,
            services: &self.balancers.services,
            validating: &self.admission.webhooks,
            config_maps: &self.config_maps,
            shipped: self.shipped,
            support: self.support,
            today: self.today,
        }
    }

    fn by_eks(
        &self,
        predicate: &str,
        parameters: &BTreeMap<SharedText, Value>,
        node: &NodeEvidence,
    ) -> Option<Judgement> {
        let host_ports = || self.by_workloads(HOST_PORTS, parameters, node);
        let evidence = eks::Evidence {
            distribution: self.distribution,
            server: self.about.version.as_deref(),
            nodes: &self.nodes,
            accounts: &self.accounts,
            identities: &self.identities,
            identities_gap: self.config_maps.missing.as_ref(),
            services: &self.balancers.services,
            host_ports: &host_ports,
            node: &node.access,
            deployments: &self.deployments,
            budgets: &self.budgets,
            storage_classes: &self.storage_classes,
            volumes: &self.volumes,
        };
        eks::judge(predicate, &evidence)
    }

    /// Evaluates that no node has an external address.
    fn private_nodes(&self) -> Judgement {
        let mut offenders = Vec::new();
        for node in &self.nodes.items {
            for address in node.external_addresses() {
                let name = node.metadata.name.clone();
                let object = ObjectName { kind: "Node".to_owned(), namespace: String::new(), name };
                let found = format!("ExternalIP {address}");
                offenders.push(Found { object, part: None, path: Vec::new(), found });
            }
        }
        let outcome = match &self.nodes.missing {
            _ if !offenders.is_empty() => Outcome::Fail,
            Some(reason) => Outcome::Unknown(reason.clone()),
            None => Outcome::Pass,
        };
        judgement_of(outcome, offenders)
    }
}

fn judgement_of(outcome: Outcome, offenders: Vec<Found>) -> Judgement {
    Judgement { outcome, offenders, exempt: Vec::new(), noted: Vec::new() }
}

/// Returns the resources that are listed for a predicate.
fn resources(predicate: &str) -> Vec<Resource> {
    let pods = || WORKLOADS.iter().map(|kind| kind.resource()).chain([Resource::Pods]);
    let policies = [Resource::ValidatingAdmissionPolicyBindings, Resource::ValidatingWebhookConfigurations];
    let engines = [
        Resource::KyvernoClusterPolicies,
        Resource::KyvernoPolicies,
        Resource::KyvernoValidatingPolicies,
        Resource::KyvernoNamespacedValidatingPolicies,
        Resource::GatekeeperConstraints,
    ];
    let networks = [
        Resource::NetworkPolicies,
        Resource::CiliumNetworkPolicies,
        Resource::CiliumClusterwideNetworkPolicies,
        Resource::CalicoNetworkPolicies,
        Resource::CalicoGlobalNetworkPolicies,
    ];
    match predicate {
        _ if predicate.starts_with("eks-anywhere/") => of_eks_anywhere(predicate),
        PRIVATE_NODES | "eks/kubelet-skew" | "eks/node-ssh" => vec![Resource::Nodes],
        "eks/administrators" => vec![Resource::ConfigMaps],
        "eks/authorization" => vec![Resource::Nodes, Resource::Namespaces],
        "eks/node-ports" => pods().chain([Resource::Services]).collect(),
        "eks/rolling-updates" => vec![Resource::Deployments],
        "eks/token-secrets" | "eks/network-plugin-role" => vec![Resource::ServiceAccounts],
        "eks/disruption-budgets" => vec![Resource::Deployments, Resource::PodDisruptionBudgets],
        "eks/storage-encryption" => vec![Resource::StorageClasses, Resource::PersistentVolumes],
        "rbac/default-service-accounts" | "rbac/token-mounts" => {
            pods().chain([Resource::ServiceAccounts]).chain(OF_RIGHTS).collect()
        }
        "rbac/system-masters" => OF_RIGHTS.into_iter().chain([Resource::ConfigMaps]).collect(),
        _ if predicate.starts_with("rbac/") => OF_RIGHTS.to_vec(),
        "pod-security/policy-mechanism" => [Resource::Namespaces].into_iter().chain(policies).chain(engines).collect(),
        "workloads/network-policies" => [Resource::Namespaces, Resource::Pods].into_iter().chain(networks).collect(),
        "eks/network-policies-enforced" => [Resource::Namespaces, Resource::DaemonSets, Resource::Pods]
            .into_iter()
            .chain([Resource::ConfigMaps])
            .chain(networks)
            .collect(),
        "eks/load-balancer-tls" => vec![Resource::Services, Resource::Ingresses, Resource::IngressClasses],
        "eks/service-account-roles" => pods().chain([Resource::ServiceAccounts, Resource::ConfigMaps]).collect(),
        "workloads/network-policy-support" => vec![Resource::DaemonSets, Resource::Pods, Resource::ConfigMaps],
        "workloads/default-namespace" => pods().chain([Resource::ServiceAccounts]).chain(OF_USERS).collect(),
        "workloads/external-secrets" => vec![Resource::CustomResourceDefinitions],
        "workloads/image-provenance" => [Resource::CustomResourceDefinitions].into_iter().chain(policies).collect(),
        "workloads/namespaces" => vec![Resource::Namespaces],
        _ => pods().collect(),
    }
}

/// Returns the resources that are listed for an EKS Anywhere predicate.
fn of_eks_anywhere(predicate: &str) -> Vec<Resource> {
    use Resource as R;
    let with_clusters = |more: &[R]| [&[R::AnywhereClusters], more].concat();
    match predicate.strip_prefix("eks-anywhere/").unwrap_or_default() {
        "aggregation"
        | "cluster-admin"
        | "credential-readers"
        | "foreign-cluster-roles"
        | "foreign-role-bindings"
        | "foreign-roles"
        | "own-rights" => [&OF_RIGHTS[..], &[R::AnywhereClusters, R::FluxConfigs]].concat(),
        "credentials-outside-secrets" => {
            with_clusters(&[R::KubeadmControlPlanes, R::KubeadmConfigTemplates, R::Deployments])
        }
        "audit-policy" | "paused-control-planes" => with_clusters(&[R::KubeadmControlPlanes]),
        "gitops-branch" => with_clusters(&[R::FluxConfigs]),
        "git-transport" => vec![R::GitRepositories, R::FluxConfigs],
        "kustomizations" => vec![R::Kustomizations, R::FluxConfigs, R::Deployments],
        "ssh-keys" => with_clusters(&MACHINE_CONFIGS),
        "image-origin" => with_clusters(&[&MACHINE_CONFIGS[..], &DATACENTER_CONFIGS].concat()),
        "provider-tls" => with_clusters(&[R::VSphereDatacenterConfigs, R::NutanixDatacenterConfigs]),
        "bottlerocket-version" => vec![R::Nodes],
        "update-operator" => vec![R::Nodes, R::BottlerocketShadows],
        "tinkerbell-exposure" => with_clusters(&[R::Services, R::Deployments]),
        "bmc-tls" => with_clusters(&[R::BmcMachines]),
        "foreign-webhooks" => {
            vec![R::ValidatingWebhookConfigurations, R::MutatingWebhookConfigurations, R::Namespaces]
        }
        "mapped-administrators" => vec![R::AwsIamConfigs, R::IamIdentityMappings, R::ConfigMaps],
        "mapping-drift" => with_clusters(&[R::AwsIamConfigs, R::ConfigMaps]),
        "oidc" => with_clusters(&[R::OidcConfigs]),
        "served-certificates" => with_clusters(&[R::CapiMachines]),
        "kubernetes-support" | "signed-bundle" => with_clusters(&[R::EksaReleases, R::Bundles]),
        // The other predicates need only the cluster specification.
        _ => with_clusters(&[]),
    }
}

const MACHINE_CONFIGS: [Resource; 4] = [
    Resource::VSphereMachineConfigs,
    Resource::NutanixMachineConfigs,
    Resource::TinkerbellMachineConfigs,
    Resource::CloudStackMachineConfigs,
];

const DATACENTER_CONFIGS: [Resource; 3] =
    [Resource::VSphereDatacenterConfigs, Resource::NutanixDatacenterConfigs, Resource::TinkerbellDatacenterConfigs];
