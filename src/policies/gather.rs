//! Requests each list that the controls need once, and reduces it while it is read.

use cluster::eks_anywhere::{self, Date, Objects, Role, Standing};
use cluster::nodes::{Node, distribution};
use cluster::pods::{Pod, Workload, WorkloadKind};
use cluster::policy::eks::Deployments;
use cluster::policy::workloads::{Admission, Balancers, Engines, Kyverno, Networks, PodFacts, in_default};
use cluster::policy::{self, ObjectName};
use cluster::rbac::{Lists, Rbac};
use cluster::{About, Cluster, ConfigMap, Identities, Listed, Listing, Meta, Resource, each, gap, malformed};
use model::{ClusterRole, EksAnywhere};
use probe::{Cause, Reason};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::{Seen, exemptions};

/// Kinds that create pods, owners before the objects they own.
pub(super) const WORKLOADS: [WorkloadKind; 7] = [
    WorkloadKind::CronJob,
    WorkloadKind::Job,
    WorkloadKind::Deployment,
    WorkloadKind::ReplicaSet,
    WorkloadKind::DaemonSet,
    WorkloadKind::StatefulSet,
    WorkloadKind::ReplicationController,
];

/// Kinds that are checked in the namespace `default`, in addition to pods and workloads.
pub(super) const OF_USERS: [Resource; 3] = [Resource::Services, Resource::Ingresses, Resource::PersistentVolumeClaims];

pub(super) fn seen(cluster: &dyn Cluster, today: Date) -> Result<Seen, String> {
    let rights = exemptions::of_rights()?;
    let about = cluster.about();
    let nodes: Listed<Node> = Listed::of(cluster, Resource::Nodes);
    let namespaces: Listed<policy::workloads::Namespace> = Listed::of(cluster, Resource::Namespaces);
    let has_namespace = |name: &str| namespaces.items.iter().any(|namespace| namespace.metadata.name == name);
    let definitions: Listed<Named> = Listed::of(cluster, Resource::CustomResourceDefinitions);
    let custom_resources = Listed {
        items: definitions.items.into_iter().map(|definition| definition.metadata.name).collect(),
        missing: definitions.missing,
    };
    let mut anywhere = Objects::of(cluster);
    let distribution = if manages_clusters(&anywhere, &custom_resources) {
        Some(EKS_ANYWHERE)
    } else {
        distribution(&nodes.items, about.version.as_deref(), has_namespace)
    };
    let standing = (distribution == Some(EKS_ANYWHERE)).then(|| described(&anywhere.standing(&nodes, has_namespace)));
    let platforms: Vec<&str> = distribution.into_iter().collect();
    let workloads = exemptions::of_workloads(Some(&platforms))?;
    let accounts: Listed<policy::workloads::ServiceAccount> = Listed::of(cluster, Resource::ServiceAccounts);
    let config_maps: Listed<ConfigMap> = Listed::of(cluster, Resource::ConfigMaps);
    let rbac = rbac(cluster);
    let (pods, deployments) = pods(cluster, &mut anywhere);
    let pods = pods.summary();
    let balancers = Balancers {
        services: Listed::of(cluster, Resource::Services),
        ingresses: Listed::of(cluster, Resource::Ingresses),
        classes: Listed::of(cluster, Resource::IngressClasses),
    };
    let in_default = of_users(cluster, &accounts, &balancers);
    let admission = Admission {
        policies: Listed::of(cluster, Resource::ValidatingAdmissionPolicies),
        bindings: Listed::of(cluster, Resource::ValidatingAdmissionPolicyBindings),
        webhooks: Listed::of(cluster, Resource::ValidatingWebhookConfigurations),
        engines: engines(cluster),
    };
    let networks = Networks {
        policies: Listed::of(cluster, Resource::NetworkPolicies),
        cilium: Listed::of(cluster, Resource::CiliumNetworkPolicies),
        cilium_clusterwide: Listed::of(cluster, Resource::CiliumClusterwideNetworkPolicies),
        calico: Listed::of(cluster, Resource::CalicoNetworkPolicies),
        calico_global: Listed::of(cluster, Resource::CalicoGlobalNetworkPolicies),
        auto_mode_enforces: config_maps.items.iter().any(ConfigMap::enforces_network_policies),
    };
    Ok(Seen {
        distribution,
        standing,
        rbac,
        pods,
        in_default,
        admission,
        networks,
        custom_resources,
        node_roles: config_maps.items.iter().flat_map(ConfigMap::node_roles).collect(),
        balancers,
        platform_registries: exemptions::of_registries(&platforms)?,
        masters: config_maps.items.iter().flat_map(ConfigMap::masters).collect(),
        identities: identities(&config_maps.items),
        deployments,
        budgets: Listed::of(cluster, Resource::PodDisruptionBudgets),
        storage_classes: Listed::of(cluster, Resource::StorageClasses),
        volumes: Listed::of(cluster, Resource::PersistentVolumes),
        config_maps,
        anywhere,
        shipped: exemptions::of_eks_anywhere()?,
        support: exemptions::support_of_eks_anywhere()?,
        today,
        rights: rights.exemptions.into_iter().filter(|exemption| exemption.holds_on(&platforms)).collect(),
        critical_namespaces: rights.critical_namespaces,
        workloads,
        // Remarks from reading the lists are complete now.
        about: About { remarks: cluster.about().remarks, ..about },
        nodes,
        namespaces,
        accounts,
    })
}

