//! Service accounts and their tokens.

use cluster::pods::WorkloadKind;
use cluster::policy::Outcome;
use cluster::policy::workloads::Settings;
use serde_json::{Value, json};

use crate::workloads::world::{World, forbidden, good_but, line, recorded};

const TOKENS: &str = "rbac/token-mounts";
const DEFAULTS: &str = "rbac/default-service-accounts";

/// A specification that runs under an account, with the token volume that the API server adds.
fn with_token(account: &str) -> Value {
    let mut spec = good_but(
        "/volumes",
        json!([{"name": "kube-api-access-x", "projected": {"sources": [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}}, {"configMap": {}}, {"downwardAPI": {}}]}}]),
    );
    spec["serviceAccountName"] = json!(account);
    spec
}

fn rights(world: World, of: &'static [(&'static str, &'static str)]) -> World {
    World { rights: Box::new(|namespace, name| Ok(of.contains(&(namespace, name)))), ..world }
}

#[test]
fn a_token_that_is_of_no_use_is_not_mounted() {
    let world = World::default().pod("shop/web", "Deployment/web", with_token("web"));
    assert_eq!(
        world.verdict(TOKENS),
        (
            Outcome::Fail,
            vec![
                "shop/Deployment/web [ServiceAccount shop/web] (1 pod): token mounted, service account has no rights"
                    .to_owned()
            ]
        )
    );
    let used = rights(World { facts: world.facts, ..World::default() }, &[("shop", "web")]);
    let judgement = used.judge(TOKENS);
    assert_eq!((judgement.outcome, judgement.offenders), (Outcome::Pass, vec![]));
    assert_eq!(judgement.noted.len(), 1);
    let elsewhere = rights(World { facts: used.facts, ..World::default() }, &[("other", "web")]);
    assert_eq!(elsewhere.outcome(TOKENS), Outcome::Fail);
}

#[test]
fn the_tokens_truth_is_the_pod() {
    for (volumes, expected) in [
        (json!([]), Outcome::Pass),
        (
            json!([{"name": "v", "projected": {"sources": [{"serviceAccountToken": {"audience": "sts.amazonaws.com"}}]}}]),
            Outcome::Pass,
        ),
        (json!([{"name": "v", "projected": {"sources": [{"serviceAccountToken": {"audience": ""}}]}}]), Outcome::Fail),
        (json!([{"name": "v", "projected": {"sources": [{"serviceAccountToken": {}}]}}]), Outcome::Fail),
        (json!([{"name": "v", "projected": {"sources": [{"serviceAccountToken": null}]}}]), Outcome::Pass),
        (
            json!([{"name": "v", "projected": {"sources": [
                {"serviceAccountToken": {"audience": "vault"}}, {"serviceAccountToken": {}}]}}]),
            Outcome::Fail,
        ),
        (
            json!([{"name": "v", "projected": {"sources": [{"serviceAccountToken": {"audience": "vault"}}]}},
                {"name": "w", "projected": {"sources": [{"serviceAccountToken": {}}]}}]),
            Outcome::Fail,
        ),
    ] {
        // Admission applied the pod's automount setting at creation; only the resulting volumes count.
        let mut spec = good_but("/volumes", volumes.clone());
        spec["automountServiceAccountToken"] = json!(true);
        assert_eq!(World::default().pod("shop/web", "", spec).outcome(TOKENS), expected, "{volumes}");
    }
    let mounts = json!([{"name": "web-token-x", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}]);
    let mut legacy = good_but("/containers/0/volumeMounts", mounts);
    assert_eq!(World::default().pod("shop/web", "", legacy.clone()).outcome(TOKENS), Outcome::Fail);
    legacy["containers"].as_array_mut().unwrap().push(json!({"name": "sidecar"}));
    assert_eq!(World::default().pod("shop/web", "", legacy.clone()).outcome(TOKENS), Outcome::Fail);
    legacy["volumes"] =
        json!([{"name": "web-token-x", "projected": {"sources": [{"serviceAccountToken": {"audience": "vault"}}]}}]);
    assert_eq!(World::default().pod("shop/web", "", legacy).outcome(TOKENS), Outcome::Pass);
}

