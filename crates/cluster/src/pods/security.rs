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
    /// The user ID of the containers; if unset, the image's.
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
    /// The kernel parameters that are set in the pod's namespaces.
    #[serde(deserialize_with = "objects", skip_serializing_if = "is_default")]
    pub sysctls: Vec<Sysctl>,
    /// Options for Windows.
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
    /// Whether a process may gain more privileges than its parent; unset is true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_privilege_escalation: Option<bool>,
    /// Changes to the runtime's default capabilities.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub capabilities: Capabilities,
    /// Whether the container's own file system is read-only; unset is false.
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
    /// Options for Windows.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub windows_options: WindowsOptions,
}

/// A profile of seccomp or `AppArmor`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// `RuntimeDefault`, `Localhost` or `Unconfined`.
    #[serde(rename = "type", deserialize_with = "nullable")]
    pub kind: String,
}

/// The label of SELinux, without its level.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SeLinuxOptions {
    /// `container_t`.
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
    /// Those that are added.
    #[serde(deserialize_with = "list", skip_serializing_if = "is_default")]
    pub add: Vec<String>,
    /// Those that are dropped.
    #[serde(deserialize_with = "list", skip_serializing_if = "is_default")]
    pub drop: Vec<String>,
}

/// A kernel parameter, without its value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sysctl {
    /// `net.ipv4.tcp_syncookies`.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
}

/// Options for Windows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WindowsOptions {
    /// Whether the container runs as a process of the node.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub host_process: bool,
}
