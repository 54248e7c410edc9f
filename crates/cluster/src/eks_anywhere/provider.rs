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
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// The provider's settings.
    #[serde(deserialize_with = "nullable")]
    pub spec: DatacenterSpec,
}

/// A provider's settings: how it is reached, and where its images are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DatacenterSpec {
    /// Whether verification of its certificate is disabled.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_false")]
    pub insecure: bool,
    /// The thumbprint to which vCenter's certificate is pinned; empty if it is not pinned.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub thumbprint: String,
    /// Bare metal: the address of the Tinkerbell services.
    #[serde(rename = "tinkerbellIP", deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub tinkerbell_ip: String,
    /// Bare metal: the operating system image.
    #[serde(rename = "osImageURL", skip_serializing_if = "Address::is_empty")]
    pub os_image_url: Address,
    /// Bare metal: the image that installs machines.
    #[serde(rename = "hookImagesURLPath", skip_serializing_if = "Address::is_empty")]
    pub hook_images_url_path: Address,
    /// Bare metal: the same as an ISO image.
    #[serde(rename = "hookIsoURL", skip_serializing_if = "Address::is_empty")]
    pub hook_iso_url: Address,
}

/// A `VSphereMachineConfig`, `NutanixMachineConfig`, `TinkerbellMachineConfig` or `CloudStackMachineConfig`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MachineConfig {
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// The machines' settings.
    #[serde(deserialize_with = "nullable")]
    pub spec: MachineSpec,
}

/// The settings of machines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MachineSpec {
    /// The operating system: `ubuntu`, `bottlerocket` or `redhat`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub os_family: String,
    /// The users who may log in.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<User>,
    /// vSphere and `CloudStack`: the template, as a path or a reference.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Named::is_empty")]
    pub template: Named,
    /// Nutanix: the image.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Named::is_empty")]
    pub image: Named,
    /// Bare metal: the image.
    #[serde(rename = "osImageURL", skip_serializing_if = "Address::is_empty")]
    pub os_image_url: Address,
}

/// A reference by name: a string, or an object with a `name` or `uuid`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Naming", into = "String")]
pub struct Named(pub String);

impl Named {
    /// Whether the reference is empty.
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

/// A user who may log in to a machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct User {
    /// The user name, such as `ec2-user`.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    /// The SSH keys.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub ssh_authorized_keys: Vec<PublicKey>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}
