//! Whether a mechanism in each namespace can reject pods.

use cluster::policy::Outcome;
use serde_json::{Value, json};

use crate::workloads::world::{World, forbidden, line, recorded};

const CONTROL: &str = "pod-security/policy-mechanism";

fn world() -> World {
    World::default().namespace("shop", json!({"team": "a"})).namespace("kube-system", json!({}))
}

fn merge(base: &mut Value, patch: &Value) {
    match (base, patch) {
        (Value::Object(base), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(base.entry(key).or_insert(json!({})), value);
            }
        }
        (base, patch) => *base = patch.clone(),
    }
}

fn rules() -> Value {
    json!([{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["pods"]}])
}

/// A validating admission policy and its binding, with a patch for each.
fn bound(policy: &Value, binding: &Value) -> World {
    let mut world = world();
    let mut full = json!({"metadata": {"name": "no-root"}, "spec": {"matchConstraints": {"resourceRules": rules()},
        "validations": [{"expression": "false"}]}});
    merge(&mut full, policy);
    world.admission.policies.items.push(recorded(full));
    let mut full = json!({"metadata": {"name": "no-root-everywhere"},
        "spec": {"policyName": "no-root", "validationActions": ["Deny"]}});
    merge(&mut full, binding);
    world.admission.bindings.items.push(recorded(full));
    world
}

/// A validating webhook configuration, with a patch for its webhook.
pub fn webhook(name: &str, patch: &Value) -> World {
    let mut world = world();
    let mut full = json!({"name": "validate.example.com", "rules": rules()});
    merge(&mut full, patch);
    world.admission.webhooks.items.push(recorded(json!({"metadata": {"name": name}, "webhooks": [full]})));
    world
}

#[test]
fn a_label_that_enforces_is_a_mechanism() {
    for (labels, expected) in [
        (json!({"pod-security.kubernetes.io/enforce": "baseline"}), Outcome::Pass),
        (
            json!({"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/enforce-version": "v1.30"}),
            Outcome::Pass,
        ),
        (json!({"pod-security.kubernetes.io/enforce": "privileged"}), Outcome::Fail),
        (
            json!({"pod-security.kubernetes.io/warn": "restricted", "pod-security.kubernetes.io/audit": "restricted"}),
            Outcome::Fail,
        ),
        (json!(null), Outcome::Fail),
    ] {
        let world = World::default().namespace("shop", labels.clone()).namespace("kube-public", json!({}));
        assert_eq!(world.outcome(CONTROL), expected, "{labels}");
    }
    assert_eq!(
        world().verdict(CONTROL).1,
        [
            "/Namespace/shop: pod-security.kubernetes.io/enforce: not set, no admission policy or policy engine covers its pods"
        ]
    );
}

