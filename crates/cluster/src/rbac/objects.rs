//! The objects of `rbac.authorization.k8s.io/v1` in Kubernetes' JSON form, with only the fields that are used.
//!
//! Empty fields are not serialized. In all of these lists, absent and empty mean the same.

use serde::{Deserialize, Serialize};

use crate::Meta;
use crate::nullable::nullable;
use crate::selector::LabelSelector;

/// A `Role` or `ClusterRole`, depending on the list that it is in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Role {
    /// Its name, namespace and labels.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
    /// The rules. Those of an aggregated role are filled in by a controller.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// The sources of an aggregated `ClusterRole`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aggregation_rule: Option<AggregationRule>,
}

/// A `PolicyRule`: each verb on each resource of each API group, or on each URL.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Rule {
    /// `get`, or `*` for all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub verbs: Vec<String>,
    /// `apps`, empty for the core group, or `*` for all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub api_groups: Vec<String>,
    /// `pods`, `pods/log`, `*/scale`, or `*` for all, subresources included.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// The only objects that the rule applies to; empty for all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub resource_names: Vec<String>,
    /// `/healthz`, `/healthz/*`, or `*` for all.
    #[serde(rename = "nonResourceURLs", deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub non_resource_urls: Vec<String>,
}

/// The `aggregationRule` of a `ClusterRole`. One without selectors differs from none: a controller empties the role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AggregationRule {
    /// Selects the `ClusterRoles` whose rules are collected; any selector suffices.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub cluster_role_selectors: Vec<LabelSelector>,
}

/// A `RoleBinding` or `ClusterRoleBinding`, depending on the list that it is in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Binding {
    /// Its name, namespace and labels.
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
    /// Always `rbac.authorization.k8s.io`; the authorizer ignores it.
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
    /// `User`, `Group` or `ServiceAccount`; the authorizer ignores others.
    #[serde(deserialize_with = "nullable")]
    pub kind: String,
    /// `rbac.authorization.k8s.io`, empty for service accounts; the authorizer ignores it.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub api_group: String,
    /// The name of the user, group or service account.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    /// A service account's namespace; empty in a `RoleBinding` for that of the binding.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub namespace: String,
}
