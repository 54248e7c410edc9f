//! Admission policies and webhooks.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::engines::{Engines, Rejects};
use crate::Listed;
use crate::Meta;
use crate::nullable::nullable;
use crate::selector::LabelSelector;

/// Policies, their bindings, and webhooks.
#[derive(Debug, Clone, Default)]
pub struct Admission {
    /// `validatingadmissionpolicies.admissionregistration.k8s.io`.
    pub policies: Listed<AdmissionPolicy>,
    /// `validatingadmissionpolicybindings.admissionregistration.k8s.io`.
    pub bindings: Listed<AdmissionPolicyBinding>,
    /// `validatingwebhookconfigurations.admissionregistration.k8s.io`.
    pub webhooks: Listed<WebhookConfiguration>,
    /// Policies of policy engines.
    pub engines: Engines,
}

/// A `ValidatingAdmissionPolicy`, without its expressions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AdmissionPolicy {
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
    /// The specification.
    #[serde(deserialize_with = "nullable")]
    pub spec: AdmissionPolicySpec,
}

/// The specification of a policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdmissionPolicySpec {
    /// The requests it validates.
    #[serde(deserialize_with = "nullable")]
    pub match_constraints: MatchResources,
    /// `Ignore` if requests are admitted when evaluation fails.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub failure_policy: String,
}

/// A `ValidatingAdmissionPolicyBinding`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AdmissionPolicyBinding {
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
    /// The specification.
    #[serde(deserialize_with = "nullable")]
    pub spec: AdmissionPolicyBindingSpec,
}

/// The specification of a binding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdmissionPolicyBindingSpec {
    /// The policy.
    #[serde(deserialize_with = "nullable")]
    pub policy_name: String,
    /// The actions: `Deny`, `Warn` and `Audit`.
    #[serde(deserialize_with = "nullable")]
    pub validation_actions: Vec<String>,
    /// Further limits on the requests.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub match_resources: Option<MatchResources>,
}

/// The requests that a policy or binding matches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MatchResources {
    /// The namespaces.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "LabelSelector::is_everything")]
    pub namespace_selector: LabelSelector,
    /// The objects.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "LabelSelector::is_everything")]
    pub object_selector: LabelSelector,
    /// The resources.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub resource_rules: Vec<ResourceRule>,
    /// Excluded resources.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub exclude_resource_rules: Vec<ResourceRule>,
}

/// Operations on resources.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceRule {
    /// The API groups: `""` for the core group, or `*`.
    #[serde(deserialize_with = "nullable")]
    pub api_groups: Vec<String>,
    /// The resources, such as `pods`, or `*`.
    #[serde(deserialize_with = "nullable")]
    pub resources: Vec<String>,
    /// The operations, such as `CREATE`, or `*`.
    #[serde(deserialize_with = "nullable")]
    pub operations: Vec<String>,
    /// The names of objects; empty means any.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub resource_names: Vec<String>,
}

/// A `ValidatingWebhookConfiguration` or `MutatingWebhookConfiguration`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WebhookConfiguration {
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
    /// The webhooks.
    #[serde(deserialize_with = "nullable")]
    pub webhooks: Vec<Webhook>,
}

/// A webhook.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Webhook {
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    /// The requests sent to it.
    #[serde(deserialize_with = "nullable")]
    pub rules: Vec<ResourceRule>,
    /// `Ignore` if requests are admitted when the call fails.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub failure_policy: String,
    /// The namespaces.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "LabelSelector::is_everything")]
    pub namespace_selector: LabelSelector,
    /// The objects.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "LabelSelector::is_everything")]
    pub object_selector: LabelSelector,
    /// The endpoint that is called.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "ClientConfig::is_empty")]
    pub client_config: ClientConfig,
}

/// The endpoint that a webhook calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientConfig {
    /// A Service in the cluster; `None` for a URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceReference>,
}

impl ClientConfig {
    const fn is_empty(&self) -> bool {
        self.service.is_none()
    }
}

/// A reference to a Service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceReference {
    /// The namespace.
    #[serde(deserialize_with = "nullable")]
    pub namespace: String,
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
}

/// Policy engines, by part of the name of their webhook configuration.
const ENGINES: [(&str, &str); 13] = [
    ("kyverno-resource-validating", "Kyverno"),
    ("gatekeeper", "Gatekeeper"),
    ("kubewarden", "Kubewarden"),
    ("opa-validating", "Open Policy Agent"),
    ("polaris", "Polaris"),
    ("jspolicy", "jsPolicy"),
    ("datree", "Datree"),
    ("neuvector", "NeuVector"),
    ("stackrox", "StackRox"),
    ("kube-enforcer", "Aqua Kube Enforcer"),
    ("insights-admission", "Fairwinds Insights"),
    ("sysdig-admission", "Sysdig"),
    ("k-rail", "k-rail"),
];

