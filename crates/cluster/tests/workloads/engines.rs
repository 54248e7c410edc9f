//! Policies of policy engines: which of them reject pods in a namespace.

use cluster::policy::Outcome;
use cluster::policy::workloads::{Kyverno, Listed};
use serde_json::{Value, json};

use crate::workloads::admission::webhook;
use crate::workloads::world::{World, forbidden, line, recorded};

const CONTROL: &str = "pod-security/policy-mechanism";

fn kyverno(policies: Vec<Value>, validating: Vec<Value>) -> World {
    let mut world = webhook("kyverno-resource-validating-webhook-cfg", &json!({}));
    let listed = Kyverno {
        policies: Listed { items: policies.into_iter().map(recorded).collect(), missing: None },
        validating: Listed { items: validating.into_iter().map(recorded).collect(), missing: None },
    };
    world.admission.engines.kyverno = Some(listed);
    world
}

/// Whether pods of the namespace `shop` (label `team: a`) are rejected; no other mechanism covers it.
fn rejects(world: &World) -> bool {
    match world.outcome(CONTROL) {
        Outcome::Pass => true,
        Outcome::Fail => false,
        other => panic!("{other:?}"),
    }
}

/// A Kyverno policy that enforces a rule for pods, with another value at a JSON pointer.
fn policy(at: &str, value: Value) -> Value {
    let mut policy = json!({
        "metadata": {"name": "p"},
        "spec": {
            "validationFailureAction": "Enforce",
            "rules": [{"match": {"any": [{"resources": {"kinds": ["Pod"]}}]}, "validate": {"message": "no"}}],
        },
    });
    let (parent, key) = at.rsplit_once('/').expect("a pointer");
    policy.pointer_mut(parent).unwrap_or_else(|| panic!("{at}"))[key] = value;
    policy
}

#[test]
fn kyverno_rejects_by_the_action_that_is_nearest_to_the_rule() {
    let enforced = |namespaces: Value| json!([{"action": "Enforce", "namespaces": namespaces}]);
    let audited = |namespaces: Value| json!([{"action": "Audit", "namespaces": namespaces}]);
    let validate = |failure_action: Value, overrides: Value| json!({"failureAction": failure_action, "failureActionOverrides": overrides});
    for (at, value, expected) in [
        ("/metadata/labels", json!({}), true),
        ("/spec/validationFailureAction", json!("enforce"), true),
        ("/spec/validationFailureAction", json!("Audit"), false),
        ("/spec/validationFailureAction", json!(null), false),
        ("/spec/admission", json!(true), true),
        ("/spec/admission", json!(false), false),
        ("/spec/validationFailureActionOverrides", audited(json!(["shop"])), false),
        ("/spec/validationFailureActionOverrides", audited(json!(["s*"])), false),
        ("/spec/validationFailureActionOverrides", audited(json!(["other"])), true),
        ("/spec/validationFailureActionOverrides", audited(json!([])), true),
        (
            "/spec/validationFailureActionOverrides",
            json!([{"action": "Audit", "namespaceSelector": {"matchLabels": {"team": "a"}}}]),
            false,
        ),
        (
            "/spec/validationFailureActionOverrides",
            json!([{"action": "Audit", "namespaces": ["shop"], "namespaceSelector": {"matchLabels": {"team": "b"}}}]),
            true,
        ),
        ("/spec/rules/0/validate", json!(null), false),
        ("/spec/rules/0/validate", validate(json!("Audit"), json!([])), false),
        ("/spec/rules/0/validate", validate(json!("Audit"), enforced(json!(["sho?"]))), true),
        ("/spec/rules/0/validate", validate(json!("Enforce"), audited(json!(["shop"]))), false),
        ("/spec/rules/0/validate", validate(json!("Enforce"), audited(json!(["other"]))), true),
    ] {
        let policy = policy(at, value);
        assert_eq!(rejects(&kyverno(vec![policy.clone()], vec![])), expected, "{policy}");
    }
    let by_rule = json!({"metadata": {"name": "p"}, "spec": {"validationFailureAction": "Audit",
        "validationFailureActionOverrides": enforced(json!(["shop"])),
        "rules": [{"match": {"resources": {"kinds": ["Pod"]}}, "validate": {"failureAction": "Audit"}}]}});
    assert!(!rejects(&kyverno(vec![by_rule], vec![])), "the rule's own action is nearer");
}

