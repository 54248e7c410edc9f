//! Parts of security contexts that pods and containers share.

use serde::{Deserialize, Serialize};

use super::lenient::{is_default, list};
use super::object::{object, objects, optional_object};
use crate::nullable::nullable;

/// The `securityContext` of a pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodSecurityContext {
    /// Whether the kubelet refuses to run a container as root, unless the container says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_as_non_root: Option<bool>,
    /// The user that containers run as unless they say otherwise; that of the image where neither does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_as_user: Option<i64>,
    /// Which system calls containers may make unless they say otherwise.
    #[serde(deserialize_with = "optional_object", skip_serializing_if = "Option::is_none")]
    pub seccomp_profile: Option<Profile>,
    /// What `AppArmor` allows containers that do not say otherwise.
    #[serde(deserialize_with = "optional_object", skip_serializing_if = "Option::is_none")]
    pub app_armor_profile: Option<Profile>,
    /// The SELinux label of containers that do not say otherwise.
    #[serde(deserialize_with = "optional_object", skip_serializing_if = "Option::is_none")]
    pub se_linux_options: Option<SeLinuxOptions>,
    /// The kernel parameters that are set in the pod's namespaces.
    #[serde(deserialize_with = "objects", skip_serializing_if = "is_default")]
    pub sysctls: Vec<Sysctl>,
    /// What only Windows knows.
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
    /// Whether a process may gain more rights than its parent; unset is true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_privilege_escalation: Option<bool>,
    /// What is added to, and taken from, the runtime's default capabilities.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub capabilities: Capabilities,
    /// How `/proc` is mounted: `Default` or `Unmasked`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proc_mount: Option<String>,
    /// Goes before the pod's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_as_non_root: Option<bool>,
    /// Goes before the pod's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_as_user: Option<i64>,
    /// Goes before the pod's.
    #[serde(deserialize_with = "optional_object", skip_serializing_if = "Option::is_none")]
    pub seccomp_profile: Option<Profile>,
    /// Goes before the pod's.
    #[serde(deserialize_with = "optional_object", skip_serializing_if = "Option::is_none")]
    pub app_armor_profile: Option<Profile>,
    /// Goes before the pod's.
    #[serde(deserialize_with = "optional_object", skip_serializing_if = "Option::is_none")]
    pub se_linux_options: Option<SeLinuxOptions>,
    /// What only Windows knows.
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

/// Capabilities without the prefix `CAP_`; names are compared as they are written.
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

/// What only Windows knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WindowsOptions {
    /// Whether the container runs as a process of the node.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub host_process: bool,
}
