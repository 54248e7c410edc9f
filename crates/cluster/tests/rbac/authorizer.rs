//! Cases that the recorded answers of an API server do not cover: a table of facts.

use cluster::rbac::{Grant, Rbac};

use crate::rbac::made::{Made, account, action, group, rule, urls, user};

fn cluster() -> Rbac {
    Made::default()
        .cluster_role("reader", &[rule(&["get", "list"], &[""], &["pods"], &[])])
        .cluster_role("named", &[rule(&["*"], &[""], &["secrets"], &["db", "app"])])
        .cluster_role("subresources", &[rule(&["get"], &["apps", ""], &["*/scale", "pods/*"], &[])])
        .cluster_role("all-of-core", &[rule(&["get"], &[""], &["*"], &[])])
        .cluster_role("all-groups", &[rule(&["delete"], &["*"], &["jobs"], &[])])
        .cluster_role("star-verb", &[rule(&["*"], &[""], &["events"], &[])])
        .cluster_role("urls", &[urls(&["get"], &["/healthz", "/metrics/*", "/logs**", "/a/*/b"])])
        .cluster_role("all-urls", &[urls(&["get", "post"], &["*"])])
        .cluster_role(
            "both",
            &[serde_json::json!({
            "verbs": ["get"], "apiGroups": [""], "resources": ["nodes"], "nonResourceURLs": ["/x"]})],
        )
        .cluster_role("no-groups", &[rule(&["get"], &[], &["pods"], &[])])
        .cluster_role("no-verbs", &[rule(&[], &[""], &["pods"], &[])])
        .cluster_role("mute", &[])
        .cluster_role("Upper", &[rule(&["Get"], &["Apps"], &["Pods"], &[])])
        .cluster_role("everything", &[rule(&["*"], &["*"], &["*"], &[]), urls(&["*"], &["*"])])
        .role("a", "local", &[rule(&["create"], &["", "apps"], &["configmaps"], &[])])
        .role("b", "local", &[rule(&["delete"], &[""], &["configmaps"], &[])])
        .cluster_binding("1", "reader", &[user("u"), account("a", "bot"), account("", "stray")])
        .cluster_binding("2", "named", &[group("named")])
        .cluster_binding("3", "subresources", &[group("sub")])
        .cluster_binding("4", "all-of-core", &[group("core")])
        .cluster_binding("5", "all-groups", &[group("groups")])
        .cluster_binding("6", "star-verb", &[group("verb")])
        .cluster_binding("7", "urls", &[group("urls")])
        .cluster_binding("8", "all-urls", &[group("all-urls")])
        .cluster_binding("9", "both", &[group("both")])
        .cluster_binding("10", "no-groups", &[group("odd")])
        .cluster_binding("11", "no-verbs", &[group("odd")])
        .cluster_binding("12", "mute", &[group("odd")])
        .cluster_binding("13", "gone", &[group("odd")])
        .cluster_binding("14", "Upper", &[group("upper")])
        .cluster_binding("15", "everything", &[group("root"), user("system:serviceaccount:b:root")])
        .binding("a", "x", "Role local", &[account("", "bot"), account("b", "bot"), user("u")])
        .binding("b", "x", "Role local", &[user("system:serviceaccount:a:bot"), group("system:serviceaccounts:a")])
        .binding("a", "y", "ClusterRole everything", &[user("local-root")])
        .binding("b", "y", "ClusterRole urls", &[user("url-user")])
        .binding("b", "z", "Role gone", &[user("u")])
        .binding("b", "q", "Kind local", &[user("u")])
        .binding(
            "b",
            "w",
            "Role local",
            &[
                serde_json::json!({"kind": "user", "name": "kind-case"}),
                serde_json::json!({"kind": "Robot", "name": "robot"}),
            ],
        )
        .rbac()
}

