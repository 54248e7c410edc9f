//! Containers: security contexts, ports, probes, and secrets in environment variables.

use serde::de::Deserializer;
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::environment::Environment;
use super::lenient::{Present, is_default, list};
use super::object::{object, objects};
use super::security::SecurityContext;
use crate::nullable::nullable;

/// The default mount path of the service account's token.
pub const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The argument of the VPC CNI agent that enables network policies.
pub const NETWORK_POLICY_ARGUMENT: &str = "--enable-network-policy=true";

/// An init, ordinary or ephemeral container. Values of environment variables are never kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Container {
    /// The name, unique in the pod.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    /// The image reference.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub image: String,
    /// The security context.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub security_context: SecurityContext,
    /// [`NETWORK_POLICY_ARGUMENT`] if it is present; no other argument is kept.
    #[serde(deserialize_with = "known_args", skip_serializing_if = "is_default")]
    pub args: Vec<String>,
    /// The ports with a host port; others are not kept.
    #[serde(deserialize_with = "host_ports", skip_serializing_if = "is_default")]
    pub ports: Vec<Port>,
    /// The relevant properties of its environment variables.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub env: Environment,
    /// Whether all keys of a Secret are set as variables (`secretRef`).
    #[serde(
        deserialize_with = "secret_env_from",
        serialize_with = "write_secret_env_from",
        skip_serializing_if = "is_default"
    )]
    pub env_from: bool,
    /// The mounts at [`TOKEN_PATH`].
    #[serde(deserialize_with = "token_mounts", skip_serializing_if = "is_default")]
    pub volume_mounts: Vec<VolumeMount>,
    /// The liveness probe.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub liveness_probe: Handler,
    /// The readiness probe.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub readiness_probe: Handler,
    /// The startup probe.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub startup_probe: Handler,
    /// The lifecycle handlers.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub lifecycle: Lifecycle,
}

/// A container port.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Port {
    /// The port on the node; 0 means none.
    #[serde(deserialize_with = "nullable")]
    pub host_port: i32,
}

/// A mount of the service account's token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeMount {
    /// The path in the container.
    #[serde(deserialize_with = "nullable")]
    pub mount_path: String,
}

/// A probe or lifecycle handler.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Handler {
    /// An HTTP request.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub http_get: Target,
    /// A TCP connection.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub tcp_socket: Target,
}

/// The target of a handler.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Target {
    /// The host; empty means the pod itself.
    #[serde(deserialize_with = "nullable")]
    pub host: String,
}

/// The handlers of a container's lifecycle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Lifecycle {
    /// Runs after the container is created.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub post_start: Handler,
    /// Runs before the container is terminated.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub pre_stop: Handler,
}

impl Container {
    /// The hosts set in probes and lifecycle handlers.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        [
            &self.liveness_probe,
            &self.readiness_probe,
            &self.startup_probe,
            &self.lifecycle.post_start,
            &self.lifecycle.pre_stop,
        ]
        .into_iter()
        .flat_map(|handler| [handler.http_get.host.as_str(), handler.tcp_socket.host.as_str()])
        .filter(|host| !host.is_empty())
    }
}

fn known_args<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let mut args: Vec<String> = list(deserializer)?;
    args.retain(|arg| arg == NETWORK_POLICY_ARGUMENT);
    args.truncate(1);
    Ok(args)
}

fn host_ports<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Port>, D::Error> {
    let mut ports: Vec<Port> = objects(deserializer)?;
    ports.retain(|port| port.host_port != 0);
    Ok(ports)
}

fn token_mounts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<VolumeMount>, D::Error> {
    let mut mounts: Vec<VolumeMount> = objects(deserializer)?;
    mounts.retain(|mount| mount.mount_path.trim_end_matches('/') == TOKEN_PATH);
    mounts.truncate(1);
    Ok(mounts)
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Variables {
    secret_ref: Option<Present>,
}

fn secret_env_from<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let sources: Vec<Variables> = objects(deserializer)?;
    Ok(sources.iter().any(|source| source.secret_ref.is_some()))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn write_secret_env_from<S: Serializer>(_: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq([Variables { secret_ref: Some(Present) }])
}