/// The distribution whose management clusters are recognized by their objects.
const EKS_ANYWHERE: &str = "eks-anywhere";

/// The maximum number of managed clusters that are named.
const MOST_MANAGED: usize = 10;

/// Whether a cluster has, or could have, specifications of EKS Anywhere clusters.
fn manages_clusters(anywhere: &Objects, custom_resources: &Listed<String>) -> bool {
    let definition = Resource::AnywhereClusters.to_string();
    !anywhere.clusters.items.is_empty() || custom_resources.items.contains(&definition)
}

/// Returns a cluster's role in EKS Anywhere, as reports have it.
fn described(standing: &Standing<'_>) -> EksAnywhere {
    let Standing { role, evidence, own, bundles, provider, manages } = standing;
    let name = own.map(|own| own.name().to_owned());
    let (role, kind) = match role {
        Role::Management => (ClusterRole::Management, "management cluster"),
        Role::Workload => (ClusterRole::Workload, "workload cluster"),
        Role::Unknown(_) => (ClusterRole::Unknown, "cluster"),
    };
    EksAnywhere {
        role,
        title: format!("EKS Anywhere {kind}{}", name.as_ref().map_or(String::new(), |name| format!(" {name}"))),
        evidence: evidence.clone(),
        version: own.map(|own| own.spec.eksa_version.clone()).filter(|version| !version.is_empty()),
        bundles: bundles.map(|bundles| bundles.metadata.name.clone()),
        provider: provider.map(|provider| provider.title().to_owned()),
        manages: model::Listed::of(manages.iter().map(|cluster| cluster.name()), MOST_MANAGED),
        name,
    }
}

/// Collects the identities that `ConfigMaps` admit.
fn identities(config_maps: &[ConfigMap]) -> Identities {
    let mut all = Identities::default();
    for Identities { roles, others } in config_maps.iter().map(ConfigMap::identities) {
        all.roles.extend(roles);
        all.others.extend(others);
    }
    all
}

/// An object with only its metadata.
#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    metadata: Meta,
}

/// Lists the RBAC objects of a cluster.
pub(super) fn rbac(cluster: &dyn Cluster) -> Rbac {
    Rbac::new(Lists {
        cluster_roles: Listed::of(cluster, Resource::ClusterRoles),
        cluster_role_bindings: Listed::of(cluster, Resource::ClusterRoleBindings),
        roles: Listed::of(cluster, Resource::Roles),
        role_bindings: Listed::of(cluster, Resource::RoleBindings),
    })
}

/// Lists the policies of engines whose webhooks reject nothing without them.
fn engines(cluster: &dyn Cluster) -> Engines {
    let mut kyverno = Kyverno::default();
    let policies = read(cluster, &[Resource::KyvernoClusterPolicies, Resource::KyvernoPolicies], &mut kyverno.policies);
    let newer = [Resource::KyvernoValidatingPolicies, Resource::KyvernoNamespacedValidatingPolicies];
    if !policies & !read(cluster, &newer, &mut kyverno.validating) {
        kyverno.policies.missing = Some(without_policies("Kyverno", Resource::KyvernoClusterPolicies));
    }
    let mut constraints = Listed::default();
    if !read(cluster, &[Resource::GatekeeperConstraints], &mut constraints) {
        constraints.missing = Some(without_policies("Gatekeeper", Resource::GatekeeperConstraints));
    }
    Engines { kyverno: Some(kyverno), gatekeeper: Some(constraints) }
}

