//! AWS roles used by workloads.

use cluster::policy::Outcome;
use serde_json::{Value, json};

use crate::workloads::world::{World, forbidden, good_but, line, recorded};

const CONTROL: &str = "eks/service-account-roles";
const ROLE: &str = "arn:aws:iam::111122223333:role/web";

fn with_account(name: &str, role: Value) -> World {
    let mut world = World::default();
    let annotations = json!({"eks.amazonaws.com/role-arn": role, "other": "hidden"});
    let account = json!({"metadata": {"name": name, "namespace": "shop", "annotations": annotations}});
    world.accounts.items.push(recorded(account));
    world
}

#[test]
fn roles_of_accounts_are_shown_and_shared_ones_offend() {
    for (name, role, node_role, expected, offends) in [
        ("web", json!(ROLE), "", Outcome::Manual, false),
        ("web", json!(null), "", Outcome::Manual, false),
        ("web", json!(""), "", Outcome::Manual, false),
        ("default", json!(ROLE), "", Outcome::Fail, true),
        ("default", json!(" "), "", Outcome::Manual, false),
        ("web", json!(ROLE), ROLE, Outcome::Fail, true),
        ("web", json!("arn:aws:iam::111122223333:role/team/web"), ROLE, Outcome::Fail, true),
        ("web", json!(ROLE), "arn:aws:iam::111122223333:role/nodes", Outcome::Manual, false),
    ] {
        let mut world = with_account(name, role.clone());
        world.node_roles.push(node_role.to_owned());
        let judgement = world.judge(CONTROL);
        assert_eq!(judgement.outcome, expected, "{name} {role} {node_role}");
        assert_eq!(judgement.offenders.len(), usize::from(offends), "{name} {role} {node_role}");
        assert!(!format!("{judgement:?}").contains("hidden"));
    }
    let shown = with_account("web", json!(ROLE)).judge(CONTROL);
    assert_eq!(
        shown.noted.iter().map(line).collect::<Vec<_>>(),
        ["shop/ServiceAccount/web: eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/web"]
    );
    let long = with_account("web", json!("x".repeat(1 << 20))).judge(CONTROL);
    assert!(line(&long.noted[0]).len() < 300);
}

#[test]
fn variables_with_keys_are_shown_by_name_and_decide_nothing() {
    let env = json!([
        {"name": "AWS_SECRET_ACCESS_KEY", "valueFrom": {"secretKeyRef": {"name": "hidden", "key": "hidden"}}},
        {"name": "AWS_ACCESS_KEY_ID", "value": "hidden"},
        {"name": "AWS_REGION", "value": "hidden"},
        null,
    ]);
    let roles = json!([{"name": "AWS_CONTAINER_CREDENTIALS_FULL_URI", "value": "hidden"}]);
    let world = World::default()
        .pod("shop/web", "", good_but("/containers/0/env", env))
        .pod("shop/api", "", good_but("/containers/0/env", roles))
        .pod("shop/old", "", good_but("/containers/0/env", json!([{"name": "AWS_ACCESS_KEY_IDS"}])));
    let judgement = world.judge(CONTROL);
    assert_eq!(judgement.outcome, Outcome::Manual);
    assert_eq!(
        judgement.noted.iter().map(line).collect::<Vec<_>>(),
        [
            "shop/Pod/api [web] (1 pod): env: AWS_CONTAINER_CREDENTIALS_FULL_URI: a role",
            "shop/Pod/web [web] (1 pod): env: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: an access key, not a role (the key of \
             another store, if the program does not use AWS)",
        ]
    );
    // An AWS variable with a plain value is not a Secret in a variable.
    assert_eq!(world.verdict("workloads/secrets-as-files").1.len(), 1);
    assert_eq!(world.outcome("workloads/security-context"), Outcome::Pass);
}

#[test]
fn what_is_not_seen_is_unknown() {
    let mut world = with_account("web", json!(ROLE));
    world.accounts.missing = Some(forbidden("serviceaccounts"));
    assert_eq!(world.outcome(CONTROL), Outcome::Unknown(forbidden("serviceaccounts")));
    assert_eq!(World::default().without("pods").outcome(CONTROL), Outcome::Unknown(forbidden("pods")));
}