#[test]
fn kyverno_rejects_where_its_rules_match() {
    let resources = |patch: Value| {
        let mut resources = json!({"kinds": ["Pod"]});
        for (key, value) in patch.as_object().expect("an object") {
            resources[key] = value.clone();
        }
        json!({"resources": resources})
    };
    let filters = [
        (json!({}), true),
        (json!({"kinds": ["v1/Pod"]}), true),
        (json!({"kinds": ["*"]}), true),
        (json!({"kinds": ["Deployment", "Pod"]}), true),
        (json!({"kinds": ["Deployment"]}), false),
        (json!({"kinds": ["Pod/exec"]}), false),
        (json!({"kinds": ["batch/*/*"]}), false),
        (json!({"kinds": null}), false),
        (json!({"namespaces": ["shop", "other"]}), true),
        (json!({"namespaces": ["?hop"]}), true),
        (json!({"namespaces": ["other"]}), false),
        (json!({"namespaceSelector": {"matchLabels": {"team": "a"}}}), true),
        (json!({"namespaceSelector": {"matchLabels": {"te*": "?"}}}), true),
        (json!({"namespaceSelector": {"matchLabels": {"team": "b"}}}), false),
        (json!({"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "DoesNotExist"}]}}), false),
        (json!({"names": ["*"]}), true),
        (json!({"names": ["web-*"]}), false),
        (json!({"name": "web"}), false),
        (json!({"selector": {"matchLabels": {"app": "web"}}}), false),
        (json!({"selector": {}}), true),
        (json!({"annotations": {"a": "b"}}), false),
        (json!({"operations": ["CREATE"]}), true),
        (json!({"operations": ["UPDATE", "DELETE"]}), false),
    ];
    for (patch, expected) in filters {
        let filter = resources(patch);
        for form in [json!({"any": [filter]}), json!({"all": [filter]}), filter.clone()] {
            let policy = policy("/spec/rules/0/match", form);
            assert_eq!(rejects(&kyverno(vec![policy.clone()], vec![])), expected, "{policy}");
        }
    }
    let pods = || resources(json!({}));
    let named = |namespace: &str| json!({"resources": {"namespaces": [namespace]}});
    let users = |filter: Value, user: &str| {
        let mut filter = filter;
        filter[user] = json!(["x"]);
        filter
    };
    for (form, expected) in [
        (json!({}), false),
        (json!({"any": [resources(json!({"kinds": ["Job"]})), pods()]}), true),
        (json!({"all": [pods(), named("shop")]}), true),
        (json!({"all": [pods(), named("other")]}), false),
        (json!({"all": [named("shop")]}), false),
        (json!({"any": [named("shop")]}), false),
        (json!({"any": [users(pods(), "subjects")]}), false),
        (json!({"any": [users(pods(), "roles")]}), false),
        (json!({"any": [users(pods(), "clusterRoles")]}), false),
        (users(pods(), "subjects"), false),
    ] {
        let policy = policy("/spec/rules/0/match", form);
        assert_eq!(rejects(&kyverno(vec![policy.clone()], vec![])), expected, "{policy}");
    }
    for (form, expected) in [
        (json!({"any": [named("shop")]}), false),
        (json!({"any": [named("sh*")]}), false),
        (json!({"any": [named("other")]}), true),
        (json!({"all": [named("shop"), pods()]}), false),
        (json!({"all": [named("shop"), resources(json!({"kinds": ["Job"]}))]}), true),
        (named("shop"), false),
        (json!({"any": [resources(json!({"names": ["web"]}))]}), true),
        (json!({"any": [resources(json!({"selector": {"matchLabels": {"a": "b"}}}))]}), true),
        (json!({"any": [users(named("shop"), "subjects")]}), true),
        (json!({"any": [users(json!({}), "clusterRoles")]}), true),
        (json!({}), true),
    ] {
        let policy = policy("/spec/rules/0/exclude", form);
        assert_eq!(rejects(&kyverno(vec![policy.clone()], vec![])), expected, "{policy}");
    }
    for (namespace, expected) in [("shop", true), ("other", false)] {
        let policy = policy("/metadata/namespace", json!(namespace));
        assert_eq!(rejects(&kyverno(vec![policy], vec![])), expected, "{namespace}");
    }
}

#[test]
fn kyvernos_newer_policies_reject_as_those_of_the_api_server_do() {
    let rules = |resource: &str| json!({"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": [resource]}]});
    let policy = |at: &str, value: Value| {
        let mut policy = json!({"metadata": {"name": "p"}, "spec": {"validationActions": ["Deny"],
            "matchConstraints": rules("pods"), "validations": [{"expression": "false"}]}});
        let (parent, key) = at.rsplit_once('/').expect("a pointer");
        policy.pointer_mut(parent).unwrap_or_else(|| panic!("{at}"))[key] = value;
        policy
    };
    let selected = |team: &str| {
        let mut constraints = rules("pods");
        constraints["namespaceSelector"] = json!({"matchLabels": {"team": team}});
        constraints
    };
    for (at, value, expected) in [
        ("/metadata/labels", json!({}), true),
        ("/metadata/namespace", json!("shop"), true),
        ("/metadata/namespace", json!("other"), false),
        ("/spec/validationActions", json!(["Audit"]), false),
        ("/spec/validationActions", json!(["Warn", "Audit"]), false),
        ("/spec/validationActions", json!(null), true),
        ("/spec/matchConstraints", rules("deployments"), false),
        ("/spec/matchConstraints", json!(null), false),
        ("/spec/matchConstraints", selected("a"), true),
        ("/spec/matchConstraints", selected("b"), false),
        ("/spec/evaluation", json!({"mode": "Kubernetes"}), true),
        ("/spec/evaluation", json!({"mode": "JSON"}), false),
        ("/spec/evaluation", json!({"admission": {"enabled": false}}), false),
        ("/spec/evaluation", json!({"admission": {"enabled": true}, "background": {"enabled": false}}), true),
    ] {
        let policy = policy(at, value);
        assert_eq!(rejects(&kyverno(vec![], vec![policy.clone()])), expected, "{policy}");
    }
}

#[test]
fn gatekeeper_rejects_by_constraints_that_deny_and_match() {
    let scoped = |action: &str, point: &str| {
        json!({"enforcementAction": "scoped", "scopedEnforcementActions": [
        {"action": "warn", "enforcementPoints": [{"name": "*"}]},
        {"action": action, "enforcementPoints": [{"name": "audit.gatekeeper.sh"}, {"name": point}]}]})
    };
    let matches = |value: Value| json!({"match": value});
    let kinds = |groups: Value, kinds: Value| matches(json!({"kinds": [{"apiGroups": groups, "kinds": kinds}]}));
    for (spec, expected) in [
        (json!({}), true),
        (json!({"enforcementAction": "deny"}), true),
        (json!({"enforcementAction": "dryrun"}), false),
        (json!({"enforcementAction": "warn"}), false),
        (json!({"enforcementAction": "Deny"}), false),
        (json!({"enforcementAction": "scoped"}), false),
        (scoped("deny", "validation.gatekeeper.sh"), true),
        (scoped("deny", "*"), true),
        (scoped("deny", "gator.gatekeeper.sh"), false),
        (scoped("dryrun", "validation.gatekeeper.sh"), false),
        (kinds(json!([""]), json!(["Pod"])), true),
        (kinds(json!(["*"]), json!(["*"])), true),
        (kinds(json!([]), json!(["Pod"])), true),
        (kinds(json!([""]), json!([])), true),
        (kinds(json!(["apps"]), json!(["Deployment"])), false),
        (kinds(json!([""]), json!(["Service"])), false),
        (matches(json!({"namespaces": ["shop"]})), true),
        (matches(json!({"namespaces": ["s*"]})), true),
        (matches(json!({"namespaces": ["*op"]})), true),
        (matches(json!({"namespaces": ["*ho*"]})), true),
        (matches(json!({"namespaces": ["other"]})), false),
        (matches(json!({"excludedNamespaces": ["kube-*", "shop"]})), false),
        (matches(json!({"excludedNamespaces": ["*ho*"]})), false),
        (matches(json!({"excludedNamespaces": ["*"]})), false),
        (matches(json!({"excludedNamespaces": ["kube-*"]})), true),
        (matches(json!({"namespaceSelector": {"matchLabels": {"team": "a"}}})), true),
        (matches(json!({"namespaceSelector": {"matchLabels": {"team": "b"}}})), false),
        (matches(json!({"labelSelector": {"matchLabels": {"app": "web"}}})), false),
        (matches(json!({"labelSelector": {}})), true),
        (matches(json!({"name": "web-*"})), false),
        (matches(json!({"scope": "Namespaced"})), true),
        (matches(json!({"scope": "Cluster"})), false),
        (matches(json!({"source": "Original"})), true),
        (matches(json!({"source": "Generated"})), false),
    ] {
        let mut world = webhook("gatekeeper-validating-webhook-configuration", &json!({}));
        let items = vec![recorded(json!({"metadata": {"name": "c"}, "spec": spec}))];
        world.admission.engines.gatekeeper = Some(Listed { items, missing: None });
        assert_eq!(rejects(&world), expected, "{spec}");
        if expected {
            assert!(line(&world.judge(CONTROL).noted[0]).ends_with(": Gatekeeper validates new pods"));
        }
    }
}

#[test]
fn what_is_not_seen_of_an_engine_is_unknown_unless_something_seen_rejects() {
    let gap = || Some(forbidden("clusterpolicies.kyverno.io"));
    for (policies, expected) in [(vec![], None), (vec![policy("/metadata/labels", json!({}))], Some(Outcome::Pass))] {
        for of_newer in [false, true] {
            let mut world = kyverno(policies.clone(), vec![]);
            let kyverno = world.admission.engines.kyverno.as_mut().expect("Kyverno");
            if of_newer {
                kyverno.validating.missing = gap();
            } else {
                kyverno.policies.missing = gap();
            }
            let unknown = Outcome::Unknown(forbidden("clusterpolicies.kyverno.io"));
            assert_eq!(world.outcome(CONTROL), expected.clone().unwrap_or(unknown));
        }
    }
    let mut world = webhook("gatekeeper-validating-webhook-configuration", &json!({}));
    world.admission.engines.gatekeeper = Some(Listed { items: Vec::new(), missing: Some(forbidden("constraints")) });
    assert_eq!(world.outcome(CONTROL), Outcome::Unknown(forbidden("constraints")));
}
