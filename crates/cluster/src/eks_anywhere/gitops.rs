//! What is applied from Git: `FluxConfig` of EKS Anywhere, and Flux's own objects.

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::metadata::Metadata;
use crate::nullable::nullable;
use crate::pods::lenient::Present;

/// A `FluxConfig`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FluxConfig {
    /// Its name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// Where the repository is.
    #[serde(deserialize_with = "nullable")]
    pub spec: FluxSpec,
}

/// Where a repository is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FluxSpec {
    /// The namespace of Flux; `flux-system` if it is not set.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub system_namespace: String,
    /// The branch; `main` if it is not set.
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
    /// The namespace of Flux.
    pub fn namespace(&self) -> &str {
        if self.system_namespace.is_empty() { "flux-system" } else { &self.system_namespace }
    }
}

/// A repository on GitHub.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GitHub {
    /// The user or organisation.
    #[serde(deserialize_with = "nullable")]
    pub owner: String,
    /// Its name.
    #[serde(deserialize_with = "nullable")]
    pub repository: String,
    /// Whether it is a user's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub personal: Option<bool>,
}

/// Any other repository.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Git {
    /// Its address.
    pub repository_url: Address,
}

/// A `GitRepository` of Flux.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GitRepository {
    /// Its name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// Where it is.
    #[serde(deserialize_with = "nullable")]
    pub spec: GitRepositorySpec,
}

/// Where a repository is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GitRepositorySpec {
    /// Its address.
    pub url: Address,
}

/// A `Kustomization` of Flux.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kustomization {
    /// Its name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// What it applies, and as whom.
    #[serde(deserialize_with = "nullable")]
    pub spec: KustomizationSpec,
}

/// What a Kustomization applies, and as whom.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KustomizationSpec {
    /// The account whose rights it has; the controller's if it is not set.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub service_account_name: String,
    /// The directory.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// Whether it applies to another cluster, with a kubeconfig of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kube_config: Option<Present>,
}
