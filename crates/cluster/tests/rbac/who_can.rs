//! Who may perform an action and where, in a stable order.

use cluster::rbac::{Place, Rbac};

use crate::rbac::made::{Made, account, action, group, rule, user};

fn cluster() -> Rbac {
    Made::default()
        .cluster_role("pods", &[rule(&["get"], &[""], &["pods"], &[]), rule(&["*"], &["*"], &["*"], &[])])
        .role("a", "pods", &[rule(&["get"], &[""], &["pods"], &[])])
        .role("b", "other", &[rule(&["get"], &[""], &["services"], &[])])
        .binding("b", "second", "ClusterRole pods", &[user("u"), account("", "bot")])
        .binding("a", "first", "Role pods", &[user("u"), user("u"), user("system:serviceaccount:b:bot")])
        .binding("b", "third", "Role other", &[user("v")])
        .cluster_binding("z", "pods", &[group("g"), user("u"), account("", "stray")])
        .cluster_binding("y", "pods", &[])
        .cluster_binding("x", "gone", &[user("u")])
        .rbac()
}

fn lines(rbac: &Rbac, what: &str, place: &Place) -> Vec<String> {
    let grants = rbac.who_can(&action(what), place);
    let line = |grant: &cluster::rbac::Grant| {
        format!("{} {}: {}", grant.who, grant.namespace().unwrap_or("*"), rbac.path(grant).join(" > "))
    };
    grants.iter().map(line).collect()
}

const MASTERS: &str = "Group system:masters *: built into the API server";
const RULES: &str = "ClusterRole pods > rule 1: get pods > rule 2: * *.*";

#[test]
fn every_subject_is_listed_once_for_each_binding() {
    let rbac = cluster();
    assert_eq!(
        lines(&rbac, "get pods", &Place::Anywhere),
        [
            MASTERS.to_owned(),
            format!("User u *: ClusterRoleBinding z > {RULES}"),
            "User u a: RoleBinding a/first > Role a/pods > rule 1: get pods".to_owned(),
            format!("User u b: RoleBinding b/second > {RULES}"),
            format!("Group g *: ClusterRoleBinding z > {RULES}"),
            "ServiceAccount b/bot a: RoleBinding a/first > Role a/pods > rule 1: get pods".to_owned(),
            format!("ServiceAccount b/bot b: RoleBinding b/second > {RULES}"),
        ]
    );
    assert_eq!(lines(&rbac, "get pods", &Place::ClusterWide).len(), 3);
    assert_eq!(lines(&rbac, "get pods", &Place::Namespace("a".into())).len(), 5);
    assert_eq!(lines(&rbac, "get pods", &Place::Namespace("c".into())).len(), 3);
    assert_eq!(lines(&rbac, "get /healthz", &Place::Anywhere), [MASTERS]);
}