#[test]
fn a_template_gets_the_token_unless_it_or_its_account_says_otherwise() {
    let world = |pod: Value, account: Option<Value>| {
        let mut world = World::default();
        if let Some(automount) = account {
            world.accounts.items.push(recorded(
                json!({"metadata": {"namespace": "shop", "name": "web"}, "automountServiceAccountToken": automount}),
            ));
        }
        let spec = good_but("/automountServiceAccountToken", pod);
        world.workload(WorkloadKind::Deployment, "shop/web", "", json!({"template": {"spec": spec}}))
    };
    for (pod, account, expected) in [
        (Value::Null, None, Outcome::Fail),
        (Value::Null, Some(Value::Null), Outcome::Fail),
        (Value::Null, Some(json!(true)), Outcome::Fail),
        (Value::Null, Some(json!(false)), Outcome::Pass),
        (json!(true), Some(json!(false)), Outcome::Fail),
        (json!(false), Some(json!(true)), Outcome::Pass),
    ] {
        assert_eq!(world(pod.clone(), account.clone()).outcome(TOKENS), expected, "{pod} {account:?}");
    }
    let mut unseen = world(Value::Null, None);
    unseen.accounts.missing = Some(forbidden("serviceaccounts"));
    assert_eq!(unseen.outcome(TOKENS), Outcome::Unknown(forbidden("serviceaccounts")));
}

#[test]
fn rights_that_are_not_known_leave_tokens_unknown() {
    let world = World::default().pod("shop/web", "", with_token("web"));
    let world = World { rights: Box::new(|_, _| Err(forbidden("rolebindings"))), ..world };
    assert_eq!(world.outcome(TOKENS), Outcome::Unknown(forbidden("rolebindings")));
    assert_eq!(world.outcome(DEFAULTS), Outcome::Unknown(forbidden("rolebindings")));
}

#[test]
fn tokens_of_the_system_are_apart() {
    let world = World::default().pod("kube-system/dns", "", with_token("dns"));
    let judgement = world.judge(TOKENS);
    assert_eq!((judgement.outcome, judgement.exempt.len()), (Outcome::Pass, 1));
    let exemption = json!({"controls": [TOKENS], "namespace": "shop", "controller": "Pod/web", "reason": "x"});
    let exempt = World::default().pod("shop/web", "", with_token("web")).exemption(exemption);
    assert_eq!(exempt.outcome(TOKENS), Outcome::Pass);
}

#[test]
fn a_default_service_account_has_no_rights_and_gives_no_token() {
    for account in ["default", ""] {
        let world = World::default().pod("shop/web", "Job/web", with_token(account));
        assert_eq!(
            world.verdict(DEFAULTS).1,
            ["shop/Job/web [ServiceAccount shop/default] (1 pod): runs under the default service account with a token"]
        );
    }
    let own = World::default().pod("shop/web", "", with_token("web"));
    assert_eq!(own.outcome(DEFAULTS), Outcome::Pass);
    let bound = rights(own, &[("shop", "default"), ("empty", "default"), ("kube-system", "default")]);
    assert_eq!(bound.verdict(DEFAULTS).1, ["shop/ServiceAccount/default: rights of its own"]);
    let without = World::default().pod("shop/web", "", good_but("/serviceAccountName", json!("default")));
    assert_eq!(without.outcome(DEFAULTS), Outcome::Pass);
    let system = World::default().pod("kube-system/web", "", with_token("default"));
    assert_eq!(rights(system, &[("kube-system", "default")]).outcome(DEFAULTS), Outcome::Pass);
}

#[test]
fn strict_wants_automounting_off_in_namespaces_with_pods() {
    let world = |automount: Value| {
        let mut world = World::default().pod("shop/web", "", good_but("/serviceAccountName", json!("web")));
        for namespace in ["shop", "empty", "kube-system"] {
            world.accounts.items.push(recorded(
                json!({"metadata": {"namespace": namespace, "name": "default"}, "automountServiceAccountToken": automount}),
            ));
        }
        world.settings = Settings { strict: true, ..Settings::default() };
        world
    };
    assert_eq!(
        world(Value::Null).judge(DEFAULTS).offenders.iter().map(line).collect::<Vec<_>>(),
        ["shop/ServiceAccount/default: automountServiceAccountToken: not false"]
    );
    assert_eq!(world(json!(true)).outcome(DEFAULTS), Outcome::Fail);
    assert_eq!(world(json!(false)).outcome(DEFAULTS), Outcome::Pass);
}