impl ResourceRule {
    fn covers_new_pods(&self) -> bool {
        let has = |list: &[String], names: &[&str]| list.iter().any(|one| names.contains(&one.as_str()));
        has(&self.api_groups, &["", "*"])
            && has(&self.resources, &["pods", "*", "*/*"])
            && has(&self.operations, &["CREATE", "*"])
            && self.resource_names.is_empty()
    }
}

impl MatchResources {
    fn may_cover_new_pods(&self) -> bool {
        self.object_selector.is_everything() && !self.exclude_resource_rules.iter().any(ResourceRule::covers_new_pods)
    }

    /// Whether all new pods in the selected namespaces match.
    pub(super) fn covers_new_pods(&self) -> bool {
        self.may_cover_new_pods() && self.resource_rules.iter().any(ResourceRule::covers_new_pods)
    }
}

/// A policy or webhook that can reject new pods.
#[derive(Debug, Clone)]
pub(super) struct Gate<'a> {
    /// The object's kind.
    pub(super) kind: &'static str,
    /// The object's name.
    pub(super) name: &'a str,
    /// The policy, or the engine's name.
    pub(super) engine: &'a str,
    /// Whether pods are admitted when it fails.
    pub(super) fails_open: bool,
    /// The namespace selectors, all of which must match.
    namespaces: Vec<&'a LabelSelector>,
    engines: &'a Engines,
}

impl<'a> Gate<'a> {
    /// Whether it rejects some new pods in a namespace with these labels.
    pub(super) fn rejects(&self, namespace: &str, labels: &BTreeMap<&str, &str>) -> Rejects<'a> {
        if !self.namespaces.iter().all(|selector| selector.selects(labels)) {
            return Rejects::No;
        }
        match self.kind {
            BINDING => Rejects::Yes,
            _ => self.engines.rejects(self.engine, namespace, labels),
        }
    }
}

const BINDING: &str = "ValidatingAdmissionPolicyBinding";

impl Admission {
    /// The policy engines whose webhooks exist, sorted.
    pub fn engines(&self) -> BTreeSet<&'static str> {
        let names = self.webhooks.items.iter().map(|configuration| configuration.metadata.name.as_str());
        names
            .filter_map(|name| ENGINES.iter().find(|(part, _)| name.contains(part)))
            .map(|(_, engine)| *engine)
            .collect()
    }

    /// The policies and webhooks that can reject new pods.
    pub(super) fn gates(&self) -> impl Iterator<Item = Gate<'_>> {
        let by_name: BTreeMap<&str, &AdmissionPolicy> =
            self.policies.items.iter().map(|policy| (policy.metadata.name.as_str(), policy)).collect();
        let bound = self.bindings.items.iter().filter_map(move |binding| {
            let policy = by_name.get(binding.spec.policy_name.as_str())?;
            bound(policy, binding, &self.engines)
        });
        let webhooks = self.webhooks.items.iter().flat_map(|configuration| {
            configuration.webhooks.iter().filter_map(|webhook| engine(configuration, webhook, &self.engines))
        });
        bound.chain(webhooks)
    }
}

fn bound<'a>(
    policy: &'a AdmissionPolicy,
    binding: &'a AdmissionPolicyBinding,
    engines: &'a Engines,
) -> Option<Gate<'a>> {
    let denies = binding.spec.validation_actions.iter().any(|action| action == "Deny");
    let constraints = &policy.spec.match_constraints;
    let resources = binding.spec.match_resources.as_ref();
    let covered = constraints.covers_new_pods()
        && resources.is_none_or(|resources| {
            let rules = &resources.resource_rules;
            resources.may_cover_new_pods() && (rules.is_empty() || rules.iter().any(ResourceRule::covers_new_pods))
        });
    let selectors = resources.into_iter().chain([constraints]).map(|resources| &resources.namespace_selector);
    (denies && covered).then(|| Gate {
        kind: BINDING,
        name: &binding.metadata.name,
        engine: &policy.metadata.name,
        fails_open: policy.spec.failure_policy == "Ignore",
        namespaces: selectors.collect(),
        engines,
    })
}

fn engine<'a>(configuration: &'a WebhookConfiguration, webhook: &'a Webhook, engines: &'a Engines) -> Option<Gate<'a>> {
    let name = &configuration.metadata.name;
    let (_, engine) = ENGINES.iter().find(|(part, _)| name.contains(part) || webhook.name.contains(part))?;
    let covered = webhook.object_selector.is_everything() && webhook.rules.iter().any(ResourceRule::covers_new_pods);
    covered.then(|| Gate {
        kind: "ValidatingWebhookConfiguration",
        name,
        engine,
        fails_open: webhook.failure_policy == "Ignore",
        namespaces: vec![&webhook.namespace_selector],
        engines,
    })
}