/// User (groups after a `+`), action, namespace, whether it is allowed.
const FACTS: &[(&str, &str, &str, bool)] = &[
    // Users, in all spellings.
    ("u", "get pods", "", true),
    ("U", "get pods", "", false),
    ("nobody", "get pods", "", false),
    ("system:serviceaccount:a:bot", "get pods", "", true),
    ("system:serviceaccount:a:bot", "get pods", "kube-system", true),
    ("system:serviceaccount:b:bot", "get pods", "", false),
    ("system:serviceaccount::stray", "get pods", "", false),
    ("stray", "get pods", "", false),
    ("system:serviceaccount:a:bot", "create configmaps", "a", true),
    ("system:serviceaccount:b:bot", "create configmaps", "a", true),
    ("system:serviceaccount:b:bot", "create configmaps", "b", false),
    ("system:serviceaccount:a:bot", "delete configmaps", "b", true),
    ("system:serviceaccount:b:root", "delete nodes", "", true),
    ("system:serviceaccount:a:other+system:serviceaccounts:a", "delete configmaps", "b", true),
    ("system:serviceaccount:a:other+system:serviceaccounts", "delete configmaps", "b", false),
    // A user named like a group is not that group.
    ("named", "get secrets db", "", false),
    ("kind-case", "delete configmaps", "b", false),
    ("robot", "delete configmaps", "b", false),
    // Namespaces.
    ("u", "create configmaps", "a", true),
    ("u", "create configmaps", "", false),
    ("u", "create configmaps", "b", false),
    ("u", "create configmaps.apps", "a", true),
    ("u", "create configmaps.batch", "a", false),
    ("local-root", "delete pods", "a", true),
    ("local-root", "delete pods", "b", false),
    ("local-root", "delete pods", "", false),
    ("local-root", "delete nodes", "", false),
    // The authorizer does not check whether a kind is namespaced.
    ("local-root", "delete nodes", "a", true),
    ("url-user", "get /healthz", "b", false),
    // Names.
    ("x+named", "get secrets db", "n", true),
    ("x+named", "get secrets app", "", true),
    ("x+named", "get secrets other", "n", false),
    ("x+named", "get secrets", "n", false),
    ("x+named", "list secrets", "n", false),
    ("x+named", "list secrets db", "n", true),
    ("x+named", "watch secrets db", "n", true),
    ("x+named", "create secrets", "n", false),
    ("x+named", "create secrets db", "n", true),
    ("x+named", "deletecollection secrets", "n", false),
    ("x+named", "deletecollection secrets db", "n", true),
    // Subresources.
    ("x+sub", "get deployments/scale.apps", "", true),
    ("x+sub", "get anything/scale", "", true),
    ("x+sub", "get anything/scale.batch", "", false),
    ("x+sub", "get deployments.apps", "", false),
    ("x+sub", "get scale", "", false),
    ("x+sub", "get deployments/rescale.apps", "", false),
    ("x+sub", "get pods/log", "", false),
    ("x+sub", "get pods/*", "", true),
    ("x+sub", "get pods", "", false),
    ("u", "get pods/log", "", false),
    ("x+core", "get pods/exec", "", true),
    ("x+core", "get pods", "", true),
    ("x+core", "get deployments.apps", "", false),
    // Wildcards, and a literal `*` in the request.
    ("x+groups", "delete jobs.batch", "", true),
    ("x+groups", "delete jobs", "", true),
    ("x+groups", "delete jobs.*", "", true),
    ("x+groups", "delete jobs/status.batch", "", false),
    ("x+verb", "anything events", "", true),
    ("x+verb", "* events", "", true),
    ("x+core", "* pods", "", false),
    ("x+core", "get *", "", true),
    ("u", "get *", "", false),
    ("u", "* pods", "", false),
    ("x+root", "* *.*", "", true),
    ("x+root", "* *", "", true),
    // Case, and incomplete rules.
    ("u", "GET pods", "", false),
    ("u", "get Pods", "", false),
    ("x+upper", "get pods.apps", "", false),
    ("x+upper", "Get Pods.Apps", "", true),
    ("x+odd", "get pods", "", false),
    // URLs.
    ("x+urls", "get /healthz", "", true),
    ("x+urls", "get /healthz/", "", false),
    ("x+urls", "get /healthz/x", "", false),
    ("x+urls", "post /healthz", "", false),
    ("x+urls", "get /metrics/", "", true),
    ("x+urls", "get /metrics/a/b", "", true),
    ("x+urls", "get /metrics", "", false),
    ("x+urls", "get /logsX", "", true),
    ("x+urls", "get /a/x/b", "", false),
    ("x+urls", "get /a/*/b", "", true),
    ("x+urls", "get /METRICS/x", "", false),
    ("x+all-urls", "post /anything", "", true),
    ("x+all-urls", "put /anything", "", false),
    ("x+all-urls", "get pods", "", false),
    ("x+core", "get /healthz", "", false),
    ("x+both", "get nodes", "", true),
    ("x+both", "get /x", "", true),
    // The group that bypasses RBAC.
    ("x+system:masters", "anything at-all.of-any", "", true),
    ("x+system:masters", "anything /at/all", "", true),
    ("system:masters", "get pods", "", false),
];

