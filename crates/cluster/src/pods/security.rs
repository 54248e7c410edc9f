//! Parts of security contexts that pods and containers share.

use serde::{Deserialize, Serialize};

use super::lenient::{is_default, list};
use super::object::{object, objects, optional_object};
use crate::nullable::nullable;

/// The `securityContext` of a pod. A container's own value takes precedence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodSecurityContext {
    /// Whether the kubelet refuses to run containers as root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_as_non_root: Option<bool>,
    /// The user ID of the containers; if unset, the image's applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_as_user: Option<i64>,
    /// The seccomp profile of the containers.
    #[serde(deserialize_with = "optional_object", skip_serializing_if = "Option::is_none")]
    pub seccomp_profile: Option<Profile>,
    /// The `AppArmor` profile of the containers.
    #[serde(deserialize_with = "optional_object", skip_serializing_if = "Option::is_none")]
    pub app_armor_profile: Option<Profile>,
    /// The SELinux label of the containers.
    #[serde(deserialize_with = "optional_object", skip_serializing_if = "Option::is_none")]
    pub se_linux_options: Option<SeLinuxOptions>,
    /// The sysctls set in the pod's namespaces.
    #[serde(deserialize_with = "objects", skip_serializing_if = "is_default")]
    pub sysctls: Vec<Sysctl>,
    /// Windows options.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub windows_options: WindowsOptions,
}

/// The `securityContext` of a container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecurityContext {
    /// Whether the container has all devices and rights of the node.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub privileged: bool,
    /// Whether a process may gain more privileges than its parent; unset means true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_privilege_escalation: Option<bool>,
    /// Changes to the runtime's default capabilities.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub capabilities: Capabilities,
    /// Whether the container's root file system is read-only; unset means false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only_root_filesystem: Option<bool>,
    /// How `/proc` is mounted: `Default` or `Unmasked`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proc_mount: Option<String>,
    /// Takes precedence over the pod's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_as_non_root: Option<bool>,
    /// Takes precedence over the pod's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_as_user: Option<i64>,
    /// Takes precedence over the pod's.
    #[serde(deserialize_with = "optional_object", skip_serializing_if = "Option::is_none")]
    pub seccomp_profile: Option<Profile>,
    /// Takes precedence over the pod's.
    #[serde(deserialize_with = "optional_object", skip_serializing_if = "Option::is_none")]
    pub app_armor_profile: Option<Profile>,
    /// Takes precedence over the pod's.
    #[serde(deserialize_with = "optional_object", skip_serializing_if = "Option::is_none")]
    pub se_linux_options: Option<SeLinuxOptions>,
    /// Windows options.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub windows_options: WindowsOptions,
}

/// A seccomp or AppArmor profile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// `RuntimeDefault`, `Localhost` or `Unconfined`.
    #[serde(rename = "type", deserialize_with = "nullable")]
    pub kind: String,
}

/// An SELinux label, without its level.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SeLinuxOptions {
    /// The type, such as `container_t`.
    #[serde(rename = "type", deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub kind: String,
    /// The user of the label.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub user: String,
    /// The role of the label.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub role: String,
}

/// Capabilities, without the prefix `CAP_`. Pod Security compares them case-sensitively.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Capabilities {
    /// Added capabilities.
    #[serde(deserialize_with = "list", skip_serializing_if = "is_default")]
    pub add: Vec<String>,
    /// Dropped capabilities.
    #[serde(deserialize_with = "list", skip_serializing_if = "is_default")]
    pub drop: Vec<String>,
}

/// A sysctl, without its value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sysctl {
    /// The name, such as `net.ipv4.tcp_syncookies`.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
}

/// Windows options.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WindowsOptions {
    /// Whether the container runs as a process of the node.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub host_process: bool,
}
