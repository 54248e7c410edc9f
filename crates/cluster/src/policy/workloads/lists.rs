//! Namespaces, service accounts, and observed lists.

use std::collections::BTreeMap;

use probe::Observed;
use serde::{Deserialize, Serialize};

use crate::nullable::nullable;
use crate::pods::standard::{Level, Version};
use crate::{AnnotatedMeta, Listed, Looked, Meta};

impl<T> From<Observed<Vec<T>>> for Listed<T> {
    /// A kind that the API server does not serve has no objects.
    fn from(list: Observed<Vec<T>>) -> Self {
        match list {
            Observed::Present(items) => Self { items, missing: None },
            Observed::Absent => Self::default(),
            Observed::Unknown(reason) => Self { items: Vec::new(), missing: Some(reason) },
        }
    }
}

/// A namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Namespace {
    /// The name and labels.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
}

/// The label for the enforced Pod Security level.
const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

impl Namespace {
    /// The level enforced by the label. Like the API server, treats an invalid level as `restricted`.
    pub fn enforced(&self) -> Option<Level> {
        self.metadata.labels.get(ENFORCE).map(|level| level.parse().unwrap_or(Level::Restricted))
    }

    /// The version enforced by the label. Like the API server, treats an invalid version as `latest`.
    pub fn version(&self) -> Version {
        let version = self.metadata.labels.get("pod-security.kubernetes.io/enforce-version");
        version.and_then(|version| version.parse().ok()).unwrap_or(Version::Latest)
    }

    /// Whether this is a user namespace.
    pub fn is_users(&self) -> bool {
        is_users(&self.metadata.name)
    }

    /// All labels, including the one set by the API server.
    pub(in crate::policy) fn labels(&self) -> BTreeMap<&str, &str> {
        let mut labels: BTreeMap<&str, &str> =
            self.metadata.labels.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        labels.insert("kubernetes.io/metadata.name", &self.metadata.name);
        labels
    }
}

/// Whether a namespace is a user namespace: the prefix `kube-` is reserved.
pub(super) fn is_users(namespace: &str) -> bool {
    !namespace.starts_with("kube-")
}

/// A service account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceAccount {
    /// The name, the namespace and the AWS role.
    #[serde(deserialize_with = "nullable")]
    pub metadata: AnnotatedMeta<AccountKeys>,
    /// Whether pods mount its token by default; unset means true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automount_service_account_token: Option<bool>,
    /// The Secrets that it refers to, which may be long-lived tokens.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<SecretName>,
}

/// A reference to a Secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SecretName {
    /// The name, in the referring object's namespace.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
}

impl ServiceAccount {
    /// The Secrets with its tokens, by the names that the controller gives them: `NAME-token-abcde`.
    pub fn token_secrets(&self) -> impl Iterator<Item = &str> {
        let names = self.secrets.iter().map(|secret| secret.name.as_str());
        names.filter(|name| {
            name.strip_prefix(self.metadata.name.as_str()).is_some_and(|rest| rest.starts_with("-token-"))
        })
    }
}

/// The annotation for the AWS role that EKS gives to a service account's pods.
const ROLE: &str = "eks.amazonaws.com/role-arn";

/// Keeps the annotation for the AWS role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountKeys;

impl Looked for AccountKeys {
    fn is_looked_at(key: &str) -> bool {
        key == ROLE
    }
}

impl ServiceAccount {
    /// The ARN of the AWS role that EKS gives to its pods.
    pub fn role(&self) -> Option<&str> {
        self.metadata.annotations.get(ROLE)
    }
}
