//! Gatekeeper constraints.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Meta;
use crate::nullable::nullable;
use crate::selector::LabelSelector;

/// A Gatekeeper constraint of any kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Constraint {
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
    /// The specification.
    #[serde(deserialize_with = "nullable")]
    pub spec: ConstraintSpec,
}

/// The specification of a constraint, without its parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConstraintSpec {
    /// The enforcement action: `deny`, `dryrun`, `warn` or `scoped`; unset means `deny`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub enforcement_action: String,
    /// The actions of `scoped`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub scoped_enforcement_actions: Vec<ScopedEnforcementAction>,
    /// The objects it matches.
    #[serde(rename = "match", deserialize_with = "nullable")]
    pub matches: ConstraintMatch,
}

/// An action at specific enforcement points.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ScopedEnforcementAction {
    /// The action: `deny`, `dryrun` or `warn`.
    #[serde(deserialize_with = "nullable")]
    pub action: String,
    /// The enforcement points.
    #[serde(deserialize_with = "nullable")]
    pub enforcement_points: Vec<EnforcementPoint>,
}

/// An enforcement point.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EnforcementPoint {
    /// The name: `validation.gatekeeper.sh` for the webhook, or `*` for any.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
}

/// The objects that a constraint matches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConstraintMatch {
    /// The kinds; empty means all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<ConstraintKinds>,
    /// The scope: `Cluster`, `Namespaced` or `*`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// The source: `Original`, `Generated` or `All`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The name of objects; empty means all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The namespaces; empty means all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
    /// Excluded namespaces.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub excluded_namespaces: Vec<String>,
    /// The namespaces, by label.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "LabelSelector::is_everything")]
    pub namespace_selector: LabelSelector,
    /// The objects, by label.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "LabelSelector::is_everything")]
    pub label_selector: LabelSelector,
}

/// Kinds in API groups.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConstraintKinds {
    /// The API groups: `""` for the core group, or `*`; empty means all.
    #[serde(deserialize_with = "nullable")]
    pub api_groups: Vec<String>,
    /// The kinds, such as `Pod`, or `*`; empty means all.
    #[serde(deserialize_with = "nullable")]
    pub kinds: Vec<String>,
}

/// The enforcement point of the webhook.
const WEBHOOK: &str = "validation.gatekeeper.sh";

impl ConstraintSpec {
    /// Whether the webhook denies objects that violate the constraint.
    fn denies(&self) -> bool {
        let at_webhook =
            |points: &[EnforcementPoint]| points.iter().any(|point| point.name == WEBHOOK || point.name == "*");
        match self.enforcement_action.as_str() {
            "" | "deny" => true,
            "scoped" => self
                .scoped_enforcement_actions
                .iter()
                .any(|scoped| scoped.action == "deny" && at_webhook(&scoped.enforcement_points)),
            _ => false,
        }
    }
}

impl Constraint {
    /// Whether it rejects new pods in a namespace. A constraint limited to some labels or names does not count, since
    /// other pods pass.
    pub(super) fn rejects_pods_of(&self, namespace: &str, labels: &BTreeMap<&str, &str>) -> bool {
        let has = |list: &[String], one: &str| list.is_empty() || list.iter().any(|name| name == one || name == "*");
        let ConstraintMatch { kinds, scope, source, name, .. } = &self.spec.matches;
        let ConstraintMatch { namespaces, excluded_namespaces, namespace_selector, label_selector, .. } =
            &self.spec.matches;
        self.spec.denies()
            && (kinds.is_empty() || kinds.iter().any(|kinds| has(&kinds.api_groups, "") && has(&kinds.kinds, "Pod")))
            && scope != "Cluster"
            && source != "Generated"
            && matches!(name.as_str(), "" | "*")
            && label_selector.is_everything()
            && (namespaces.is_empty() || is_among(namespaces, namespace))
            && !is_among(excluded_namespaces, namespace)
            && namespace_selector.selects(labels)
    }
}

/// Whether a name matches an entry of a list; entries may start or end with `*`.
fn is_among(list: &[String], name: &str) -> bool {
    list.iter().any(|entry| {
        let rest = entry.strip_prefix('*');
        match (rest, rest.unwrap_or(entry).strip_suffix('*')) {
            (Some(_), Some(part)) => name.contains(part),
            (None, Some(start)) => name.starts_with(start),
            (Some(end), None) => name.ends_with(end),
            (None, None) => entry == name,
        }
    })
}
