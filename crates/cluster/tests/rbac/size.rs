//! Large inputs, which only linear work handles in time.

use cluster::rbac::{Holdings, Lists, Place, Rbac};
use serde_json::json;

use crate::rbac::made::{account, action, of, rule, user};

/// 20,000 bindings to 4,000 roles of 21 rules each.
fn large() -> Lists {
    let mut lists = Lists::default();
    for number in 0..4_000 {
        let mut rules = vec![rule(&["get"], &["apps"], &["deployments"], &["x"]); 20];
        rules.push(rule(&["list"], &[""], &["secrets"], &[]));
        lists.cluster_roles.items.push(of(json!({"metadata": {"name": format!("r{number}")}, "rules": rules})));
    }
    for number in 0..20_000 {
        let role = json!({"kind": "ClusterRole", "name": format!("r{}", number % 4_000)});
        let subjects = [user("u"), account("", "bot"), user(&format!("u{number}"))];
        let metadata = json!({"name": format!("b{number}"), "namespace": format!("n{}", number % 500)});
        lists.role_bindings.items.push(of(json!({"metadata": metadata, "roleRef": role, "subjects": subjects})));
    }
    lists
}

#[test]
fn many_bindings_are_asked_in_no_time() {
    let rbac = Rbac::new(large());
    assert_eq!(rbac.who_can(&action("list secrets"), &Place::Anywhere).len(), 60_001);
    assert_eq!(rbac.who_can(&action("list secrets"), &Place::Namespace("n1".into())).len(), 121);
    // A batch of questions about a user who is in every binding.
    for number in 0..4_000 {
        let namespace = format!("n{}", number % 1_000);
        let grant = rbac.allowed("u", &[], &action("list secrets"), &namespace);
        assert_eq!(grant.is_some(), number % 1_000 < 500);
    }
    let mut holdings = Holdings::new(&rbac);
    for number in 0..4_000 {
        assert_eq!(
            holdings.of(&format!("n{}", number % 1_000), "bot").own.len(),
            if number % 1_000 < 500 { 40 } else { 0 }
        );
    }
}

#[test]
fn a_path_is_short_whatever_the_rule() {
    let long = "x".repeat(100_000);
    let many: Vec<String> = (0..10_000).map(|number| format!("{number}{long}")).take(50).collect();
    let role = json!({"metadata": {"name": "r"}, "rules": vec![
        json!({"verbs": ["get", &long], "apiGroups": [""], "resources": many, "resourceNames": many}),
        json!({"verbs": ["get"], "apiGroups": ["*"], "resources": ["*"]}),
    ]});
    let binding = json!({"metadata": {"name": "b"}, "roleRef": {"kind": "ClusterRole", "name": "r"},
        "subjects": [{"kind": "User", "name": "u"}]});
    let mut lists = Lists::default();
    lists.cluster_roles.items.push(of(role));
    lists.cluster_role_bindings.items.push(of(binding));
    let rbac = Rbac::new(lists);
    let question = format!("get {} {}", many[3], many[4]);
    let path = rbac.path(&rbac.allowed("u", &[], &action(&question), "").expect("allowed")).concat();
    assert!(path.len() < 6_000, "{}", path.len());
}

#[test]
fn a_large_role_in_many_bindings_is_looked_at_once() {
    let mut lists = Lists::default();
    let rules = vec![rule(&["get"], &["apps"], &["deployments"], &["x"]); 10_000];
    lists.roles.items.push(of(json!({"metadata": {"name": "r", "namespace": "n"}, "rules": rules})));
    for number in 0..10_000 {
        let metadata = json!({"name": format!("b{number}"), "namespace": "n"});
        let role = json!({"kind": "Role", "name": "r"});
        let subjects = [account("n", "bot"), json!({"kind": "Group", "name": "system:serviceaccounts:n"})];
        lists.role_bindings.items.push(of(json!({"metadata": metadata, "roleRef": role, "subjects": subjects})));
    }
    let rbac = Rbac::new(lists);
    assert!(rbac.allowed("system:serviceaccount:n:bot", &[], &action("list secrets"), "n").is_none());
    assert_eq!(rbac.who_can(&action("get deployments.apps x"), &Place::Anywhere).len(), 20_001);
    let mut holdings = Holdings::new(&rbac);
    let held = holdings.of("n", "bot");
    assert_eq!((held.own.len(), held.shared.len()), (10_000, 20));
    for number in 0..1_000 {
        assert_eq!(holdings.of("n", &format!("s{number}")).shared.len(), 20);
    }
}
