//! Who may log in to a cluster: `AWSIamConfig`, `OIDCConfig`, and the mappings of the authenticator.

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::metadata::Metadata;
use crate::nullable::nullable;

/// An `AWSIamConfig`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AwsIamConfig {
    /// Its name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// Who is who.
    #[serde(deserialize_with = "nullable")]
    pub spec: AwsIamSpec,
}

/// Who is who.
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
    /// Its ARN: `roleARN` or `userARN`; in `aws-auth` `rolearn` or `userarn`.
    #[serde(
        deserialize_with = "nullable",
        rename(serialize = "roleARN", deserialize = "roleARN"),
        alias = "userARN",
        alias = "rolearn",
        alias = "userarn",
        alias = "arn"
    )]
    pub arn: String,
    /// Its name in the cluster.
    #[serde(deserialize_with = "nullable")]
    pub username: String,
    /// Its groups in the cluster.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
}

impl Mapping {
    /// What tells mappings apart. IAM does not tell the letters' case apart, and the authenticator neither.
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
    /// Its name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// Whom the API server trusts.
    #[serde(deserialize_with = "nullable")]
    pub spec: OidcSpec,
}

/// Whom the API server trusts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OidcSpec {
    /// The issuer.
    pub issuer_url: Address,
    /// The claim that holds groups.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub groups_claim: String,
    /// What stands before their names.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub groups_prefix: String,
    /// What stands before names of users; `-` is nothing.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub username_prefix: String,
    /// What tokens must claim.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub required_claims: Vec<Claim>,
}

/// What a token must claim.
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
    /// Its name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// Who is who.
    #[serde(deserialize_with = "nullable")]
    pub spec: Mapping,
}