#[test]
fn a_policy_counts_where_it_is_bound_to_pods_and_denies() {
    let none = json!({});
    let constraints = |value: Value| json!({"spec": {"matchConstraints": value}});
    let resources = |value: Value| json!({"spec": {"matchResources": value}});
    for (policy, binding, expected) in [
        (none.clone(), none.clone(), Outcome::Pass),
        (none.clone(), json!({"spec": {"validationActions": ["Warn", "Audit"]}}), Outcome::Fail),
        (none.clone(), json!({"spec": {"validationActions": ["Audit", "Deny"]}}), Outcome::Pass),
        (none.clone(), json!({"spec": {"policyName": "other"}}), Outcome::Fail),
        (
            constraints(json!({"resourceRules": [{"apiGroups": ["*"], "operations": ["*"], "resources": ["*"]}]})),
            none.clone(),
            Outcome::Pass,
        ),
        (
            constraints(
                json!({"resourceRules": [{"apiGroups": ["apps"], "operations": ["*"], "resources": ["deployments"]}]}),
            ),
            none.clone(),
            Outcome::Fail,
        ),
        (
            constraints(
                json!({"resourceRules": [{"apiGroups": [""], "operations": ["DELETE"], "resources": ["pods"]}]}),
            ),
            none.clone(),
            Outcome::Fail,
        ),
        (
            constraints(
                json!({"resourceRules": [{"apiGroups": [""], "operations": ["CREATE"], "resources": ["pods"], "resourceNames": ["x"]}]}),
            ),
            none.clone(),
            Outcome::Fail,
        ),
        (constraints(json!({"resourceRules": null})), none.clone(), Outcome::Fail),
        (constraints(json!({"excludeResourceRules": rules()})), none.clone(), Outcome::Fail),
        (constraints(json!({"objectSelector": {"matchLabels": {"app": "x"}}})), none.clone(), Outcome::Fail),
        (constraints(json!({"namespaceSelector": {"matchLabels": {"team": "a"}}})), none.clone(), Outcome::Pass),
        (constraints(json!({"namespaceSelector": {"matchLabels": {"team": "b"}}})), none.clone(), Outcome::Fail),
        (
            none.clone(),
            resources(
                json!({"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "In", "values": ["a", "b"]}]}}),
            ),
            Outcome::Pass,
        ),
        (
            none.clone(),
            resources(
                json!({"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["a"]}]}}),
            ),
            Outcome::Fail,
        ),
        (
            none.clone(),
            resources(json!({"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "Exists"}]}})),
            Outcome::Pass,
        ),
        (
            none.clone(),
            resources(
                json!({"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "DoesNotExist"}]}}),
            ),
            Outcome::Fail,
        ),
        (
            none.clone(),
            resources(json!({"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "Typo"}]}})),
            Outcome::Fail,
        ),
        (
            none.clone(),
            resources(json!({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}})),
            Outcome::Pass,
        ),
        (none.clone(), resources(json!({"resourceRules": rules()})), Outcome::Pass),
        (
            none.clone(),
            resources(json!({"resourceRules": [{"apiGroups": ["apps"], "operations": ["*"], "resources": ["*"]}]})),
            Outcome::Fail,
        ),
    ] {
        assert_eq!(bound(&policy, &binding).outcome(CONTROL), expected, "{policy} {binding}");
    }
}

#[test]
fn a_label_that_is_not_there_is_in_no_list() {
    for (operator, expected) in [("In", Outcome::Fail), ("NotIn", Outcome::Pass)] {
        let selector = json!({"matchExpressions": [{"key": "tier", "operator": operator, "values": ["a"]}]});
        let policy = json!({"spec": {"matchConstraints": {"namespaceSelector": selector}}});
        assert_eq!(bound(&policy, &json!({})).outcome(CONTROL), expected, "{operator}");
    }
}

#[test]
fn a_policy_that_admits_pods_when_it_fails_is_noted() {
    for (failure, rest) in [("Fail", ""), ("Ignore", "; failurePolicy: Ignore admits pods when it fails")] {
        let world = bound(&json!({"spec": {"failurePolicy": failure}}), &json!({}));
        assert_eq!(
            world.judge(CONTROL).noted.iter().map(line).collect::<Vec<_>>(),
            [format!("/ValidatingAdmissionPolicyBinding/no-root-everywhere: no-root validates new pods{rest}")]
        );
    }
}

#[test]
fn a_webhook_counts_where_it_is_a_known_engines_and_covers_pods() {
    for (name, patch, expected) in [
        ("kyverno-resource-validating-webhook-cfg", json!({}), Outcome::Pass),
        (
            "gatekeeper-validating-webhook-configuration",
            json!({"rules": [{"apiGroups": ["*"], "operations": ["CREATE"], "resources": ["*"]}]}),
            Outcome::Pass,
        ),
        ("cert-manager-webhook", json!({}), Outcome::Fail),
        ("kyverno-policy-validating-webhook-cfg", json!({}), Outcome::Fail),
        ("kyverno-resource-validating-webhook-cfg", json!({"rules": []}), Outcome::Fail),
        (
            "kyverno-resource-validating-webhook-cfg",
            json!({"namespaceSelector": {"matchLabels": {"team": "b"}}}),
            Outcome::Fail,
        ),
        (
            "kyverno-resource-validating-webhook-cfg",
            json!({"objectSelector": {"matchLabels": {"team": "b"}}}),
            Outcome::Fail,
        ),
    ] {
        assert_eq!(webhook(name, &patch).outcome(CONTROL), expected, "{name} {patch}");
    }
    let open = webhook("gatekeeper-validating-webhook-configuration", &json!({"failurePolicy": "Ignore"}));
    assert_eq!(
        open.judge(CONTROL).noted.iter().map(line).collect::<Vec<_>>(),
        ["/ValidatingWebhookConfiguration/gatekeeper-validating-webhook-configuration: Gatekeeper validates new pods \
          (its policies were not inspected); failurePolicy: Ignore admits pods when it fails"]
    );
}

#[test]
fn a_namespace_whose_policies_were_not_seen_is_unknown() {
    let covered = || World::default().namespace("shop", json!({"pod-security.kubernetes.io/enforce": "baseline"}));
    for what in ["policies", "bindings", "webhooks"] {
        let unseen = |mut world: World| {
            let admission = &mut world.admission;
            let gap = Some(forbidden(what));
            match what {
                "policies" => admission.policies.missing = gap,
                "bindings" => admission.bindings.missing = gap,
                _ => admission.webhooks.missing = gap,
            }
            world.outcome(CONTROL)
        };
        assert_eq!(unseen(world()), Outcome::Unknown(forbidden(what)));
        assert_eq!(unseen(covered()), Outcome::Pass, "its label is enough");
    }
    let mut unseen = World::default();
    unseen.namespaces.missing = Some(forbidden("namespaces"));
    assert_eq!(unseen.outcome(CONTROL), Outcome::Unknown(forbidden("namespaces")));
}
