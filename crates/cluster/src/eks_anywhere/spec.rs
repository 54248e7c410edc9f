//! `Cluster` of `anywhere.eks.amazonaws.com`: the specification of a cluster.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::address::Address;
use super::metadata::Metadata;
use super::version::Minor;
use crate::nullable::nullable;
use crate::policy::ObjectName;

/// A cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cluster {
    /// Its name and annotations.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// Its specification.
    #[serde(deserialize_with = "nullable")]
    pub spec: ClusterSpec,
    /// Its status.
    #[serde(deserialize_with = "nullable")]
    pub status: ClusterStatus,
}

/// The specification of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClusterSpec {
    /// `1.33`.
    #[serde(deserialize_with = "nullable")]
    pub kubernetes_version: String,
    /// `v0.26.1`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub eksa_version: String,
    /// The bundle of clusters without an `eksaVersion`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Reference::is_empty")]
    pub bundles_ref: Reference,
    /// The cluster that manages it: itself, of a management cluster.
    #[serde(deserialize_with = "nullable")]
    pub management_cluster: Reference,
    /// Where its machines are.
    #[serde(deserialize_with = "nullable")]
    pub datacenter_ref: Reference,
    /// Its control plane.
    #[serde(deserialize_with = "nullable")]
    pub control_plane_configuration: ControlPlane,
    /// Its workers.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub worker_node_group_configurations: Vec<NodeGroup>,
    /// Machines for external etcd.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub external_etcd_configuration: NodeGroup,
    /// AWS IAM, OIDC.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub identity_provider_refs: Vec<Reference>,
    /// Flux.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Reference::is_empty")]
    pub git_ops_ref: Reference,
    /// Its network.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub cluster_network: Network,
    /// Proxies of its machines.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub proxy_configuration: Proxies,
    /// A mirror of image registries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry_mirror_configuration: Option<RegistryMirror>,
    /// IAM roles of service accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_iam_config: Option<PodIam>,
    /// Curated packages.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub packages: Packages,
    /// What is encrypted in etcd.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub etcd_encryption: Vec<Encryption>,
    /// Whether there is a licence for extended support; the token is not kept.
    #[serde(
        deserialize_with = "is_given",
        serialize_with = "write_given",
        rename = "licenseToken",
        skip_serializing_if = "is_default"
    )]
    pub has_license: bool,
}

/// Another object by its name.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Reference {
    /// `VSphereMachineConfig`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// Its name.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
}

impl Reference {
    /// Whether it is empty.
    pub const fn is_empty(&self) -> bool {
        self.name.is_empty()
    }
}

/// A control plane.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ControlPlane {
    /// Where the API server is reached.
    #[serde(deserialize_with = "nullable")]
    pub endpoint: Endpoint,
    /// Its machines.
    #[serde(deserialize_with = "nullable")]
    pub machine_group_ref: Reference,
    /// Whether admission plugins skip Kubernetes' own objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_admission_for_system_resources: Option<bool>,
}

/// Where the API server is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Endpoint {
    /// An IP address or a name.
    #[serde(deserialize_with = "nullable")]
    pub host: String,
}

/// A group of machines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeGroup {
    /// Its name.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Its machines.
    #[serde(deserialize_with = "nullable")]
    pub machine_group_ref: Reference,
    /// Its Kubernetes version, if it differs from the cluster's.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub kubernetes_version: String,
}

/// The network of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Network {
    /// The network plugin.
    #[serde(deserialize_with = "nullable")]
    pub cni_config: Cni,
}

/// The network plugin of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cni {
    /// Cilium.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cilium: Option<Cilium>,
}

/// Settings of Cilium.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Cilium {
    /// `default`, `always`, `never`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub policy_enforcement_mode: String,
    /// Whether the administrator installs the plugin.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub skip_upgrade: bool,
}

/// Proxies of machines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Proxies {
    /// For HTTP.
    #[serde(skip_serializing_if = "Address::is_empty")]
    pub http_proxy: Address,
    /// For HTTPS.
    #[serde(skip_serializing_if = "Address::is_empty")]
    pub https_proxy: Address,
}

/// A mirror of image registries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RegistryMirror {
    /// Its host.
    pub endpoint: Address,
    /// Whether it asks for credentials.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub authenticate: bool,
    /// Whether its certificate is not verified.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub insecure_skip_verify: bool,
}

