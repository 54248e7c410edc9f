//! Provider configurations: `*DatacenterConfig` and `*MachineConfig`, with one type for all providers.

use inspections::PublicKey;
use serde::{Deserialize, Serialize};

use super::address::Address;
use super::metadata::Metadata;
use crate::nullable::nullable;

/// A `VSphereDatacenterConfig`, `NutanixDatacenterConfig` or `TinkerbellDatacenterConfig`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DatacenterConfig {
    /// Its name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// Where the provider is, and where its images are.
    #[serde(deserialize_with = "nullable")]
    pub spec: DatacenterSpec,
}

/// Where a provider is, and where its images are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DatacenterSpec {
    /// Whether its certificate is not verified.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_false")]
    pub insecure: bool,
    /// Whether vCenter's certificate is pinned.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub thumbprint: String,
    /// Of bare metal, where the services of Tinkerbell are reached.
    #[serde(rename = "tinkerbellIP", deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub tinkerbell_ip: String,
    /// Of bare metal, the image of the operating system.
    #[serde(rename = "osImageURL", skip_serializing_if = "Address::is_empty")]
    pub os_image_url: Address,
    /// Of bare metal, the image that installs machines.
    #[serde(rename = "hookImagesURLPath", skip_serializing_if = "Address::is_empty")]
    pub hook_images_url_path: Address,
    /// The same as an ISO image.
    #[serde(rename = "hookIsoURL", skip_serializing_if = "Address::is_empty")]
    pub hook_iso_url: Address,
}

/// A `VSphereMachineConfig`, `NutanixMachineConfig`, `TinkerbellMachineConfig` or `CloudStackMachineConfig`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MachineConfig {
    /// Its name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// What machines are made of.
    #[serde(deserialize_with = "nullable")]
    pub spec: MachineSpec,
}

/// What machines are made of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MachineSpec {
    /// `ubuntu`, `bottlerocket`, `redhat`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub os_family: String,
    /// Who may log in.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<User>,
    /// Of vSphere and `CloudStack`, the template: a path, or an object that names it.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Named::is_empty")]
    pub template: Named,
    /// Of Nutanix, the image.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Named::is_empty")]
    pub image: Named,
    /// Of bare metal, the image.
    #[serde(rename = "osImageURL", skip_serializing_if = "Address::is_empty")]
    pub os_image_url: Address,
}

/// A reference by name: a string, or an object with a `name` or `uuid`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Naming", into = "String")]
pub struct Named(pub String);

impl Named {
    /// Whether it is empty.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Naming {
    Text(String),
    Object {
        #[serde(default)]
        name: Option<String>,
        #[serde(default)]
        uuid: Option<String>,
        #[serde(default)]
        id: Option<String>,
    },
}

impl From<Naming> for Named {
    fn from(naming: Naming) -> Self {
        Self(match naming {
            Naming::Text(text) => text,
            Naming::Object { name, uuid, id } => name.or(uuid).or(id).unwrap_or_default(),
        })
    }
}

impl From<Named> for String {
    fn from(named: Named) -> Self {
        named.0
    }
}

/// Who may log in to a machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct User {
    /// `ec2-user`.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    /// With these keys.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub ssh_authorized_keys: Vec<PublicKey>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}
