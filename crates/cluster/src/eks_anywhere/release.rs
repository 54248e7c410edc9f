//! Releases of EKS Anywhere in a cluster: `EKSARelease` and `Bundles`.

use serde::{Deserialize, Serialize};

use super::metadata::Metadata;
use super::spec::Reference;
use crate::nullable::nullable;

/// An `EKSARelease`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EksaRelease {
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// Its status.
    #[serde(deserialize_with = "nullable")]
    pub spec: EksaReleaseSpec,
}

/// The version and bundle of a release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EksaReleaseSpec {
    /// The version, such as `v0.26.1`.
    #[serde(deserialize_with = "nullable")]
    pub version: String,
    /// The release's bundle.
    #[serde(deserialize_with = "nullable")]
    pub bundles_ref: Reference,
}

/// A `Bundles` object: the components of a release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Bundles {
    /// The name and annotations.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// The components.
    #[serde(deserialize_with = "nullable")]
    pub spec: BundlesSpec,
}

/// The components of a release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BundlesSpec {
    /// The components by Kubernetes version.
    #[serde(deserialize_with = "nullable")]
    pub versions_bundles: Vec<VersionsBundle>,
}

/// The components for one Kubernetes version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VersionsBundle {
    /// The Kubernetes version, such as `1.33`.
    #[serde(deserialize_with = "nullable")]
    pub kube_version: String,
    /// The end of standard support, such as `2026-08-31`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub end_of_standard_support: String,
}
