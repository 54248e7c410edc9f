//! The `default` namespace, controls that stay manual, and all controls together.

use cluster::pods::WorkloadKind;
use cluster::policy::Outcome;
use cluster::policy::workloads::{controls, in_default, lists, predicate};
use serde_json::json;

use crate::workloads::world::{World, forbidden, good, line};

#[test]
fn the_default_namespace_holds_nothing_of_users() {
    let control = "workloads/default-namespace";
    let system = in_default([
        ("Service", "default", "kubernetes"),
        ("Endpoints", "default", "kubernetes"),
        ("EndpointSlice", "default", "kubernetes"),
        ("ConfigMap", "default", "kube-root-ca.crt"),
        ("ServiceAccount", "default", "default"),
        ("Event", "default", "web.1"),
        ("ConfigMap", "shop", "settings"),
        ("Namespace", "", "default"),
    ]);
    assert_eq!(system, []);
    let mut world = World::default().pod("shop/web", "", good());
    assert_eq!(world.outcome(control), Outcome::Pass);
    world.in_default.items = in_default([
        ("ConfigMap", "default", "settings"),
        ("Service", "default", "web"),
        ("ServiceAccount", "default", "web"),
        ("Deployment", "default", "web"),
    ]);
    let world = world.workload(WorkloadKind::Deployment, "default/web", "", json!({"template": {"spec": good()}})).pod(
        "default/one",
        "",
        good(),
    );
    assert_eq!(
        world.verdict(control),
        (
            Outcome::Fail,
            vec![
                "default/ConfigMap/settings: in the default namespace".to_owned(),
                "default/Deployment/web: in the default namespace, pod template".to_owned(),
                "default/Pod/one: in the default namespace, 1 pod".to_owned(),
                "default/Service/web: in the default namespace".to_owned(),
                "default/ServiceAccount/web: in the default namespace".to_owned(),
            ]
        )
    );
    let mut unseen = World::default();
    unseen.in_default.missing = Some(forbidden("services"));
    assert_eq!(unseen.outcome(control), Outcome::Unknown(forbidden("services")));
}

#[test]
fn some_stay_manual_with_what_was_seen() {
    let mut world =
        World::default().pod("shop/web", "", good()).namespace("shop", json!({})).namespace("empty", json!({}));
    world.definitions.items =
        ["externalsecrets.external-secrets.io", "pushsecrets.notexternal-secrets.io", "x"].map(str::to_owned).to_vec();
    for (control, expected) in [
        (
            "workloads/external-secrets",
            vec!["/CustomResourceDefinition/externalsecrets.external-secrets.io: External Secrets Operator"],
        ),
        ("workloads/image-provenance", vec![]),
        ("workloads/namespaces", vec!["/Namespace/empty: has no pods", "/Namespace/shop: has pods"]),
    ] {
        let judgement = world.judge(control);
        assert_eq!(judgement.outcome, Outcome::Manual);
        assert_eq!(judgement.noted.iter().map(line).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn every_control_is_judged_and_no_other_is() {
    let world = World::default();
    let all: Vec<&str> = controls().collect();
    assert_eq!(all.len(), 33);
    for control in all {
        let outcome = world.outcome(control);
        let expected = match control {
            "workloads/external-secrets"
            | "workloads/image-provenance"
            | "workloads/namespaces"
            | "eks/service-account-roles"
            | "image-registry/approved-registries" => Outcome::Manual,
            "workloads/network-policy-support" | "eks/network-policies-enforced" => continue,
            _ => Outcome::Pass,
        };
        assert_eq!(outcome, expected, "{control}");
    }
}

#[test]
fn every_control_names_the_lists_that_it_needs_and_what_decides() {
    for (control, expected) in [
        ("pod-security/privileged", &["pods", "deployments.apps", "cronjobs.batch"][..]),
        ("rbac/token-mounts", &["pods", "serviceaccounts"]),
        (
            "pod-security/policy-mechanism",
            &["namespaces", "validatingwebhookconfigurations.admissionregistration.k8s.io"],
        ),
        ("workloads/network-policies", &["pods", "namespaces", "networkpolicies.networking.k8s.io"]),
    ] {
        let lists = lists(control).unwrap();
        assert!(expected.iter().all(|list| lists.contains(list)), "{control}: {lists:?}");
    }
    assert!(controls().all(|control| lists(control).is_some_and(|lists| !lists.contains(&"secrets"))));
    assert_eq!(lists("pod-security/other"), None);
    assert!(controls().all(|control| predicate(control).is_some_and(|text| text.ends_with('.'))));
    assert_eq!(predicate("pod-security/other"), None);
    assert!(!lists("pod-security/policy-mechanism").unwrap().contains(&"pods"));
}
