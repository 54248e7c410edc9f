//! Pods and their specifications.

use serde::{Deserialize, Serialize};

use super::container::Container;
use super::lenient::is_default;
use super::meta::{PodMeta, TemplateMeta};
use super::object::{object, objects};
use super::security::PodSecurityContext;
use super::volume::Volume;
use crate::nullable::nullable;

/// A pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pod {
    /// The metadata.
    #[serde(deserialize_with = "object")]
    pub metadata: PodMeta,
    /// The specification.
    #[serde(deserialize_with = "object")]
    pub spec: PodSpec,
    /// The status.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub status: PodStatus,
}

/// The status of a pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PodStatus {
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
    #[serde(deserialize_with = "nullable")]
    pub phase: String,
}

/// A pod template.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PodTemplate {
    /// The metadata that the pods get.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub metadata: TemplateMeta,
    /// The specification of the pods.
    #[serde(deserialize_with = "object")]
    pub spec: PodSpec,
}

/// The specification of a pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodSpec {
    /// Init containers, including sidecars.
    #[serde(deserialize_with = "objects", skip_serializing_if = "is_default")]
    pub init_containers: Vec<Container>,
    /// The containers.
    #[serde(deserialize_with = "objects", skip_serializing_if = "is_default")]
    pub containers: Vec<Container>,
    /// Ephemeral containers, added for debugging.
    #[serde(deserialize_with = "objects", skip_serializing_if = "is_default")]
    pub ephemeral_containers: Vec<Container>,
    /// The volumes.
    #[serde(deserialize_with = "objects", skip_serializing_if = "is_default")]
    pub volumes: Vec<Volume>,
    /// Defaults for the security contexts of the containers.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub security_context: PodSecurityContext,
    /// Whether the pod shares the node's PID namespace.
    #[serde(rename = "hostPID", deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub host_pid: bool,
    /// Whether the pod shares the node's IPC namespace.
    #[serde(rename = "hostIPC", deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub host_ipc: bool,
    /// Whether the pod shares the node's network namespace.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub host_network: bool,
    /// Whether the pod shares the node's user namespace; unset means true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_users: Option<bool>,
    /// The operating system.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub os: PodOs,
    /// The service account; empty means `default`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub service_account_name: String,
    /// The deprecated name of `serviceAccountName`, which the API server also sets.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub service_account: String,
    /// Whether the service account's token is mounted; if unset, the service account's setting applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automount_service_account_token: Option<bool>,
    /// The node that the pod runs on.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub node_name: String,
}

/// The operating system of a pod's containers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PodOs {
    /// `linux` or `windows`; empty if unset.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
}

impl PodSpec {
    /// All containers: init, ordinary, ephemeral.
    pub fn all_containers(&self) -> impl Iterator<Item = &Container> {
        self.init_containers.iter().chain(&self.containers).chain(&self.ephemeral_containers)
    }

    /// Whether the pod declares that it runs on Windows.
    pub fn is_windows(&self) -> bool {
        self.os.name == "windows"
    }

    /// Whether the pod has its own user namespace, so that its root is not root on the node.
    pub fn has_own_users(&self) -> bool {
        self.host_users == Some(false)
    }

    /// The service account that the pod runs under.
    pub fn account(&self) -> &str {
        [self.service_account_name.as_str(), self.service_account.as_str()]
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or("default")
    }
}
