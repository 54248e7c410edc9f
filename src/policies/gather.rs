//! The lists that the controls need, each asked for once and folded while it is read.

use cluster::nodes::{Node, distribution};
use cluster::pods::{Pod, Workload, WorkloadKind};
use cluster::policy::eks::Deployments;
use cluster::policy::workloads::{Admission, Engines, Listed, Networks, PodFacts, in_default};
use cluster::policy::{self, ObjectName};
use cluster::rbac::{Lists, Rbac};
use cluster::{About, Cluster, ConfigMap, Identities, Listing, Meta, Resource, Shown, malformed};
use probe::{Cause, Reason};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Seen, exemptions};

/// What makes pods, in the order in which owners come before what they own.
pub(super) const WORKLOADS: [WorkloadKind; 7] = [
    WorkloadKind::CronJob,
    WorkloadKind::Job,
    WorkloadKind::Deployment,
    WorkloadKind::ReplicaSet,
    WorkloadKind::DaemonSet,
    WorkloadKind::StatefulSet,
    WorkloadKind::ReplicationController,
];

/// What is looked for in the namespace `default` beside pods and what makes them.
pub(super) const OF_USERS: [Resource; 3] = [Resource::Services, Resource::Ingresses, Resource::PersistentVolumeClaims];

pub(super) fn seen(cluster: &dyn Cluster) -> Result<Seen, String> {
    let rights = exemptions::of_rights()?;
    let about = cluster.about();
    let nodes: Listed<Node> = listed(cluster, Resource::Nodes);
    let namespaces: Listed<policy::workloads::Namespace> = listed(cluster, Resource::Namespaces);
    let has_namespace = |name: &str| namespaces.items.iter().any(|namespace| namespace.metadata.name == name);
    let distribution = distribution(&nodes.items, about.version.as_deref(), has_namespace);
    let platforms: Vec<&str> = distribution.into_iter().collect();
    let workloads = exemptions::of_workloads(Some(&platforms))?;
    let accounts: Listed<policy::workloads::ServiceAccount> = listed(cluster, Resource::ServiceAccounts);
    let config_maps: Listed<ConfigMap> = listed(cluster, Resource::ConfigMaps);
    let rbac = rbac(cluster);
    let (pods, deployments) = pods(cluster);
    let pods = pods.summary();
    let named = accounts.items.iter().map(|account| ("ServiceAccount", &account.metadata));
    let named: Vec<(&str, &Meta)> = named.collect();
    let in_default = of_users(cluster, &named, accounts.missing.clone());
    let admission = Admission {
        policies: listed(cluster, Resource::ValidatingAdmissionPolicies),
        bindings: listed(cluster, Resource::ValidatingAdmissionPolicyBindings),
        webhooks: listed(cluster, Resource::ValidatingWebhookConfigurations),
        // Their webhooks show them; what each of their policies rejects is not looked at.
        engines: Engines::default(),
    };
    let networks = Networks {
        policies: listed(cluster, Resource::NetworkPolicies),
        cilium: listed(cluster, Resource::CiliumNetworkPolicies),
        cilium_clusterwide: listed(cluster, Resource::CiliumClusterwideNetworkPolicies),
        calico: listed(cluster, Resource::CalicoNetworkPolicies),
        calico_global: listed(cluster, Resource::CalicoGlobalNetworkPolicies),
        auto_mode_enforces: config_maps.items.iter().any(ConfigMap::enforces_network_policies),
    };
    let definitions: Listed<Named> = listed(cluster, Resource::CustomResourceDefinitions);
    let custom_resources = Listed {
        items: definitions.items.into_iter().map(|definition| definition.metadata.name).collect(),
        missing: definitions.missing,
    };
    Ok(Seen {
        distribution,
        rbac,
        pods,
        in_default,
        admission,
        networks,
        custom_resources,
        masters: config_maps.items.iter().flat_map(ConfigMap::masters).collect(),
        identities: identities(&config_maps.items),
        deployments,
        config_maps_gap: config_maps.missing,
        rights: rights.exemptions.into_iter().filter(|exemption| exemption.holds_on(&platforms)).collect(),
        critical_namespaces: rights.critical_namespaces,
        workloads,
        // What was remarked while lists were read is known now.
        about: About { remarks: cluster.about().remarks, ..about },
        nodes,
        namespaces,
        accounts,
    })
}

