//! Metadata common to all objects.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::nullable::nullable;

/// The fields of an object's `metadata` that are kept. Annotations are kept by the kinds that need them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Meta {
    /// The name; empty if the server generates it.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    /// The namespace; empty for cluster-scoped kinds.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// All labels.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The owners of the object.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub owner_references: Vec<Owner>,
}

/// An entry of `ownerReferences`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Owner {
    /// The kind, such as `ReplicaSet`.
    #[serde(deserialize_with = "nullable")]
    pub kind: String,
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    /// Whether the owner is the object's controller; at most one is.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_false")]
    pub controller: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}
