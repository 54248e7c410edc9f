//! Records a cluster: only the relevant fields of its objects. Anything without a field in this crate's types (values
//! of variables, arguments, annotations, data) is not recorded.

use std::collections::BTreeMap;

use probe::Reason;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::balancers::{Ingress, IngressClass, Service};
use crate::cluster::{About, Cluster, Listing, Shown, malformed};
use crate::config_map::ConfigMap;
use crate::eks_anywhere as anywhere;
use crate::nodes::Node;
use crate::pods::{Pod, Workload};
use crate::policy::eks::{DisruptionBudget, PersistentVolume, StorageClass};
use crate::policy::workloads::{
    AdmissionPolicy, AdmissionPolicyBinding, CalicoPolicy, CiliumPolicy, Constraint, KyvernoPolicy, Namespace,
    NetworkPolicy, ServiceAccount, ValidatingPolicy, WebhookConfiguration,
};
use crate::rbac::{Binding, Role};
use crate::resource::Resource;

use super::recorded::{CAUSES, FORM, File, List, State, Told};

/// An object reduced to its name.
#[derive(Serialize, Deserialize)]
struct Named {
    #[serde(default)]
    metadata: Name,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Name {
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    namespace: String,
}

/// Returns the text of a recording.
///
/// # Errors
///
/// Returns an error if it cannot be written as JSON.
pub fn record(cluster: &dyn Cluster) -> Result<String, serde_json::Error> {
    let About { source, version, remarks } = cluster.about();
    let mut kept: BTreeMap<Resource, (Listing, Vec<Box<RawValue>>)> = BTreeMap::new();
    for resource in Resource::ALL {
        let mut items = Vec::new();
        let mut mistake = None;
        let listing = cluster.list(resource, &mut |shown| match shown {
            Shown::Again => items.clear(),
            Shown::Object(object) => match projected(resource, object) {
                Ok(item) => items.push(item),
                Err(error) => {
                    mistake.get_or_insert_with(|| malformed(resource, &error));
                }
            },
        });
        let listing = match (listing, mistake) {
            (Listing::Complete, Some(mistake)) => Listing::Unknown(mistake),
            (listing, _) => listing,
        };
        kept.insert(resource, (listing, items));
    }
    let lists = kept.iter().map(|(resource, (listing, items))| {
        let (state, reason) = match listing {
            Listing::Complete => (State::Complete, None),
            Listing::Absent => (State::Absent, None),
            Listing::Unknown(reason) => (State::Unknown, Some(told(reason))),
        };
        (resource.to_string(), List { state, reason, items: items.iter().map(|item| &**item).collect() })
    });
    let file = File { recorded_cluster: FORM, source, version, remarks, lists: lists.collect() };
    let mut text = serde_json::to_string(&file)?;
    text.push('\n');
    Ok(text)
}

fn told(reason: &Reason) -> Told {
    let cause = CAUSES.iter().find(|(cause, _)| *cause == reason.cause).map_or("system", |(_, name)| *name);
    Told { cause: cause.to_owned(), subject: reason.subject.clone(), detail: reason.detail.clone() }
}

/// The fields of an object that are kept.
fn projected(resource: Resource, object: &RawValue) -> Result<Box<RawValue>, serde_json::Error> {
    match resource {
        Resource::Namespaces => as_type::<Namespace>(object),
        Resource::Nodes => as_type::<Node>(object),
        Resource::ClusterRoles | Resource::Roles => as_type::<Role>(object),
        Resource::ClusterRoleBindings | Resource::RoleBindings => as_type::<Binding>(object),
        Resource::ServiceAccounts => as_type::<ServiceAccount>(object),
        Resource::CronJobs
        | Resource::Jobs
        | Resource::ReplicaSets
        | Resource::DaemonSets
        | Resource::StatefulSets
        | Resource::ReplicationControllers => as_type::<Workload>(object),
        Resource::Deployments => deployment(object),
        Resource::Pods => as_type::<Pod>(object),
        Resource::NetworkPolicies => as_type::<NetworkPolicy>(object),
        Resource::CiliumNetworkPolicies | Resource::CiliumClusterwideNetworkPolicies => as_type::<CiliumPolicy>(object),
        Resource::CalicoNetworkPolicies | Resource::CalicoGlobalNetworkPolicies => as_type::<CalicoPolicy>(object),
        Resource::ValidatingWebhookConfigurations | Resource::MutatingWebhookConfigurations => {
            as_type::<WebhookConfiguration>(object)
        }
        Resource::ValidatingAdmissionPolicies => as_type::<AdmissionPolicy>(object),
        Resource::ValidatingAdmissionPolicyBindings => as_type::<AdmissionPolicyBinding>(object),
        Resource::KyvernoClusterPolicies | Resource::KyvernoPolicies => as_type::<KyvernoPolicy>(object),
        Resource::KyvernoValidatingPolicies | Resource::KyvernoNamespacedValidatingPolicies => {
            as_type::<ValidatingPolicy>(object)
        }
        Resource::GatekeeperConstraints => as_type::<Constraint>(object),
        Resource::ConfigMaps => as_type::<ConfigMap>(object),
        Resource::Services => as_type::<Service>(object),
        Resource::Ingresses => as_type::<Ingress>(object),
        Resource::IngressClasses => as_type::<IngressClass>(object),
        Resource::StorageClasses => as_type::<StorageClass>(object),
        Resource::PersistentVolumes => as_type::<PersistentVolume>(object),
        Resource::PodDisruptionBudgets => as_type::<DisruptionBudget>(object),
        Resource::PersistentVolumeClaims | Resource::CustomResourceDefinitions => as_type::<Named>(object),
        Resource::AnywhereClusters => as_type::<anywhere::Cluster>(object),
        Resource::VSphereDatacenterConfigs
        | Resource::NutanixDatacenterConfigs
        | Resource::TinkerbellDatacenterConfigs => as_type::<anywhere::DatacenterConfig>(object),
        Resource::VSphereMachineConfigs
        | Resource::NutanixMachineConfigs
        | Resource::TinkerbellMachineConfigs
        | Resource::CloudStackMachineConfigs => as_type::<anywhere::MachineConfig>(object),
        Resource::FluxConfigs => as_type::<anywhere::FluxConfig>(object),
        Resource::AwsIamConfigs => as_type::<anywhere::AwsIamConfig>(object),
        Resource::OidcConfigs => as_type::<anywhere::OidcConfig>(object),
        Resource::EksaReleases => as_type::<anywhere::EksaRelease>(object),
        Resource::Bundles => as_type::<anywhere::Bundles>(object),
        Resource::CapiMachines => as_type::<anywhere::Machine>(object),
        Resource::KubeadmControlPlanes => as_type::<anywhere::KubeadmControlPlane>(object),
        Resource::KubeadmConfigTemplates => as_type::<anywhere::KubeadmConfigTemplate>(object),
        Resource::BmcMachines => as_type::<anywhere::BmcMachine>(object),
        Resource::GitRepositories => as_type::<anywhere::GitRepository>(object),
        Resource::Kustomizations => as_type::<anywhere::Kustomization>(object),
        Resource::BottlerocketShadows => as_type::<anywhere::BottlerocketShadow>(object),
        Resource::IamIdentityMappings => as_type::<anywhere::IamIdentityMapping>(object),
    }
}

/// A Deployment, with the settings kept for EKS Anywhere's own ones.
fn deployment(object: &RawValue) -> Result<Box<RawValue>, serde_json::Error> {
    let mut projection = serde_json::to_value(serde_json::from_str::<Workload>(object.get())?)?;
    serde_json::from_str::<anywhere::Deployment>(object.get())?.add_to(&mut projection);
    serde_json::value::to_raw_value(&projection)
}

fn as_type<T: DeserializeOwned + Serialize>(object: &RawValue) -> Result<Box<RawValue>, serde_json::Error> {
    serde_json::value::to_raw_value(&serde_json::from_str::<T>(object.get())?)
}
