//! Policies of policy engines: whether they reject pods, or only report them.

use std::collections::BTreeMap;

use probe::Reason;
use serde::{Deserialize, Serialize};

use crate::Listed;
use crate::Meta;
use crate::nullable::nullable;
use crate::selector::LabelSelector;

/// The policies of engines whose webhooks reject nothing without them.
#[derive(Debug, Clone, Default)]
pub struct Engines {
    /// `clusterpolicies.kyverno.io` and `policies.kyverno.io`; `None` if they were not listed.
    pub kyverno: Option<Listed<KyvernoPolicy>>,
    /// All kinds of the group `constraints.gatekeeper.sh`; `None` if they were not listed.
    pub gatekeeper: Option<Listed<Constraint>>,
}

/// Kyverno's `ClusterPolicy` or `Policy`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KyvernoPolicy {
    /// Its name, and the namespace of a `Policy`.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
    /// The specification.
    #[serde(deserialize_with = "nullable")]
    pub spec: KyvernoSpec,
}

/// The specification of a policy of Kyverno.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KyvernoSpec {
    /// `Enforce` or `Audit`; unset is `Audit`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub validation_failure_action: String,
    /// The rules.
    #[serde(deserialize_with = "nullable")]
    pub rules: Vec<KyvernoRule>,
}

/// A rule of Kyverno.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KyvernoRule {
    /// The objects.
    #[serde(rename = "match", deserialize_with = "nullable")]
    pub matches: KyvernoMatch,
    /// The validation; unset if the rule changes or creates objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validate: Option<KyvernoValidation>,
}

/// The validation of a rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KyvernoValidation {
    /// Takes precedence over the policy's action.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub failure_action: String,
}

/// The objects that a rule matches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KyvernoMatch {
    /// One of these.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub any: Vec<KyvernoFilter>,
    /// All of these.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub all: Vec<KyvernoFilter>,
    /// The older form.
    #[serde(deserialize_with = "nullable")]
    pub resources: KyvernoResources,
}

/// A filter of objects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KyvernoFilter {
    /// The objects.
    #[serde(deserialize_with = "nullable")]
    pub resources: KyvernoResources,
}

/// Objects by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KyvernoResources {
    /// `Pod`, `v1/Pod`, `*`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
}

/// A constraint of Gatekeeper.
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

/// The specification of a constraint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConstraintSpec {
    /// `deny`, `dryrun`, `warn`; unset is `deny`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub enforcement_action: String,
    /// The objects.
    #[serde(rename = "match", deserialize_with = "nullable")]
    pub matches: ConstraintMatch,
}

/// The objects that a constraint matches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConstraintMatch {
    /// The kinds; empty is all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<ConstraintKinds>,
    /// The namespaces; empty is all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
    /// Excluded namespaces.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub excluded_namespaces: Vec<String>,
    /// The namespaces by label.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "LabelSelector::is_everything")]
    pub namespace_selector: LabelSelector,
}

/// Kinds of API groups.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConstraintKinds {
    /// `""` for the core group, or `*`.
    #[serde(deserialize_with = "nullable")]
    pub api_groups: Vec<String>,
    /// `Pod`, or `*`.
    #[serde(deserialize_with = "nullable")]
    pub kinds: Vec<String>,
}

/// Whether an engine rejects pods of a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rejects<'a> {
    /// A policy does.
    Yes,
    /// No policy does.
    No,
    /// Its policies were not listed.
    Uninspected,
    /// Not all policies were seen.
    Unknown(&'a Reason),
}

impl Engines {
    /// Whether an engine, by its name, rejects pods of a namespace with these labels.
    pub(super) fn rejects(&self, engine: &str, namespace: &str, labels: &BTreeMap<&str, &str>) -> Rejects<'_> {
        let (any, missing) = match engine {
            "Kyverno" => {
                let Some(policies) = &self.kyverno else { return Rejects::Uninspected };
                (policies.items.iter().any(|policy| policy.rejects_pods_of(namespace)), &policies.missing)
            }
            "Gatekeeper" => {
                let Some(constraints) = &self.gatekeeper else { return Rejects::Uninspected };
                let any = constraints.items.iter().any(|constraint| constraint.rejects_pods_of(namespace, labels));
                (any, &constraints.missing)
            }
            _ => return Rejects::Uninspected,
        };
        match missing {
            _ if any => Rejects::Yes,
            Some(reason) => Rejects::Unknown(reason),
            None => Rejects::No,
        }
    }
}

impl KyvernoPolicy {
    fn rejects_pods_of(&self, namespace: &str) -> bool {
        let own = &self.metadata.namespace;
        (own.is_empty() || own == namespace)
            && self.spec.rules.iter().any(|rule| {
                rule.matches_pods()
                    && rule.validate.as_ref().is_some_and(|validation| {
                        let actions = [&validation.failure_action, &self.spec.validation_failure_action];
                        let action = actions.into_iter().find(|action| !action.is_empty());
                        action.is_some_and(|action| action.eq_ignore_ascii_case("enforce"))
                    })
            })
    }
}

impl KyvernoRule {
    fn matches_pods(&self) -> bool {
        let filters = self.matches.any.iter().chain(&self.matches.all).map(|filter| &filter.resources);
        filters
            .chain([&self.matches.resources])
            .flat_map(|resources| &resources.kinds)
            .any(|kind| matches!(kind.rsplit('/').next(), Some("Pod" | "*")))
    }
}

impl Constraint {
    fn rejects_pods_of(&self, namespace: &str, labels: &BTreeMap<&str, &str>) -> bool {
        let has = |list: &[String], one: &str| list.iter().any(|name| name == one || name == "*");
        let ConstraintMatch { kinds, namespaces, excluded_namespaces, namespace_selector } = &self.spec.matches;
        matches!(self.spec.enforcement_action.as_str(), "" | "deny" | "scoped")
            && (kinds.is_empty() || kinds.iter().any(|kinds| has(&kinds.api_groups, "") && has(&kinds.kinds, "Pod")))
            && (namespaces.is_empty() || is_among(namespaces, namespace))
            && !is_among(excluded_namespaces, namespace)
            && namespace_selector.selects(labels)
    }
}

/// Whether a name is in a list whose entries may start or end with `*`.
fn is_among(list: &[String], name: &str) -> bool {
    list.iter().any(|entry| match (entry.strip_prefix('*'), entry.strip_suffix('*')) {
        (_, Some(start)) if name.starts_with(start) => true,
        (Some(end), _) => name.ends_with(end),
        _ => entry == name,
    })
}
