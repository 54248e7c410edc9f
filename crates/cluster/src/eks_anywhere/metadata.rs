//! Metadata shared by the objects of EKS Anywhere and Cluster API.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::nullable::nullable;
use crate::policy::ObjectName;

/// The annotations that are kept, by key only.
const ANNOTATIONS: [&str; 3] = [SIGNATURE, SKIP_SKEW_CHECK, PAUSED];
/// A bundle's signature.
pub const SIGNATURE: &str = "anywhere.eks.amazonaws.com/signature";
/// Allows an upgrade to skip minor versions.
pub const SKIP_SKEW_CHECK: &str = "anywhere.eks.amazonaws.com/skip-eksa-version-skew-check";
/// Pauses the reconciliation of a Cluster API object.
pub const PAUSED: &str = "cluster.x-k8s.io/paused";

/// The fields of `metadata` that are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    /// The namespace.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// All labels.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The names of the annotations that are kept.
    #[serde(deserialize_with = "kept", serialize_with = "write", skip_serializing_if = "BTreeSet::is_empty")]
    pub annotations: BTreeSet<String>,
}

impl Metadata {
    /// The object's name as findings show it.
    pub fn object(&self, kind: &str) -> ObjectName {
        ObjectName { kind: kind.to_owned(), namespace: self.namespace.clone(), name: self.name.clone() }
    }

    /// Whether the object has this annotation, with any value.
    pub fn has(&self, annotation: &str) -> bool {
        self.annotations.contains(annotation)
    }

    /// A label's value; empty if unset.
    pub fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

fn kept<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<String>, D::Error> {
    let all: BTreeMap<String, String> = nullable(deserializer)?;
    Ok(all.into_keys().filter(|name| ANNOTATIONS.contains(&name.as_str())).collect())
}

fn write<S: Serializer>(names: &BTreeSet<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(names.iter().map(|name| (name, "")))
}