/// IAM roles of service accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodIam {
    /// Who signs the tokens of service accounts.
    pub service_account_issuer: Address,
}

/// Curated packages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Packages {
    /// Whether they are off.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub disable: bool,
}

/// What is encrypted in etcd.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Encryption {
    /// `secrets`.
    #[serde(deserialize_with = "nullable")]
    pub resources: Vec<String>,
}

/// The status of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClusterStatus {
    /// When the certificates of its machines expire; from EKS Anywhere 0.23 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_certificate_info: Option<Vec<CertificateInfo>>,
}

/// When the certificate that a machine serves expires.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CertificateInfo {
    /// The machine's name.
    #[serde(deserialize_with = "nullable")]
    pub machine: String,
    /// How many days are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in_days: Option<i64>,
}

impl Cluster {
    /// Its name, as findings show it.
    pub fn object(&self) -> ObjectName {
        self.metadata.object("Cluster")
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.metadata.name
    }

    /// Whether it manages itself, and so is the management cluster.
    pub fn is_management(&self) -> bool {
        let manager = &self.spec.management_cluster;
        manager.is_empty() || manager.name == self.metadata.name
    }

    /// Who provides its machines.
    pub fn provider(&self) -> Option<Provider> {
        Provider::of_datacenter(&self.spec.datacenter_ref.kind)
    }

    /// The minor version of Kubernetes.
    pub fn kubernetes(&self) -> Option<Minor> {
        Minor::parse(&self.spec.kubernetes_version)
    }

    /// The minor version of EKS Anywhere.
    pub fn version(&self) -> Option<Minor> {
        Minor::parse(&self.spec.eksa_version)
    }

    /// The machine configurations of the cluster, each once.
    pub fn machine_groups(&self) -> Vec<&Reference> {
        let spec = &self.spec;
        let workers = spec.worker_node_group_configurations.iter().map(|group| &group.machine_group_ref);
        let mut all: Vec<&Reference> = [&spec.control_plane_configuration.machine_group_ref]
            .into_iter()
            .chain(workers)
            .chain([&spec.external_etcd_configuration.machine_group_ref])
            .filter(|reference| !reference.is_empty())
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// Who provides the machines of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// vSphere.
    VSphere,
    /// Nutanix.
    Nutanix,
    /// Bare metal.
    Tinkerbell,
    /// Apache `CloudStack`, until EKS Anywhere 0.25.
    CloudStack,
    /// AWS Snow.
    Snow,
    /// Docker, for development.
    Docker,
}

impl Provider {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::VSphere, Self::Nutanix, Self::Tinkerbell, Self::CloudStack, Self::Snow, Self::Docker];

    /// The kind of its datacenter configuration.
    pub const fn datacenter(self) -> &'static str {
        match self {
            Self::VSphere => "VSphereDatacenterConfig",
            Self::Nutanix => "NutanixDatacenterConfig",
            Self::Tinkerbell => "TinkerbellDatacenterConfig",
            Self::CloudStack => "CloudStackDatacenterConfig",
            Self::Snow => "SnowDatacenterConfig",
            Self::Docker => "DockerDatacenterConfig",
        }
    }

    /// The name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::VSphere => "vSphere",
            Self::Nutanix => "Nutanix",
            Self::Tinkerbell => "bare metal",
            Self::CloudStack => "CloudStack",
            Self::Snow => "Snow",
            Self::Docker => "Docker",
        }
    }

    /// Who provides a machine, by the provider ID of its node: `vsphere://4210…`.
    pub fn of_machine(provider_id: &str) -> Option<Self> {
        let (scheme, _) = provider_id.split_once("://")?;
        match scheme {
            "vsphere" => Some(Self::VSphere),
            "nutanix" => Some(Self::Nutanix),
            "tinkerbell" => Some(Self::Tinkerbell),
            "cloudstack" => Some(Self::CloudStack),
            "aws-snow" => Some(Self::Snow),
            "docker" => Some(Self::Docker),
            _ => None,
        }
    }

    fn of_datacenter(kind: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.datacenter() == kind)
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn is_given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.is_some_and(|token| !token.trim().is_empty()))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn write_given<S: Serializer>(_: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str("masked")
}
