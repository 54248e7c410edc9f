//! Kyverno policies.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Meta;
use crate::nullable::nullable;
use crate::policy::workloads::admission::MatchResources;
use crate::policy::workloads::network_objects::any;
use crate::selector::{LabelSelector, glob};

/// A Kyverno `ClusterPolicy` or `Policy`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KyvernoPolicy {
    /// The name, and the namespace of a `Policy`.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
    /// The specification.
    #[serde(deserialize_with = "nullable")]
    pub spec: KyvernoSpec,
}

/// The specification of a policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KyvernoSpec {
    /// The action: `Enforce` or `Audit`; unset means `Audit`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub validation_failure_action: String,
    /// Overrides of the action in some namespaces.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub validation_failure_action_overrides: Vec<KyvernoOverride>,
    /// Whether the rules apply at admission; unset means true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admission: Option<bool>,
    /// The rules.
    #[serde(deserialize_with = "nullable")]
    pub rules: Vec<KyvernoRule>,
}

/// An override of the action in some namespaces.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KyvernoOverride {
    /// The action: `Enforce` or `Audit`.
    #[serde(deserialize_with = "nullable")]
    pub action: String,
    /// The namespaces; `*` and `?` are wildcards.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
    /// The namespaces, by label.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "LabelSelector::is_everything")]
    pub namespace_selector: LabelSelector,
}

/// A rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KyvernoRule {
    /// The objects it matches.
    #[serde(rename = "match", deserialize_with = "nullable")]
    pub matches: KyvernoMatch,
    /// The objects it excludes.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "KyvernoMatch::is_empty")]
    pub exclude: KyvernoMatch,
    /// The validation; unset if the rule mutates or generates objects.
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
    /// Overrides of that action in some namespaces.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub failure_action_overrides: Vec<KyvernoOverride>,
}

/// The objects that a rule matches or excludes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KyvernoMatch {
    /// Matches if any of these match.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub any: Vec<KyvernoFilter>,
    /// Matches if all of these match.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub all: Vec<KyvernoFilter>,
    /// The older form, directly in the match.
    #[serde(flatten)]
    pub filter: KyvernoFilter,
}

/// A filter of objects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KyvernoFilter {
    /// The objects.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "KyvernoResources::is_empty")]
    pub resources: KyvernoResources,
    /// Whether it is limited to some users.
    #[serde(deserialize_with = "any", skip_serializing_if = "is_false")]
    pub subjects: bool,
    /// Whether it is limited to users with some roles.
    #[serde(deserialize_with = "any", skip_serializing_if = "is_false")]
    pub roles: bool,
    /// Whether it is limited to users with some cluster roles.
    #[serde(deserialize_with = "any", skip_serializing_if = "is_false")]
    pub cluster_roles: bool,
}

/// Objects by kind, name, namespace and labels.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KyvernoResources {
    /// The kinds, such as `Pod`, `v1/Pod` or `*`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
    /// The older form of `names`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The names; empty means all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// The namespaces; `*` and `?` are wildcards, and empty means all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
    /// The namespaces, by label.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "LabelSelector::is_everything")]
    pub namespace_selector: LabelSelector,
    /// Whether it is limited to objects with some labels.
    #[serde(deserialize_with = "any", skip_serializing_if = "is_false")]
    pub selector: bool,
    /// Whether it is limited to objects with some annotations.
    #[serde(deserialize_with = "any", skip_serializing_if = "is_false")]
    pub annotations: bool,
    /// The operations, such as `CREATE` and `UPDATE`; empty means all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<String>,
}

/// A `ValidatingPolicy` or `NamespacedValidatingPolicy`, without its expressions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ValidatingPolicy {
    /// The name, and the namespace of a `NamespacedValidatingPolicy`.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
    /// The specification.
    #[serde(deserialize_with = "nullable")]
    pub spec: ValidatingPolicySpec,
}

/// The specification of a validating policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ValidatingPolicySpec {
    /// The requests it validates.
    #[serde(deserialize_with = "nullable")]
    pub match_constraints: MatchResources,
    /// The actions: `Deny`, `Warn` and `Audit`; unset means `Deny`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub validation_actions: Vec<String>,
    /// How it is evaluated.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Evaluation::is_default")]
    pub evaluation: Evaluation,
}

/// How a policy is evaluated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evaluation {
    /// The mode: `Kubernetes`, `JSON` and so on; unset means `Kubernetes`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub mode: String,
    /// Whether requests are evaluated at admission.
    #[serde(deserialize_with = "nullable")]
    pub admission: EvaluationOfRequests,
}

/// Whether requests are evaluated at admission.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EvaluationOfRequests {
    /// Whether it is enabled; unset means true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

impl Evaluation {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl KyvernoPolicy {
    /// Whether it rejects some new pods in a namespace with these labels.
    pub(super) fn rejects_pods_of(&self, namespace: &str, labels: &BTreeMap<&str, &str>) -> bool {
        let own = &self.metadata.namespace;
        (own.is_empty() || own == namespace)
            && self.spec.admission != Some(false)
            && self.spec.rules.iter().any(|rule| {
                let Some(validation) = &rule.validate else { return false };
                rule.matches.covers_pods_of(namespace, labels)
                    && !rule.exclude.excludes_pods_of(namespace, labels)
                    && self.spec.action(validation, namespace, labels).eq_ignore_ascii_case("enforce")
            })
    }
}

impl KyvernoSpec {
    /// The action of a rule in a namespace; the setting closest to the rule wins.
    fn action<'p>(
        &'p self,
        validation: &'p KyvernoValidation,
        namespace: &str,
        labels: &BTreeMap<&str, &str>,
    ) -> &'p str {
        let overriding = |all: &'p [KyvernoOverride]| all.iter().find(|one| one.is_for(namespace, labels));
        let of_rule = overriding(&validation.failure_action_overrides).map(|it| it.action.as_str());
        of_rule
            .or_else(|| Some(validation.failure_action.as_str()).filter(|action| !action.is_empty()))
            .or_else(|| overriding(&self.validation_failure_action_overrides).map(|it| it.action.as_str()))
            .unwrap_or(&self.validation_failure_action)
    }
}