/// Whom config maps let in.
fn identities(config_maps: &[ConfigMap]) -> Identities {
    let mut all = Identities::default();
    for Identities { roles, others } in config_maps.iter().map(ConfigMap::identities) {
        all.roles.extend(roles);
        all.others.extend(others);
    }
    all
}

/// An object of which only the metadata is looked at.
#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    metadata: Meta,
}

/// Lists a resource, and keeps each of its objects.
fn listed<T: DeserializeOwned>(cluster: &dyn Cluster, resource: Resource) -> Listed<T> {
    let mut items = Vec::new();
    let gap = each(cluster, resource, &mut |item| match item {
        Some(item) => items.push(item),
        None => items.clear(),
    });
    Listed { items, missing: gap }
}

/// Who may do what in a cluster.
pub(super) fn rbac(cluster: &dyn Cluster) -> Rbac {
    Rbac::new(Lists {
        cluster_roles: listed(cluster, Resource::ClusterRoles),
        cluster_role_bindings: listed(cluster, Resource::ClusterRoleBindings),
        roles: listed(cluster, Resource::Roles),
        role_bindings: listed(cluster, Resource::RoleBindings),
    })
}

/// Shows each object of a resource, and says why some may be missing; none where the list begins anew, and what was shown
/// of it is to be forgotten. A resource that the cluster need not have, and has not, has no objects.
fn each<T: DeserializeOwned>(
    cluster: &dyn Cluster,
    resource: Resource,
    visit: &mut dyn FnMut(Option<T>),
) -> Option<Reason> {
    let mut mistake = None;
    let listing = cluster.list(resource, &mut |shown| match shown {
        Shown::Again => visit(None),
        Shown::Object(object) => match serde_json::from_str(object.get()) {
            Ok(item) => visit(Some(item)),
            Err(error) => {
                mistake.get_or_insert_with(|| malformed(resource, &error));
            }
        },
    });
    match listing {
        Listing::Complete => mistake,
        Listing::Absent if resource.served().optional => None,
        Listing::Absent => Some(Reason::new(Cause::System, resource, "the API server does not have it")),
        Listing::Unknown(reason) => Some(reason),
    }
}

fn pods(cluster: &dyn Cluster) -> (PodFacts, Deployments) {
    let mut facts = PodFacts::default();
    let mut deployments = Deployments::default();
    for kind in WORKLOADS {
        let is_deployment = kind == WorkloadKind::Deployment;
        let gap = each(cluster, kind.resource(), &mut |workload: Option<Workload>| match workload {
            Some(workload) => {
                if is_deployment {
                    deployments.see(&workload);
                }
                facts.see_workload(kind, &workload);
            }
            None => {
                if is_deployment {
                    deployments.forget();
                }
                facts.forget_workloads(kind);
            }
        });
        if let Some(reason) = gap {
            if is_deployment {
                deployments.miss(reason.clone());
            }
            facts.miss(reason);
        }
    }
    let gap = each(cluster, Resource::Pods, &mut |pod: Option<Pod>| match pod {
        Some(pod) => facts.see_pod(&pod),
        None => facts.forget_pods(),
    });
    if let Some(reason) = gap {
        facts.miss(reason);
    }
    (facts, deployments)
}

/// What users have in the namespace `default`.
fn of_users(cluster: &dyn Cluster, known: &[(&str, &Meta)], gap: Option<Reason>) -> Listed<ObjectName> {
    let mut items = in_default(known.iter().map(|(kind, meta)| (*kind, meta.namespace.as_str(), meta.name.as_str())));
    let mut gap = gap;
    for resource in OF_USERS {
        let kind = resource.served().kind;
        let missing = each(cluster, resource, &mut |object: Option<Named>| {
            // What is found twice is told once.
            let Some(object) = object else { return };
            let Meta { namespace, name, .. } = &object.metadata;
            items.extend(in_default([(kind, namespace.as_str(), name.as_str())]));
        });
        gap = gap.or(missing);
    }
    items.sort_unstable();
    items.dedup();
    Listed { items, missing: gap }
}