/// Appends these resources to one list. Returns whether the cluster has any of them.
fn read<T: DeserializeOwned>(cluster: &dyn Cluster, resources: &[Resource], list: &mut Listed<T>) -> bool {
    let mut has_any = false;
    for resource in resources {
        let known = list.items.len();
        let listing = each(cluster, *resource, &mut |item| match item {
            Some(item) => list.items.push(item),
            None => list.items.truncate(known),
        });
        has_any |= listing != Listing::Absent;
        list.missing = list.missing.take().or_else(|| gap(*resource, listing));
    }
    has_any
}

/// Returns why it is unknown what an engine's webhook rejects. Called only if there is such a webhook.
fn without_policies(engine: &str, resource: Resource) -> Reason {
    let detail = format!("not listed, although a webhook of {engine} exists (add their list, or remove the webhook)");
    Reason::new(Cause::NotRecorded, resource, detail)
}

/// Lists pods and workloads, and additional fields of Deployments.
fn pods(cluster: &dyn Cluster, anywhere: &mut Objects) -> (PodFacts, Deployments) {
    let mut facts = PodFacts::default();
    let mut deployments = Deployments::default();
    for kind in WORKLOADS {
        if kind == WorkloadKind::Deployment {
            if let Some(reason) = deployed(cluster, &mut facts, &mut deployments, anywhere) {
                anywhere.deployments.missing = Some(reason.clone());
                deployments.miss(reason.clone());
                facts.miss(reason);
            }
            continue;
        }
        let listing = each(cluster, kind.resource(), &mut |workload: Option<Workload>| match workload {
            Some(workload) => facts.see_workload(kind, &workload),
            None => facts.forget_workloads(kind),
        });
        if let Some(reason) = gap(kind.resource(), listing) {
            facts.miss(reason);
        }
    }
    let listing = each(cluster, Resource::Pods, &mut |pod: Option<Pod>| match pod {
        Some(pod) => facts.see_pod(&pod),
        None => facts.forget_pods(),
    });
    if let Some(reason) = gap(Resource::Pods, listing) {
        facts.miss(reason);
    }
    (facts, deployments)
}

/// Lists Deployments, with more fields than other workloads. Returns why some may be missing.
fn deployed(
    cluster: &dyn Cluster,
    facts: &mut PodFacts,
    deployments: &mut Deployments,
    anywhere: &mut Objects,
) -> Option<Reason> {
    let (kind, resource) = (WorkloadKind::Deployment, Resource::Deployments);
    let mut mistake = None;
    let listing = each(cluster, resource, &mut |object: Option<Box<RawValue>>| {
        let Some(object) = object else {
            deployments.forget();
            anywhere.deployments.items.clear();
            return facts.forget_workloads(kind);
        };
        let read = serde_json::from_str::<Workload>(object.get())
            .and_then(|workload| Ok((workload, serde_json::from_str::<eks_anywhere::Deployment>(object.get())?)));
        match read {
            Ok((workload, deployment)) => {
                deployments.see(&workload);
                facts.see_workload(kind, &workload);
                anywhere.see_deployment(deployment);
            }
            Err(error) => {
                mistake.get_or_insert_with(|| malformed(resource, &error));
            }
        }
    });
    gap(resource, listing).or(mistake)
}

/// Returns the user objects in the namespace `default`.
fn of_users(
    cluster: &dyn Cluster,
    accounts: &Listed<policy::workloads::ServiceAccount>,
    balancers: &Balancers,
) -> Listed<ObjectName> {
    let Balancers { services, ingresses, .. } = balancers;
    let claims: Listed<Named> = Listed::of(cluster, Resource::PersistentVolumeClaims);
    let mut named: Vec<(&str, &str, &str)> = Vec::new();
    let mut add = |kind, namespace, name| named.push((kind, namespace, name));
    accounts.items.iter().for_each(|it| add("ServiceAccount", &it.metadata.namespace, &it.metadata.name));
    services.items.iter().for_each(|it| add("Service", &it.metadata.namespace, &it.metadata.name));
    ingresses.items.iter().for_each(|it| add("Ingress", &it.metadata.namespace, &it.metadata.name));
    claims.items.iter().for_each(|it| add("PersistentVolumeClaim", &it.metadata.namespace, &it.metadata.name));
    let mut items = in_default(named);
    let missing = [&accounts.missing, &services.missing, &ingresses.missing, &claims.missing];
    items.sort_unstable();
    items.dedup();
    Listed { items, missing: missing.into_iter().flatten().next().cloned() }
}
