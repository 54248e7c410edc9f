//! Lists as they were seen: whole, in part, or not at all.

use std::collections::BTreeMap;

use probe::{Observed, Reason};
use serde::{Deserialize, Serialize};

use crate::Meta;
use crate::nullable::nullable;
use crate::pods::standard::{Level, Version};

/// Objects of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// Those that were seen.
    pub items: Vec<T>,
    /// Why others may be missing.
    pub gap: Option<Reason>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { items: Vec::new(), gap: None }
    }
}

impl<T> From<Observed<Vec<T>>> for Listed<T> {
    /// A kind that the API server does not have is an empty list.
    fn from(list: Observed<Vec<T>>) -> Self {
        match list {
            Observed::Present(items) => Self { items, gap: None },
            Observed::Absent => Self::default(),
            Observed::Unknown(reason) => Self { items: Vec::new(), gap: Some(reason) },
        }
    }
}

/// A namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Namespace {
    /// Its name, and the labels that say which policy it enforces.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
}

/// The label that says which level of the Pod Security Standards is enforced.
const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

impl Namespace {
    /// The level that is enforced by a label of the namespace itself. A level that there is not is as good as
    /// `restricted` to the API server, and so it is here.
    pub fn enforced(&self) -> Option<Level> {
        self.metadata.labels.get(ENFORCE).map(|level| level.parse().unwrap_or(Level::Restricted))
    }

    /// The version that is enforced; a version that there is not is as good as `latest`.
    pub fn version(&self) -> Version {
        let version = self.metadata.labels.get("pod-security.kubernetes.io/enforce-version");
        version.and_then(|version| version.parse().ok()).unwrap_or(Version::Latest)
    }

    /// Whether the namespace is for users, and not the platform's own.
    pub fn is_users(&self) -> bool {
        is_users(&self.metadata.name)
    }

    /// All labels, with that which the API server sets.
    pub(super) fn labels(&self) -> BTreeMap<&str, &str> {
        let mut labels: BTreeMap<&str, &str> =
            self.metadata.labels.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        labels.insert("kubernetes.io/metadata.name", &self.metadata.name);
        labels
    }
}

/// Whether a namespace is for users: `kube-` is reserved for Kubernetes.
pub(super) fn is_users(namespace: &str) -> bool {
    !namespace.starts_with("kube-")
}

/// A service account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceAccount {
    /// Its name and namespace.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
    /// Whether its token is mounted into pods that do not say otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automount_service_account_token: Option<bool>,
}