fn asked<'a>(rbac: &'a Rbac, who: &str, what: &str, namespace: &str) -> Option<Grant<'a>> {
    let mut who = who.split('+');
    let user = who.next().expect("a user");
    let groups: Vec<String> = who.map(str::to_owned).collect();
    rbac.allowed(user, &groups, &action(what), namespace)
}

#[test]
fn the_authorizer_decides_as_the_api_server_does() {
    let rbac = cluster();
    for &(who, what, namespace, allowed) in FACTS {
        let grant = asked(&rbac, who, what, namespace);
        assert_eq!(grant.is_some(), allowed, "{who}: {what} in {namespace:?}: {grant:?}");
    }
}

#[test]
fn the_path_names_binding_role_and_rule() {
    let rbac = cluster();
    let path = |who, what, namespace| rbac.path(&asked(&rbac, who, what, namespace).expect("allowed"));
    assert_eq!(path("u", "list pods", "a"), ["ClusterRoleBinding 1", "ClusterRole reader", "rule 1: get, list pods"]);
    assert_eq!(
        path("system:serviceaccount:b:bot", "create configmaps", "a"),
        ["RoleBinding a/x", "Role a/local", "rule 1: create configmaps (API groups \"\", apps)"]
    );
    assert_eq!(path("x+root", "get /x", ""), ["ClusterRoleBinding 15", "ClusterRole everything", "rule 2: * *"]);
    assert_eq!(
        path("x+named", "get secrets db", ""),
        ["ClusterRoleBinding 2", "ClusterRole named", "rule 1: * secrets named db, app"]
    );
    assert_eq!(
        path("x+groups", "delete jobs.batch", ""),
        ["ClusterRoleBinding 5", "ClusterRole all-groups", "rule 1: delete jobs.*"]
    );
    assert_eq!(path("x+system:masters", "get pods", ""), ["built into the API server"]);
    assert_eq!(asked(&rbac, "u", "list pods", "a").expect("allowed").namespace(), None);
    assert_eq!(asked(&rbac, "u", "create configmaps", "a").expect("allowed").namespace(), Some("a"));
}

#[test]
fn a_rule_of_an_aggregated_role_names_where_it_comes_from() {
    let rbac = Rbac::new(crate::rbac::made::lists(crate::rbac::oracle::OBJECTS));
    let grant = rbac.allowed("bob", &[], &action("list secrets"), "").expect("bob has view");
    assert_eq!(
        rbac.path(&grant),
        [
            "ClusterRoleBinding gen-4",
            "ClusterRole view",
            "rule 1: list, watch secrets (collected from ClusterRole aggregate-me)"
        ]
    );
    let path = |what| rbac.path(&rbac.allowed("bob", &[], &action(what), "").expect("bob has view")).pop();
    assert_eq!(
        path("list namespaces").as_deref(),
        Some("rule 5: get, list, watch namespaces (collected from ClusterRole system:aggregate-to-view)")
    );
}
