//! Releases of EKS Anywhere in a cluster: `EKSARelease` and `Bundles`.

use serde::{Deserialize, Serialize};

use super::metadata::Metadata;
use super::spec::Reference;
use crate::nullable::nullable;

/// An `EKSARelease`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EksaRelease {
    /// Its name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// Its status.
    #[serde(deserialize_with = "nullable")]
    pub spec: EksaReleaseSpec,
}

/// What a release is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EksaReleaseSpec {
    /// `v0.26.1`.
    #[serde(deserialize_with = "nullable")]
    pub version: String,
    /// Its bundle.
    #[serde(deserialize_with = "nullable")]
    pub bundles_ref: Reference,
}

/// A `Bundles`: the components of a release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Bundles {
    /// Its name and annotations.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// Its components.
    #[serde(deserialize_with = "nullable")]
    pub spec: BundlesSpec,
}

/// The components of a release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BundlesSpec {
    /// By version of Kubernetes.
    #[serde(deserialize_with = "nullable")]
    pub versions_bundles: Vec<VersionsBundle>,
}

/// The components for a version of Kubernetes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VersionsBundle {
    /// `1.33`.
    #[serde(deserialize_with = "nullable")]
    pub kube_version: String,
    /// `2026-08-31`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub end_of_standard_support: String,
}
