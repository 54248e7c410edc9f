//! What is looked at of a container's environment variables. Values are never kept.

use std::collections::BTreeSet;

use serde::de::Deserializer;
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::lenient::{Present, is_default};
use super::object::{object, objects};
use crate::nullable::nullable;

/// Variables that hold an access key of AWS.
pub const AWS_KEYS: [&str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/// Variables that lead to the role of a service account: by IAM roles for service accounts, by EKS Pod Identity.
pub const AWS_ROLES: [&str; 2] = ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];

/// The environment variables of a container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// Whether one is set from a secret (`valueFrom.secretKeyRef`).
    pub from_secret: bool,
    /// Those of [`AWS_KEYS`] and [`AWS_ROLES`] that are set, by name.
    pub aws: BTreeSet<&'static str>,
}

#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Variable {
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    name: String,
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    value_from: ValueFrom,
}

#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ValueFrom {
    secret_key_ref: Option<Present>,
}

impl<'de> Deserialize<'de> for Environment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let variables: Vec<Variable> = objects(deserializer)?;
        let known = |variable: &Variable| AWS_KEYS.into_iter().chain(AWS_ROLES).find(|name| *name == variable.name);
        Ok(Self {
            from_secret: variables.iter().any(|variable| variable.value_from.secret_key_ref.is_some()),
            aws: variables.iter().filter_map(known).collect(),
        })
    }
}

impl Serialize for Environment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let secret = || Variable { name: String::new(), value_from: ValueFrom { secret_key_ref: Some(Present) } };
        let named = |name: &&str| Variable { name: (*name).to_owned(), ..Variable::default() };
        serializer.collect_seq(self.from_secret.then(secret).into_iter().chain(self.aws.iter().map(named)))
    }
}
