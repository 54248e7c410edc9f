//! The objects of an EKS Anywhere management cluster, with only the fields that controls use. Unknown fields and API
//! versions are ignored, as long as the known fields keep their types.

mod address;
mod capi;
mod credential;
mod date;
mod gitops;
mod hardware;
mod identity;
mod metadata;
mod provider;
mod release;
mod spec;
mod standing;
mod version;
mod workload;

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;

pub use address::Address;
pub use capi::{
    AUDIT_LOG_PATH, AUDIT_POLICY_FILE, AUDIT_WEBHOOK, ApiServer, Audit, ClusterConfiguration, File, KubeadmConfigSpec,
    KubeadmConfigTemplate, KubeadmConfigTemplateResource, KubeadmConfigTemplateSpec, KubeadmControlPlane,
    KubeadmControlPlaneSpec, Machine,
};
pub use credential::{Credentials, Kind};
pub use date::Date;
pub use gitops::{
    FluxConfig, FluxSpec, Git, GitHub, GitRepository, GitRepositorySpec, Kustomization, KustomizationSpec,
};
pub use hardware::{BmcConnection, BmcMachine, BmcSpec, BottlerocketShadow};
pub use identity::{AwsIamConfig, AwsIamSpec, Claim, IamIdentityMapping, Mapping, OidcConfig, OidcSpec};
pub use inspections::{AuditFault, AuditPolicy, AuditResources, AuditRule, PublicKey};
pub use metadata::{Metadata, PAUSED, SIGNATURE, SKIP_SKEW_CHECK};
pub use provider::{DatacenterConfig, DatacenterSpec, MachineConfig, MachineSpec, Named, User};
pub use release::{Bundles, BundlesSpec, EksaRelease, EksaReleaseSpec, VersionsBundle};
pub use spec::{
    CertificateInfo, Cilium, Cluster, ClusterSpec, ClusterStatus, Cni, ControlPlane, Encryption, Endpoint, Network,
    NodeGroup, Packages, PodIam, Provider, Proxies, Reference, RegistryMirror,
};
pub use standing::{Role, Standing};
pub use version::{Minor, numbers};
pub use workload::{
    Container, DEFAULT_SERVICE_ACCOUNT, Deployment, DeploymentSpec, EKSA_SYSTEM, Template, TemplateSpec, Variable,
};

use crate::policy::workloads::WebhookConfiguration;
use crate::{Cluster as Listing, Listed, Resource};

/// The objects listed from a cluster that may be a management cluster of EKS Anywhere.
#[derive(Debug, Clone, Default)]
pub struct Objects {
    /// The resources that the cluster does not serve.
    pub absent: BTreeSet<Resource>,
    /// `clusters.anywhere.eks.amazonaws.com`.
    pub clusters: Listed<Cluster>,
    /// Datacenter configurations by kind.
    pub datacenters: BTreeMap<&'static str, Listed<DatacenterConfig>>,
    /// Machine configurations by kind.
    pub machine_configs: BTreeMap<&'static str, Listed<MachineConfig>>,
    /// `fluxconfigs.anywhere.eks.amazonaws.com`.
    pub flux: Listed<FluxConfig>,
    /// `awsiamconfigs.anywhere.eks.amazonaws.com`.
    pub aws_iam: Listed<AwsIamConfig>,
    /// `oidcconfigs.anywhere.eks.amazonaws.com`.
    pub oidc: Listed<OidcConfig>,
    /// `eksareleases.anywhere.eks.amazonaws.com`.
    pub releases: Listed<EksaRelease>,
    /// `bundles.anywhere.eks.amazonaws.com`.
    pub bundles: Listed<Bundles>,
    /// `machines.cluster.x-k8s.io`.
    pub machines: Listed<Machine>,
    /// `kubeadmcontrolplanes.controlplane.cluster.x-k8s.io`.
    pub control_planes: Listed<KubeadmControlPlane>,
    /// `kubeadmconfigtemplates.bootstrap.cluster.x-k8s.io`.
    pub config_templates: Listed<KubeadmConfigTemplate>,
    /// `machines.bmc.tinkerbell.org`.
    pub bmc: Listed<BmcMachine>,
    /// `gitrepositories.source.toolkit.fluxcd.io`.
    pub repositories: Listed<GitRepository>,
    /// `kustomizations.kustomize.toolkit.fluxcd.io`.
    pub kustomizations: Listed<Kustomization>,
    /// `bottlerocketshadows.brupop.bottlerocket.aws`.
    pub shadows: Listed<BottlerocketShadow>,
    /// `iamidentitymappings.iamauthenticator.k8s.aws`.
    pub identity_mappings: Listed<IamIdentityMapping>,
    /// `mutatingwebhookconfigurations.admissionregistration.k8s.io`.
    pub mutating: Listed<WebhookConfiguration>,
    /// Deployments with fields that controls use.
    pub deployments: Listed<Deployment>,
}

/// The kinds of datacenter configurations that are listed.
const DATACENTERS: [Resource; 3] =
    [Resource::VSphereDatacenterConfigs, Resource::NutanixDatacenterConfigs, Resource::TinkerbellDatacenterConfigs];

/// The kinds of machine configurations that are listed.
const MACHINES: [Resource; 4] = [
    Resource::VSphereMachineConfigs,
    Resource::NutanixMachineConfigs,
    Resource::TinkerbellMachineConfigs,
    Resource::CloudStackMachineConfigs,
];

impl Objects {
    /// Lists the objects that only the EKS Anywhere controls need. The caller adds [`Objects::deployments`], which
    /// other controls need too.
    pub fn of(cluster: &dyn Listing) -> Self {
        let mut objects = Self::default();
        let absent = &mut objects.absent;
        objects.clusters = list(cluster, Resource::AnywhereClusters, absent);
        for resource in DATACENTERS {
            objects.datacenters.insert(resource.served().kind, list(cluster, resource, absent));
        }
        for resource in MACHINES {
            objects.machine_configs.insert(resource.served().kind, list(cluster, resource, absent));
        }
        objects.flux = list(cluster, Resource::FluxConfigs, absent);
        objects.aws_iam = list(cluster, Resource::AwsIamConfigs, absent);
        objects.oidc = list(cluster, Resource::OidcConfigs, absent);
        objects.releases = list(cluster, Resource::EksaReleases, absent);
        objects.bundles = list(cluster, Resource::Bundles, absent);
        objects.machines = list(cluster, Resource::CapiMachines, absent);
        objects.control_planes = list(cluster, Resource::KubeadmControlPlanes, absent);
        objects.config_templates = list(cluster, Resource::KubeadmConfigTemplates, absent);
        objects.bmc = list(cluster, Resource::BmcMachines, absent);
        objects.repositories = list(cluster, Resource::GitRepositories, absent);
        objects.kustomizations = list(cluster, Resource::Kustomizations, absent);
        objects.shadows = list(cluster, Resource::BottlerocketShadows, absent);
        objects.identity_mappings = list(cluster, Resource::IamIdentityMappings, absent);
        objects.mutating = list(cluster, Resource::MutatingWebhookConfigurations, absent);
        objects
    }

    /// Adds a Deployment if controls use any of its fields.
    pub fn see_deployment(&mut self, deployment: Deployment) {
        if deployment.is_looked_at() {
            self.deployments.items.push(deployment);
        }
    }
}

fn list<T: DeserializeOwned>(cluster: &dyn Listing, resource: Resource, absent: &mut BTreeSet<Resource>) -> Listed<T> {
    let (listed, is_absent) = Listed::with_end(cluster, resource);
    if is_absent {
        absent.insert(resource);
    }
    listed
}
