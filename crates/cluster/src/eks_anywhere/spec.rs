//! The `Cluster` object of `anywhere.eks.amazonaws.com`: a cluster's specification.

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
    /// The name and annotations.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// The specification.
    #[serde(deserialize_with = "nullable")]
    pub spec: ClusterSpec,
    /// The status.
    #[serde(deserialize_with = "nullable")]
    pub status: ClusterStatus,
}

/// The specification of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClusterSpec {
    /// The Kubernetes version, such as `1.33`.
    #[serde(deserialize_with = "nullable")]
    pub kubernetes_version: String,
    /// The EKS Anywhere version, such as `v0.26.1`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub eksa_version: String,
    /// The bundle of clusters without an `eksaVersion`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Reference::is_empty")]
    pub bundles_ref: Reference,
    /// The cluster that manages it; itself for a management cluster.
    #[serde(deserialize_with = "nullable")]
    pub management_cluster: Reference,
    /// The datacenter configuration.
    #[serde(deserialize_with = "nullable")]
    pub datacenter_ref: Reference,
    /// The control plane.
    #[serde(deserialize_with = "nullable")]
    pub control_plane_configuration: ControlPlane,
    /// The groups of worker machines.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub worker_node_group_configurations: Vec<NodeGroup>,
    /// The machines for external etcd.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub external_etcd_configuration: NodeGroup,
    /// Identity providers: AWS IAM and OIDC.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub identity_provider_refs: Vec<Reference>,
    /// The Flux configuration.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Reference::is_empty")]
    pub git_ops_ref: Reference,
    /// The network.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub cluster_network: Network,
    /// The proxies of its machines.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub proxy_configuration: Proxies,
    /// The mirror of image registries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry_mirror_configuration: Option<RegistryMirror>,
    /// IAM roles for service accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_iam_config: Option<PodIam>,
    /// Curated packages.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub packages: Packages,
    /// The resources encrypted in etcd.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub etcd_encryption: Vec<Encryption>,
    /// Whether there is a licence for extended support; its token is not kept.
    #[serde(
        deserialize_with = "is_given",
        serialize_with = "write_given",
        rename = "licenseToken",
        skip_serializing_if = "is_default"
    )]
    pub has_license: bool,
}

/// A reference to another object by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Reference {
    /// The kind, such as `VSphereMachineConfig`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
}

impl Reference {
    /// Whether the reference is empty.
    pub const fn is_empty(&self) -> bool {
        self.name.is_empty()
    }
}

/// A control plane.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ControlPlane {
    /// The API server's endpoint.
    #[serde(deserialize_with = "nullable")]
    pub endpoint: Endpoint,
    /// The machines.
    #[serde(deserialize_with = "nullable")]
    pub machine_group_ref: Reference,
    /// Whether admission plugins skip Kubernetes' own objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_admission_for_system_resources: Option<bool>,
}

/// The API server's endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Endpoint {
    /// An IP address or host name.
    #[serde(deserialize_with = "nullable")]
    pub host: String,
}

/// A group of machines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeGroup {
    /// The group's name.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The machine configuration.
    #[serde(deserialize_with = "nullable")]
    pub machine_group_ref: Reference,
    /// The Kubernetes version, if it differs from the cluster's.
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
    /// Cilium's settings, if it is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cilium: Option<Cilium>,
}

/// Cilium's settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Cilium {
    /// The policy enforcement mode: `default`, `always` or `never`.
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
    /// The HTTP proxy.
    #[serde(skip_serializing_if = "Address::is_empty")]
    pub http_proxy: Address,
    /// The HTTPS proxy.
    #[serde(skip_serializing_if = "Address::is_empty")]
    pub https_proxy: Address,
}

/// A mirror of image registries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RegistryMirror {
    /// The mirror's host.
    pub endpoint: Address,
    /// Whether it requires credentials.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub authenticate: bool,
    /// Whether verification of its certificate is disabled.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub insecure_skip_verify: bool,
}

/// IAM roles for service accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodIam {
    /// The issuer of service account tokens.
    pub service_account_issuer: Address,
}

/// Curated packages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Packages {
    /// Whether they are disabled.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub disable: bool,
}

/// The encryption configuration of etcd.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Encryption {
    /// The resources, such as `secrets`.
    #[serde(deserialize_with = "nullable")]
    pub resources: Vec<String>,
}

/// The status of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClusterStatus {
    /// When the machines' certificates expire; since EKS Anywhere 0.23.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_certificate_info: Option<Vec<CertificateInfo>>,
}

/// The expiry of a machine's serving certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CertificateInfo {
    /// The machine's name.
    #[serde(deserialize_with = "nullable")]
    pub machine: String,
    /// The days until expiry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in_days: Option<i64>,
}

impl Cluster {
    /// The object's name as findings show it.
    pub fn object(&self) -> ObjectName {
        self.metadata.object("Cluster")
    }

    /// The cluster's name.
    pub fn name(&self) -> &str {
        &self.metadata.name
    }

    /// Whether the cluster manages itself, which makes it the management cluster.
    pub fn is_management(&self) -> bool {
        let manager = &self.spec.management_cluster;
        manager.is_empty() || manager.name == self.metadata.name
    }

    /// The provider of its machines.
    pub fn provider(&self) -> Option<Provider> {
        Provider::of_datacenter(&self.spec.datacenter_ref.kind)
    }

    /// The Kubernetes minor version.
    pub fn kubernetes(&self) -> Option<Minor> {
        Minor::parse(&self.spec.kubernetes_version)
    }

    /// The EKS Anywhere minor version.
    pub fn version(&self) -> Option<Minor> {
        Minor::parse(&self.spec.eksa_version)
    }

    /// The cluster's machine configurations, without duplicates.
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

/// The provider of a cluster's machines.
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
    /// All providers.
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

    /// The display name.
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

    /// The provider of a machine, from its node's provider ID, such as `vsphere://4210…`.
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
