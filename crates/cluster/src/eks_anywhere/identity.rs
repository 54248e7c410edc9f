//! Who may log in to a cluster: `AWSIamConfig`, `OIDCConfig`, and the mappings of the authenticator.

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::metadata::Metadata;
use crate::nullable::nullable;

/// An `AWSIamConfig`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AwsIamConfig {
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// The mapped identities.
    #[serde(deserialize_with = "nullable")]
    pub spec: AwsIamSpec,
}

/// The mapped identities.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AwsIamSpec {
    /// IAM roles.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub map_roles: Vec<Mapping>,
    /// IAM users.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub map_users: Vec<Mapping>,
}

/// An IAM role or user, and its groups in the cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Mapping {
    /// The ARN: `roleARN` or `userARN`; in `aws-auth` `rolearn` or `userarn`.
    #[serde(
        deserialize_with = "nullable",
        rename(serialize = "roleARN", deserialize = "roleARN"),
        alias = "userARN",
        alias = "rolearn",
        alias = "userarn",
        alias = "arn"
    )]
    pub arn: String,
    /// The user name in the cluster.
    #[serde(deserialize_with = "nullable")]
    pub username: String,
    /// The groups in the cluster.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
}

impl Mapping {
    /// The key by which mappings are compared. Neither IAM nor the authenticator distinguishes case.
    pub fn key(&self) -> (String, String, Vec<String>) {
        let mut groups = self.groups.clone();
        groups.sort_unstable();
        groups.dedup();
        (self.arn.trim().to_ascii_lowercase(), self.username.clone(), groups)
    }
}

/// An `OIDCConfig`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OidcConfig {
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// The issuer that the API server trusts.
    #[serde(deserialize_with = "nullable")]
    pub spec: OidcSpec,
}

/// The issuer that the API server trusts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OidcSpec {
    /// The issuer's URL.
    pub issuer_url: Address,
    /// The claim that contains the groups.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub groups_claim: String,
    /// The prefix of group names.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub groups_prefix: String,
    /// The prefix of user names; `-` for none.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub username_prefix: String,
    /// The claims that tokens must have.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub required_claims: Vec<Claim>,
}

/// A claim that tokens must have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Claim {
    /// The claim's name.
    #[serde(deserialize_with = "nullable")]
    pub claim: String,
}

/// An `IAMIdentityMapping` of the authenticator.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IamIdentityMapping {
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// The mapped identities.
    #[serde(deserialize_with = "nullable")]
    pub spec: Mapping,
}
