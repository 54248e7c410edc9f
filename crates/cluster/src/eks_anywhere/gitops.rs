//! What is applied from a Git repository: EKS Anywhere's `FluxConfig`, and Flux's own objects.

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::metadata::Metadata;
use crate::nullable::nullable;
use crate::pods::lenient::Present;

/// A `FluxConfig`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FluxConfig {
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// The repository, and Flux's namespace.
    #[serde(deserialize_with = "nullable")]
    pub spec: FluxSpec,
}

/// The repository, and Flux's namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FluxSpec {
    /// Flux's namespace; `flux-system` if unset.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub system_namespace: String,
    /// The branch; `main` if unset.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub branch: String,
    /// A repository on GitHub.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub github: Option<GitHub>,
    /// Any other repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git: Option<Git>,
}

impl FluxSpec {
    /// Flux's namespace.
    pub fn namespace(&self) -> &str {
        if self.system_namespace.is_empty() { "flux-system" } else { &self.system_namespace }
    }
}

/// A repository on GitHub.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GitHub {
    /// The user or organization.
    #[serde(deserialize_with = "nullable")]
    pub owner: String,
    /// The repository's name.
    #[serde(deserialize_with = "nullable")]
    pub repository: String,
    /// Whether it belongs to a user rather than an organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub personal: Option<bool>,
}

/// Any other repository.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Git {
    /// The URL.
    pub repository_url: Address,
}

/// A `GitRepository` of Flux.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GitRepository {
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// The repository's location.
    #[serde(deserialize_with = "nullable")]
    pub spec: GitRepositorySpec,
}

/// A repository's location.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GitRepositorySpec {
    /// The URL.
    pub url: Address,
}

/// A `Kustomization` of Flux.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kustomization {
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// What it applies, and with which rights.
    #[serde(deserialize_with = "nullable")]
    pub spec: KustomizationSpec,
}

/// What a Kustomization applies, and with which rights.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KustomizationSpec {
    /// The service account that it applies objects as; the controller's if unset.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub service_account_name: String,
    /// The directory in the repository.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// Whether it applies to another cluster, through its own kubeconfig.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kube_config: Option<Present>,
}
