//! The lists that the controls need, each asked for once and folded while it is read.

use cluster::eks_anywhere::{Date, Objects, Service};
use cluster::nodes::{Node, distribution};
use cluster::pods::{Pod, Workload, WorkloadKind};
use cluster::policy::workloads::{Admission, Engines, Networks, PodFacts, in_default};
use cluster::policy::{self, ObjectName};
use cluster::rbac::{Lists, Rbac};
use cluster::{About, Cluster, ConfigMap, Listed, Listing, Meta, Resource, each, gap, malformed};
use probe::Reason;
use serde::Deserialize;
use serde_json::value::RawValue;

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

pub(super) fn seen(cluster: &dyn Cluster, today: Date) -> Result<Seen, String> {
    let rights = exemptions::of_rights()?;
    let about = cluster.about();
    let nodes: Listed<Node> = Listed::of(cluster, Resource::Nodes);
    let namespaces: Listed<policy::workloads::Namespace> = Listed::of(cluster, Resource::Namespaces);
    let has_namespace = |name: &str| namespaces.items.iter().any(|namespace| namespace.metadata.name == name);
    let distribution = distribution(&nodes.items, about.version.as_deref(), has_namespace);
    let platforms: Vec<&str> = distribution.into_iter().collect();
    let workloads = exemptions::of_workloads(Some(&platforms))?;
    let accounts: Listed<policy::workloads::ServiceAccount> = Listed::of(cluster, Resource::ServiceAccounts);
    let config_maps: Listed<ConfigMap> = Listed::of(cluster, Resource::ConfigMaps);
    let rbac = rbac(cluster);
    let mut anywhere = Objects::of(cluster);
    let pods = pods(cluster, &mut anywhere).summary();
    let named = accounts.items.iter().map(|account| ("ServiceAccount", &account.metadata));
    let named: Vec<(&str, &Meta)> = named.collect();
    let in_default = of_users(cluster, &named, accounts.missing.clone(), &mut anywhere);
    let admission = Admission {
        policies: Listed::of(cluster, Resource::ValidatingAdmissionPolicies),
        bindings: Listed::of(cluster, Resource::ValidatingAdmissionPolicyBindings),
        webhooks: Listed::of(cluster, Resource::ValidatingWebhookConfigurations),
        // Their webhooks show them; what each of their policies rejects is not looked at.
        engines: Engines::default(),
    };
    let networks = Networks {
        policies: Listed::of(cluster, Resource::NetworkPolicies),
        cilium: Listed::of(cluster, Resource::CiliumNetworkPolicies),
        cilium_clusterwide: Listed::of(cluster, Resource::CiliumClusterwideNetworkPolicies),
        calico: Listed::of(cluster, Resource::CalicoNetworkPolicies),
        calico_global: Listed::of(cluster, Resource::CalicoGlobalNetworkPolicies),
        auto_mode_enforces: config_maps.items.iter().any(ConfigMap::enforces_network_policies),
    };
    let definitions: Listed<Named> = Listed::of(cluster, Resource::CustomResourceDefinitions);
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
        config_maps,
        anywhere,
        shipped: exemptions::of_eks_anywhere()?,
        support: exemptions::support_of_eks_anywhere()?,
        today,
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

/// An object of which only the metadata is looked at.
#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    metadata: Meta,
}

/// Who may do what in a cluster.
pub(super) fn rbac(cluster: &dyn Cluster) -> Rbac {
    Rbac::new(Lists {
        cluster_roles: Listed::of(cluster, Resource::ClusterRoles),
        cluster_role_bindings: Listed::of(cluster, Resource::ClusterRoleBindings),
        roles: Listed::of(cluster, Resource::Roles),
        role_bindings: Listed::of(cluster, Resource::RoleBindings),
    })
}

/// Pods and what makes them; of Deployments, what else is looked at.
fn pods(cluster: &dyn Cluster, anywhere: &mut Objects) -> PodFacts {
    let mut facts = PodFacts::default();
    for kind in WORKLOADS {
        let resource = kind.resource();
        let listing = if kind == WorkloadKind::Deployment {
            let mut mistake = None;
            let listing = each(cluster, resource, &mut |object: Option<Box<RawValue>>| {
                let Some(object) = object else {
                    anywhere.deployments.items.clear();
                    return facts.forget_workloads(kind);
                };
                match (serde_json::from_str(object.get()), serde_json::from_str(object.get())) {
                    (Ok(workload), Ok(deployment)) => {
                        facts.see_workload(kind, &workload);
                        anywhere.see_deployment(deployment);
                    }
                    (Err(error), _) | (_, Err(error)) => {
                        mistake.get_or_insert_with(|| malformed(resource, &error));
                    }
                }
            });
            mistake.map_or(listing, Listing::Unknown)
        } else {
            each(cluster, resource, &mut |workload: Option<Workload>| match workload {
                Some(workload) => facts.see_workload(kind, &workload),
                None => facts.forget_workloads(kind),
            })
        };
        let gap = gap(resource, listing);
        if kind == WorkloadKind::Deployment {
            anywhere.deployments.missing.clone_from(&gap);
        }
        if let Some(reason) = gap {
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
    facts
}

/// What users have in the namespace `default`; of Services, what else is looked at.
fn of_users(
    cluster: &dyn Cluster,
    known: &[(&str, &Meta)],
    gap_of_accounts: Option<Reason>,
    anywhere: &mut Objects,
) -> Listed<ObjectName> {
    let mut items = in_default(known.iter().map(|(kind, meta)| (*kind, meta.namespace.as_str(), meta.name.as_str())));
    let mut missing = gap_of_accounts;
    for resource in OF_USERS {
        let kind = resource.served().kind;
        let listing = if resource == Resource::Services {
            each(cluster, resource, &mut |service: Option<Service>| {
                let Some(service) = service else { return anywhere.services.items.clear() };
                items.extend(in_default([(kind, service.metadata.namespace.as_str(), service.metadata.name.as_str())]));
                anywhere.see_service(service);
            })
        } else {
            each(cluster, resource, &mut |object: Option<Named>| {
                // What is found twice is told once.
                let Some(object) = object else { return };
                let Meta { namespace, name, .. } = &object.metadata;
                items.extend(in_default([(kind, namespace.as_str(), name.as_str())]));
            })
        };
        let gap = gap(resource, listing);
        if resource == Resource::Services {
            anywhere.services.missing.clone_from(&gap);
        }
        missing = missing.or(gap);
    }
    items.sort_unstable();
    items.dedup();
    Listed { items, missing }
}
