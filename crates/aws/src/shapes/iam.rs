//! Answers of `aws iam`, and the policy documents in them.

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

use super::{Paged, or_default};

/// `list-attached-role-policies`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAttachedRolePolicies {
    pub(crate) attached_policies: Vec<AttachedPolicy>,
    #[serde(default, deserialize_with = "or_default")]
    is_truncated: bool,
    next_token: Option<String>,
    marker: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AttachedPolicy {
    pub(crate) policy_name: String,
    pub(crate) policy_arn: String,
}

/// `list-role-policies`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListRolePolicies {
    pub(crate) policy_names: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    is_truncated: bool,
    next_token: Option<String>,
    marker: Option<String>,
}

/// `get-role-policy`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetRolePolicy {
    pub(crate) role_name: String,
    pub(crate) policy_name: String,
    pub(crate) policy_document: Document,
}

/// `get-policy-version`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPolicyVersion {
    pub(crate) policy_version: PolicyVersion,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PolicyVersion {
    pub(crate) document: Document,
    pub(crate) is_default_version: Option<bool>,
}

/// `get-instance-profile`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetInstanceProfile {
    pub(crate) instance_profile: InstanceProfile,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InstanceProfile {
    pub(crate) instance_profile_name: String,
    pub(crate) roles: Vec<Role>,
}

/// `list-roles`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListRoles {
    pub(crate) roles: Vec<Role>,
    #[serde(default, deserialize_with = "or_default")]
    is_truncated: bool,
    next_token: Option<String>,
    marker: Option<String>,
}

/// `get-role`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetRole {
    pub(crate) role: Role,
}

/// A role.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Role {
    pub(crate) role_name: String,
    pub(crate) assume_role_policy_document: Option<Document>,
}

/// The most bytes of a policy document: many times IAM's limit.
const MOST_OF_DOCUMENT: usize = 256 << 10;

/// A policy document: a JSON object, or its text, possibly percent-encoded.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) statements: Vec<Statement>,
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        if raw.get().len() > MOST_OF_DOCUMENT {
            return Err(D::Error::custom("a policy document exceeds IAM's size limit"));
        }
        let text = if raw.get().starts_with('"') {
            let text: String = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
            if text.trim_start().starts_with('{') { text } else { decoded(&text).map_err(D::Error::custom)? }
        } else {
            raw.get().to_owned()
        };
        let Parts { statement } = serde_json::from_str(&text).map_err(D::Error::custom)?;
        Ok(Self { statements: statement.0 })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parts {
    statement: OneOrMany<Statement>,
}

/// Decodes a percent-encoded text.
fn decoded(text: &str) -> Result<String, &'static str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
            match (digit(rest.next()), digit(rest.next())) {
                (Some(high), Some(low)) => bytes.push(u8::try_from(high * 16 + low).unwrap_or_default()),
                _ => return Err("a policy document is not percent-encoded as it should be"),
            }
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).map_err(|_| "a policy document is not UTF-8 text")
}

/// A statement of a policy.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Statement {
    pub(crate) effect: String,
    #[serde(default)]
    pub(crate) action: OneOrMany<String>,
    pub(crate) not_action: Option<OneOrMany<String>>,
    #[serde(default)]
    pub(crate) resource: OneOrMany<String>,
    pub(crate) not_resource: Option<serde::de::IgnoredAny>,
    pub(crate) principal: Option<Principal>,
    pub(crate) not_principal: Option<serde::de::IgnoredAny>,
    /// Values by operator, then by key.
    #[serde(default)]
    pub(crate) condition: BTreeMap<String, BTreeMap<String, OneOrMany<Scalar>>>,
}

impl Statement {
    pub(crate) fn allows(&self) -> bool {
        self.effect == "Allow"
    }

    pub(crate) fn denies(&self) -> bool {
        self.effect == "Deny"
    }
}

/// A value of a condition.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Scalar {
    /// A string.
    Text(String),
    /// A boolean or a number, which cannot be a name.
    Other(serde::de::IgnoredAny),
}

impl Scalar {
    /// The string; `None` for other values.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Other(_) => None,
        }
    }
}

/// The principals.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Principal {
    /// Principals by kind: `Federated`, `AWS`, `Service`.
    By(BTreeMap<String, OneOrMany<String>>),
    /// `*`.
    Anyone(serde::de::IgnoredAny),
}

/// A single value or a list.
#[derive(Debug)]
pub(crate) struct OneOrMany<T>(pub(crate) Vec<T>);

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either<T> {
            Many(Vec<T>),
            One(T),
        }
        Ok(match Either::deserialize(deserializer)? {
            Either::Many(many) => Self(many),
            Either::One(one) => Self(vec![one]),
        })
    }
}

macro_rules! paged {
    ($($answer:ty),*) => {
        $(impl Paged for $answer {
            fn has_more(&self) -> bool {
                self.is_truncated || self.next_token.is_some() || self.marker.is_some()
            }
        })*
    };
}

paged!(ListAttachedRolePolicies, ListRolePolicies, ListRoles);