impl KyvernoOverride {
    fn is_for(&self, namespace: &str, labels: &BTreeMap<&str, &str>) -> bool {
        let by_label = !self.namespace_selector.is_everything();
        (by_label || !self.namespaces.is_empty())
            && (self.namespaces.is_empty() || is_among(&self.namespaces, namespace))
            && self.namespace_selector.selects_by_pattern(labels)
    }
}

impl KyvernoMatch {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether all new pods of a namespace are matched.
    fn covers_pods_of(&self, namespace: &str, labels: &BTreeMap<&str, &str>) -> bool {
        let covers =
            |filter: &KyvernoFilter| filter.is_for_everyone() && filter.resources.covers_pods_of(namespace, labels);
        if !self.any.is_empty() {
            return self.any.iter().any(|filter| filter.resources.names_pods() && covers(filter));
        }
        if !self.all.is_empty() {
            return self.all.iter().any(|filter| filter.resources.names_pods()) && self.all.iter().all(covers);
        }
        self.filter.resources.names_pods() && covers(&self.filter)
    }

    /// Whether all new pods of a namespace are excluded.
    fn excludes_pods_of(&self, namespace: &str, labels: &BTreeMap<&str, &str>) -> bool {
        let excludes = |filter: &KyvernoFilter| {
            filter.is_for_everyone()
                && !filter.resources.is_empty()
                && filter.resources.covers_pods_of(namespace, labels)
        };
        self.any.iter().any(excludes)
            || (!self.all.is_empty() && self.all.iter().all(excludes))
            || excludes(&self.filter)
    }
}

impl KyvernoFilter {
    const fn is_for_everyone(&self) -> bool {
        !self.subjects && !self.roles && !self.cluster_roles
    }
}

impl KyvernoResources {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the kinds include pods.
    fn names_pods(&self) -> bool {
        self.kinds.iter().any(|kind| is_pods(kind))
    }

    /// Whether all new pods in a namespace match; no kinds means all kinds.
    fn covers_pods_of(&self, namespace: &str, labels: &BTreeMap<&str, &str>) -> bool {
        let names = self.names.iter().chain([&self.name]).filter(|name| !name.is_empty());
        let has_name = self.names.is_empty() && self.name.is_empty() || names.into_iter().any(|name| name == "*");
        (self.kinds.is_empty() || self.names_pods())
            && has_name
            && (self.namespaces.is_empty() || is_among(&self.namespaces, namespace))
            && self.namespace_selector.selects_by_pattern(labels)
            && !self.selector
            && !self.annotations
            && (self.operations.is_empty() || self.operations.iter().any(|operation| operation == "CREATE"))
    }
}

/// Whether a kind (`Pod`, `v1/Pod`, `*/*/Pod`, `*`) matches pods, and not just their subresources. Of two parts,
/// either the first is a version or the second a subresource.
fn is_pods(kind: &str) -> bool {
    let is_version = |text: &str| text == "*" || text == "v1";
    let (group, version, kind) = match kind.split('/').collect::<Vec<_>>().as_slice() {
        [kind] => ("*", "*", *kind),
        // All subresources of all kinds are included here.
        ["*", "*"] | ["*", "*", "*", "*"] => ("*", "*", "*"),
        [version, kind] if is_version(version) => ("*", *version, *kind),
        [group, version, kind] if is_version(version) => (*group, *version, *kind),
        _ => return false,
    };
    // Pods are in the core group, whose name is empty.
    group == "*" && is_version(version) && glob(kind, "Pod")
}

fn is_among(list: &[String], name: &str) -> bool {
    list.iter().any(|pattern| glob(pattern, name))
}

impl ValidatingPolicy {
    /// Whether it rejects some new pods in a namespace with these labels.
    pub(super) fn rejects_pods_of(&self, namespace: &str, labels: &BTreeMap<&str, &str>) -> bool {
        let own = &self.metadata.namespace;
        let ValidatingPolicySpec { match_constraints, validation_actions, evaluation } = &self.spec;
        (own.is_empty() || own == namespace)
            && matches!(evaluation.mode.as_str(), "" | "Kubernetes")
            && evaluation.admission.enabled != Some(false)
            && (validation_actions.is_empty() || validation_actions.iter().any(|action| action == "Deny"))
            && match_constraints.covers_new_pods()
            && match_constraints.namespace_selector.selects(labels)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[cfg(test)]
mod tests {
    use super::is_pods;

    #[test]
    fn kinds_of_pods_are_told_from_others() {
        for kind in ["Pod", "v1/Pod", "*/Pod", "*/*/Pod", "*/v1/Pod", "*", "*/*", "*/*/*", "*/*/*/*", "Po?", "P*"] {
            assert!(is_pods(kind), "{kind}");
        }
        for kind in [
            "",
            "pod",
            "Pods",
            "Deployment",
            "Pod/exec",
            "Pod/*",
            "Pod.status",
            "v1/Pod/status",
            "v2/Pod",
            "batch/*/*",
            "apps/v1/Pod",
            "*/exec",
            "*/*/*/*/*",
            "Pod/ephemeralcontainers",
            "/",
        ] {
            assert!(!is_pods(kind), "{kind}");
        }
    }
}
