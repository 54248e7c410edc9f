//! The objects of `rbac.authorization.k8s.io/v1` in Kubernetes' JSON form, with only the relevant fields.
//!
//! Empty fields are not serialized: in all of these lists, absent and empty mean the same.

use serde::{Deserialize, Serialize};

use crate::Meta;
use crate::nullable::nullable;
use crate::selector::LabelSelector;

/// A `Role` or `ClusterRole`, depending on the list that it is in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Role {
    /// The name, namespace and labels.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
    /// The rules. A controller fills in those of an aggregated role.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// The selection of an aggregated `ClusterRole`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aggregation_rule: Option<AggregationRule>,
}

/// A `PolicyRule`: each verb on each resource of each API group, or on each URL.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Rule {
    /// The verbs, such as `get`, or `*` for all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub verbs: Vec<String>,
    /// The API groups: `apps`, empty for the core group, or `*` for all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub api_groups: Vec<String>,
    /// The resources: `pods`, `pods/log`, `*/scale`, or `*` for all including subresources.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// The names of the only objects that the rule applies to; empty for all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub resource_names: Vec<String>,
    /// The non-resource URLs: `/healthz`, `/healthz/*`, or `*` for all.
    #[serde(rename = "nonResourceURLs", deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub non_resource_urls: Vec<String>,
}

/// The `aggregationRule` of a `ClusterRole`. A rule without selectors still makes the controller empty the role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AggregationRule {
    /// Selectors of the `ClusterRoles` whose rules are collected; matching one suffices.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub cluster_role_selectors: Vec<LabelSelector>,
}

/// A `RoleBinding` or `ClusterRoleBinding`, depending on the list that it is in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Binding {
    /// The name, namespace and labels.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
    /// The role that it grants.
    #[serde(deserialize_with = "nullable")]
    pub role_ref: RoleRef,
    /// The subjects.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Subject>,
}

/// The `roleRef` of a binding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RoleRef {
    /// Always `rbac.authorization.k8s.io`; ignored by the authorizer.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub api_group: String,
    /// `Role` or `ClusterRole`; others are invalid.
    #[serde(deserialize_with = "nullable")]
    pub kind: String,
    /// The role's name.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
}

/// An entry of a binding's `subjects`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Subject {
    /// `User`, `Group` or `ServiceAccount`; the authorizer ignores other kinds.
    #[serde(deserialize_with = "nullable")]
    pub kind: String,
    /// `rbac.authorization.k8s.io`, or empty for service accounts; ignored by the authorizer.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub api_group: String,
    /// The name of the user, group or service account.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    /// The namespace of a service account; empty in a `RoleBinding` means the binding's namespace.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub namespace: String,
}
