//! Objects that the API server would not store, and duplicates in a list.

use cluster::rbac::{Place, Rbac};
use serde_json::json;

use crate::rbac::made::{Made, action, of, rule, urls, user};

fn pods() -> serde_json::Value {
    rule(&["get"], &[""], &["pods"], &[])
}

fn is_allowed(rbac: &Rbac, what: &str, namespace: &str) -> bool {
    rbac.allowed("u", &[], &action(what), namespace).is_some()
}

#[test]
fn a_cluster_role_binding_refers_to_no_role() {
    let mut lists = Made::default().cluster_role("r", &[pods()]).cluster_binding("b", "r", &[user("u")]).lists();
    lists.cluster_role_bindings.items[0].role_ref.kind = "Role".to_owned();
    assert!(!is_allowed(&Rbac::new(lists), "get pods", ""));
}

#[test]
fn the_list_says_whether_an_object_is_namespaced() {
    let mut lists = Made::default().cluster_role("r", &[pods()]).cluster_binding("b", "r", &[user("u")]).lists();
    lists.cluster_role_bindings.items[0].metadata.namespace = "n".to_owned();
    lists.cluster_roles.items[0].metadata.namespace = "n".to_owned();
    let rbac = Rbac::new(lists);
    assert!(is_allowed(&rbac, "get pods", "") && is_allowed(&rbac, "get pods", "m"));

    let mut lists = Made::default().binding("n", "b", "Role r", &[user("u")]).lists();
    lists.roles.items.push(of(json!({"metadata": {"name": "r"}, "rules": [pods()]})));
    lists.cluster_role_bindings.items.push(of(json!({
        "metadata": {"name": "b"},
        "roleRef": {"kind": "ClusterRole", "name": "r"},
        "subjects": [user("u")],
    })));
    let rbac = Rbac::new(lists);
    assert!(!is_allowed(&rbac, "get pods", "") && !is_allowed(&rbac, "get pods", "n"));
    let mut lists =
        Made::default().cluster_role("r", &[pods()]).binding("n", "b", "ClusterRole r", &[user("u")]).lists();
    lists.role_bindings.items[0].metadata.namespace.clear();
    assert!(!is_allowed(&Rbac::new(lists), "get pods", ""));
}

#[test]
fn roles_that_are_listed_twice_are_merged() {
    let nodes = rule(&["get"], &[""], &["nodes"], &[]);
    let made = Made::default().cluster_role("r", &[pods()]).cluster_role("r", &[nodes]).cluster_role("r", &[pods()]);
    let rbac = made.cluster_binding("b", "r", &[user("u")]).cluster_binding("b", "r", &[user("v")]).rbac();
    assert!(is_allowed(&rbac, "get pods", "") && is_allowed(&rbac, "get nodes", ""));
    assert_eq!(rbac.who_can(&action("get nodes"), &Place::ClusterWide).len(), 3);
}

#[test]
fn urls_are_granted_cluster_wide_only() {
    let made = Made::default().cluster_role("r", &[urls(&["get"], &["/metrics"])]);
    let rbac = made.binding("n", "b", "ClusterRole r", &[user("u")]).rbac();
    for place in [Place::ClusterWide, Place::Namespace("n".into()), Place::Anywhere] {
        assert_eq!(rbac.who_can(&action("get /metrics"), &place).len(), 1, "{place:?}");
    }
    assert!(!is_allowed(&rbac, "get /metrics", "n"));
}

#[test]
fn a_role_is_no_origin_of_its_own_rules() {
    let role = json!({
        "metadata": {"name": "r", "labels": {"a": "b"}},
        "rules": [pods()],
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]},
    });
    let mut lists = Made::default().cluster_binding("b", "r", &[user("u")]).lists();
    lists.cluster_roles.items.push(of(role));
    let path = |rbac: &Rbac| rbac.path(&rbac.allowed("u", &[], &action("get pods"), "").expect("allowed")).pop();
    assert_eq!(path(&Rbac::new(lists.clone())).as_deref(), Some("rule 1: get pods"));

    let selectors = [
        (json!([{}]), true),
        (json!([{"matchLabels": {"a": "b"}}, {"matchLabels": {"x": "y"}}]), true),
        (json!([{"matchLabels": {"a": "b"}}]), false),
        (json!([{"matchLabels": {"x": "z"}}]), false),
        (json!([{"matchExpressions": [{"key": "x", "operator": "Exists"}]}]), true),
        (json!([{"matchExpressions": [{"key": "x", "operator": "DoesNotExist"}]}]), false),
        (json!([{"matchExpressions": [{"key": "x", "operator": "In", "values": ["w", "y"]}]}]), true),
        (json!([{"matchExpressions": [{"key": "x", "operator": "In", "values": ["w"]}]}]), false),
        (json!([{"matchExpressions": [{"key": "x", "operator": "NotIn", "values": ["y"]}]}]), false),
        (json!([{"matchExpressions": [{"key": "q", "operator": "NotIn", "values": ["y"]}]}]), true),
        (json!([{"matchExpressions": [{"key": "x", "operator": "exists"}]}]), false),
        (json!([]), false),
    ];
    for (selectors, selected) in selectors {
        let mut lists = lists.clone();
        lists.cluster_roles.items[0].aggregation_rule = Some(of(json!({"clusterRoleSelectors": selectors})));
        lists.cluster_roles.items.push(of(json!({"metadata": {"name": "s", "labels": {"x": "y"}}, "rules": [pods()]})));
        let origin = if selected { " (collected from ClusterRole s)" } else { "" };
        assert_eq!(path(&Rbac::new(lists)), Some(format!("rule 1: get pods{origin}")), "{selectors}");
    }
}
