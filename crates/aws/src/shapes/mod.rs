//! The answers of calls, with only the fields that are needed. Unknown fields are ignored; decisive ones must have the
//! right type.

#![allow(clippy::struct_field_names, reason = "fields are called as AWS calls them")]

pub(crate) mod ec2;
pub(crate) mod ecr;
pub(crate) mod eks;
pub(crate) mod iam;
pub(crate) mod kms;

use serde::{Deserialize, Deserializer};

/// An answer that may be one page of several.
pub(crate) trait Paged {
    /// Whether there are further pages.
    fn has_more(&self) -> bool;
}

/// Deserializes a field that may be `null`, which means the same as a missing one.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A tag.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) key: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) value: String,
}

/// Whether the tags mark a resource as belonging to this cluster.
pub(crate) fn belong_to(tags: &[Tag], cluster: &str) -> bool {
    owners(tags).any(|owner| owner == cluster)
}

/// The clusters that tags name.
pub(crate) fn owners(tags: &[Tag]) -> impl Iterator<Item = &str> {
    const NAMING: [&str; 4] =
        ["eks:cluster-name", "eks:eks-cluster-name", "aws:eks:cluster-name", "cluster.k8s.amazonaws.com/name"];
    tags.iter().filter_map(|tag| {
        let key = tag.key.as_str();
        if NAMING.contains(&key) { Some(tag.value.as_str()) } else { key.strip_prefix("kubernetes.io/cluster/") }
    })
}
