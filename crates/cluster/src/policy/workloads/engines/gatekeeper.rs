//! Constraints of Gatekeeper.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Meta;
use crate::nullable::nullable;
use crate::selector::LabelSelector;

/// A constraint of Gatekeeper, of any kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Constraint {
    /// Its name.
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
    /// `deny`, `dryrun`, `warn`, `scoped`; unset is `deny`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub enforcement_action: String,
    /// The actions of `scoped`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub scoped_enforcement_actions: Vec<ScopedEnforcementAction>,
    /// The objects.
    #[serde(rename = "match", deserialize_with = "nullable")]
    pub matches: ConstraintMatch,
}

/// An action where objects are reviewed at some points.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ScopedEnforcementAction {
    /// `deny`, `dryrun`, `warn`.
    #[serde(deserialize_with = "nullable")]
    pub action: String,
    /// The points.
    #[serde(deserialize_with = "nullable")]
    pub enforcement_points: Vec<EnforcementPoint>,
}

/// A point where objects are reviewed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EnforcementPoint {
    /// `validation.gatekeeper.sh` is the webhook; `*` is any.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
}

/// The objects that a constraint matches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConstraintMatch {
    /// The kinds; empty is all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<ConstraintKinds>,
    /// `Cluster`, `Namespaced`, `*`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// `Original`, `Generated`, `All`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The names of objects; empty is all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The namespaces; empty is all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
    /// Excluded namespaces.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub excluded_namespaces: Vec<String>,
    /// The namespaces by label.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "LabelSelector::is_everything")]
    pub namespace_selector: LabelSelector,
    /// The objects by label.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "LabelSelector::is_everything")]
    pub label_selector: LabelSelector,
}

/// Kinds of API groups.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConstraintKinds {
    /// `""` for the core group, or `*`; empty is all.
    #[serde(deserialize_with = "nullable")]
    pub api_groups: Vec<String>,
    /// `Pod`, or `*`; empty is all.
    #[serde(deserialize_with = "nullable")]
    pub kinds: Vec<String>,
}

/// Where the webhook reviews objects.
const WEBHOOK: &str = "validation.gatekeeper.sh";

impl ConstraintSpec {
    /// Whether the webhook denies what violates the constraint.
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
    /// Whether it rejects some new pods of a namespace. One for pods with some labels or names rejects none: others pass.
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

/// Whether a name is in a list whose entries may start or end with `*`.
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
