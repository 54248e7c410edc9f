//! The rights that a service account has beyond the defaults.

use cluster::rbac::{Holdings, Listed, Lists, Rbac};
use probe::{Cause, Reason};

use crate::rbac::made::{Made, account, group, rule, urls, user};
use crate::rbac::oracle::OBJECTS;

#[test]
fn only_what_is_given_beyond_the_defaults_counts() {
    let pods = rule(&["get"], &[""], &["pods"], &[]);
    let rbac = Made::default()
        .cluster_role("pods", std::slice::from_ref(&pods))
        .cluster_role("mute", &[])
        .cluster_role("keys", &[urls(&["get"], &["/openid/v1/jwks/", "/.well-known/openid-configuration"])])
        .cluster_role("more-keys", &[urls(&["get"], &["/openid/v1/jwks", "/metrics"])])
        .cluster_binding("authenticated", "pods", &[group("system:authenticated")])
        .cluster_binding("keys", "keys", &[group("system:serviceaccounts")])
        .cluster_binding("more-keys", "more-keys", &[group("system:serviceaccounts:c")])
        .cluster_binding("own", "pods", &[account("a", "default")])
        .binding("b", "spelt", "ClusterRole pods", &[user("system:serviceaccount:a:default")])
        .binding("a", "gone", "Role gone", &[account("", "default")])
        .binding("a", "mute", "ClusterRole mute", &[account("a", "default")])
        .binding("d", "shared", "ClusterRole pods", &[group("system:serviceaccounts:b")])
        .rbac();
    let mut holdings = Holdings::new(&rbac);
    let mut counts = |namespace, name| {
        let held = holdings.of(namespace, name);
        (held.own.len(), held.shared.len(), held.dangling.len(), held.unseen.len())
    };
    assert_eq!(counts("a", "default"), (2, 0, 2, 0));
    assert_eq!(counts("a", "other"), (0, 0, 0, 0));
    assert_eq!(counts("b", "default"), (0, 1, 0, 0));
    assert_eq!(counts("c", "default"), (0, 1, 0, 0));
    assert_eq!(counts("d", "default"), (0, 0, 0, 0));
}

#[test]
fn a_role_that_was_not_seen_is_not_a_role_that_is_not_there() {
    let lists = Made::default().binding("a", "x", "Role r", &[account("", "default")]).lists();
    let reason = Reason::new(Cause::PermissionDenied, "list roles.rbac.authorization.k8s.io", "forbidden");
    let rbac = Rbac::new(Lists { roles: Listed::part(Vec::new(), reason), ..lists });
    let held = Holdings::new(&rbac).of("a", "default");
    assert_eq!((held.dangling.len(), held.unseen.len()), (0, 1));
}

#[test]
fn a_default_cluster_gives_its_accounts_nothing() {
    let rbac = Rbac::new(crate::rbac::made::lists(OBJECTS));
    let held = Holdings::new(&rbac).of("legacy", "default");
    let own: Vec<_> = held.own.iter().map(|grant| rbac.path(grant)[0].clone()).collect();
    assert_eq!(own, ["RoleBinding legacy/default-edit"]);
    // From random bindings to the group of all service accounts.
    assert!(!held.shared.is_empty());
    assert!(held.shared.iter().all(|grant| rbac.path(grant)[0].contains("gen-")), "{:?}", held.shared);
}
