//! What each control covers: one rule, bound cluster-wide or in a namespace.

use cluster::policy::exemption::Exemptions;
use cluster::policy::rights::{CONTROLS, Rights, judge};
use cluster::policy::{Judgement, ObjectName, Outcome, Seen};
use cluster::rbac::{Listed, Lists, Rbac};
use probe::{Cause, Reason};
use serde_json::Value;

use crate::rbac::made::{Made, account, group, rule, urls, user};
use crate::rights::defaults::judged;

/// Parses a rule: `get,list secrets` (core group), `create jobs.batch`, `* *.*`, or `get secrets [db]`.
pub fn written(text: &str) -> Value {
    let (text, names) = text.strip_suffix(']').and_then(|text| text.split_once(" [")).unwrap_or((text, ""));
    let (verbs, resources) = text.split_once(' ').expect("verbs and resources");
    let verbs: Vec<&str> = verbs.split(',').collect();
    if resources.starts_with('/') {
        return urls(&verbs, &[resources]);
    }
    let (resources, groups) = resources.split_once('.').unwrap_or((resources, ""));
    let names: Vec<&str> = names.split(',').filter(|name| !name.is_empty()).collect();
    rule(&verbs, &[groups], &resources.split(',').collect::<Vec<_>>(), &names)
}

/// The effect of a right on a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Is {
    /// The control fails.
    Against,
    /// The right is noted.
    Noted,
    /// The right has no effect.
    Fine,
}
use Is::{Against, Fine, Noted};

const RBAC: &str = "rbac/bind-impersonate-escalate";

/// Control, rule, its effect cluster-wide, and its effect in a namespace.
const FACTS: &[(&str, &str, Is, Is)] = &[
    ("rbac/secrets-access", "get secrets", Against, Against),
    ("rbac/secrets-access", "list secrets", Against, Against),
    ("rbac/secrets-access", "watch secrets", Against, Against),
    ("rbac/secrets-access", "patch secrets", Against, Against),
    ("rbac/secrets-access", "update secrets", Against, Against),
    ("rbac/secrets-access", "create,delete,deletecollection secrets", Fine, Fine),
    ("rbac/secrets-access", "get,list secrets [db]", Noted, Noted),
    ("rbac/secrets-access", "* secrets", Against, Against),
    ("rbac/secrets-access", "get *", Against, Against),
    ("rbac/secrets-access", "get *.*", Against, Against),
    ("rbac/secrets-access", "get secrets.apps", Fine, Fine),
    ("rbac/secrets-access", "get secrets/status", Fine, Fine),
    ("rbac/secrets-access", "get */secrets", Fine, Fine),
    ("rbac/secrets-access", "get configmaps", Fine, Fine),
    ("rbac/secrets-access", "Get secrets", Fine, Fine),
    ("rbac/secrets-access", "get,list secrets/*", Fine, Fine),
    ("rbac/create-pods", "create pods", Against, Against),
    ("rbac/create-pods", "create pods [x]", Fine, Fine),
    ("rbac/create-pods", "create replicationcontrollers", Against, Against),
    ("rbac/create-pods", "create daemonsets.apps", Against, Against),
    ("rbac/create-pods", "create deployments.apps", Against, Against),
    ("rbac/create-pods", "create replicasets.apps", Against, Against),
    ("rbac/create-pods", "create statefulsets.apps", Against, Against),
    ("rbac/create-pods", "create jobs.batch", Against, Against),
    ("rbac/create-pods", "create cronjobs.batch", Against, Against),
    ("rbac/create-pods", "* deployments.extensions", Against, Against),
    ("rbac/create-pods", "create *.batch", Against, Against),
    ("rbac/create-pods", "create pods.apps", Fine, Fine),
    ("rbac/create-pods", "create deployments", Fine, Fine),
    ("rbac/create-pods", "create pods/exec,pods/eviction", Fine, Fine),
    ("rbac/create-pods", "get,list,watch,patch,update,delete pods", Fine, Fine),
    (RBAC, "bind clusterroles.rbac.authorization.k8s.io", Against, Against),
    (RBAC, "bind roles.rbac.authorization.k8s.io", Against, Against),
    (RBAC, "bind clusterroles.rbac.authorization.k8s.io [view]", Noted, Noted),
    (RBAC, "bind clusterroles.rbac.authorization.k8s.io [view,cluster-admin]", Against, Against),
    (RBAC, "bind clusterroles.rbac.authorization.k8s.io [everything]", Against, Against),
    (RBAC, "escalate clusterroles.rbac.authorization.k8s.io", Against, Fine),
    (RBAC, "escalate clusterroles.rbac.authorization.k8s.io [view]", Against, Fine),
    (RBAC, "escalate roles.rbac.authorization.k8s.io", Against, Against),
    (RBAC, "bind,escalate rolebindings.rbac.authorization.k8s.io", Fine, Fine),
    (RBAC, "bind clusterroles", Fine, Fine),
    (RBAC, "* clusterroles.rbac.authorization.k8s.io", Against, Against),
    (RBAC, "impersonate users", Against, Fine),
    (RBAC, "impersonate groups", Against, Fine),
    (RBAC, "impersonate groups [dev]", Noted, Fine),
    (RBAC, "impersonate groups [dev,system:masters]", Against, Fine),
    (RBAC, "impersonate users [root]", Against, Fine),
    (RBAC, "impersonate users [bob]", Noted, Fine),
    (RBAC, "impersonate serviceaccounts", Against, Against),
    (RBAC, "impersonate serviceaccounts [root-bot]", Against, Against),
    (RBAC, "impersonate serviceaccounts [other]", Noted, Noted),
    (RBAC, "impersonate *", Against, Against),
    (RBAC, "impersonate uids.authentication.k8s.io", Against, Fine),
    (RBAC, "impersonate userextras/scopes.authentication.k8s.io", Against, Fine),
    (RBAC, "impersonate */scopes.authentication.k8s.io", Against, Fine),
    (RBAC, "impersonate userextras.authentication.k8s.io", Fine, Fine),
    (RBAC, "impersonate pods", Fine, Fine),
    (RBAC, "get,list users,groups,serviceaccounts", Fine, Fine),
    ("rbac/create-persistent-volumes", "create persistentvolumes", Against, Fine),
    ("rbac/create-persistent-volumes", "create persistentvolumes [x]", Fine, Fine),
    ("rbac/create-persistent-volumes", "create *", Against, Fine),
    ("rbac/create-persistent-volumes", "create persistentvolumeclaims", Fine, Fine),
    ("rbac/create-persistent-volumes", "get,update,delete persistentvolumes", Fine, Fine),
    ("rbac/node-proxy", "get nodes/proxy", Against, Fine),
    ("rbac/node-proxy", "create nodes/proxy", Against, Fine),
    ("rbac/node-proxy", "get nodes/proxy [n1]", Against, Fine),
    ("rbac/node-proxy", "list nodes/proxy", Against, Fine),
    ("rbac/node-proxy", "get */proxy", Against, Fine),
    ("rbac/node-proxy", "get *", Against, Fine),
    // `list` and `watch` do not reach the kubelet through the proxy.
    ("rbac/node-proxy", "list,watch *.*", Fine, Fine),
    ("rbac/node-proxy", "get nodes,nodes/stats,nodes/metrics,pods/proxy", Fine, Fine),
    (
        "rbac/webhook-configurations",
        "create validatingwebhookconfigurations.admissionregistration.k8s.io",
        Against,
        Fine,
    ),
    ("rbac/webhook-configurations", "patch mutatingwebhookconfigurations.admissionregistration.k8s.io", Against, Fine),
    ("rbac/webhook-configurations", "update mutatingwebhookconfigurations.admissionregistration.k8s.io", Against, Fine),
    ("rbac/webhook-configurations", "delete mutatingwebhookconfigurations.admissionregistration.k8s.io", Against, Fine),
    ("rbac/webhook-configurations", "deletecollection *.admissionregistration.k8s.io", Against, Fine),
    (
        "rbac/webhook-configurations",
        "update validatingwebhookconfigurations.admissionregistration.k8s.io [own]",
        Noted,
        Fine,
    ),
    (
        "rbac/webhook-configurations",
        "create validatingwebhookconfigurations.admissionregistration.k8s.io [own]",
        Fine,
        Fine,
    ),
    ("rbac/webhook-configurations", "get,list,watch *.admissionregistration.k8s.io", Fine, Fine),
    ("rbac/create-tokens", "create serviceaccounts/token", Against, Against),
    ("rbac/create-tokens", "create serviceaccounts/token [own]", Noted, Noted),
    ("rbac/create-tokens", "create */token", Against, Against),
    ("rbac/create-tokens", "create secrets", Against, Against),
    ("rbac/create-tokens", "create secrets [x]", Fine, Fine),
    ("rbac/create-tokens", "create *", Against, Against),
    ("rbac/create-tokens", "create serviceaccounts", Fine, Fine),
    ("rbac/create-tokens", "get serviceaccounts/token,secrets", Fine, Fine),
    ("rbac/cluster-admin", "* *.*", Against, Noted),
    ("rbac/cluster-admin", "* *.* [x]", Fine, Fine),
    ("rbac/cluster-admin", "get *.*", Fine, Fine),
    ("rbac/cluster-admin", "* *", Fine, Fine),
    ("rbac/cluster-admin", "* /*", Fine, Fine),
    ("rbac/wildcards", "* pods", Against, Against),
    ("rbac/wildcards", "get *.apps", Against, Against),
    ("rbac/wildcards", "get pods.*", Against, Against),
    ("rbac/wildcards", "* /metrics", Against, Against),
    ("rbac/wildcards", "get */scale.apps", Noted, Noted),
    ("rbac/wildcards", "get /metrics/*", Fine, Fine),
    ("rbac/wildcards", "get pods [*]", Fine, Fine),
    ("rbac/wildcards", "* widgets.example.com", Against, Against),
];

pub fn control(control: &str, made: Made) -> Judgement {
    judged(control, made.lists(), &Exemptions::default())
}

fn base() -> Made {
    Made::default()
        .cluster_role("everything", &[written("* *.*")])
        .cluster_role("none", &[])
        .cluster_binding("root", "everything", &[user("root"), account("b", "root-bot")])
        .binding("m", "local", "ClusterRole everything", &[user("bob")])
}

fn of(judgement: &Judgement) -> Is {
    let here = |seen: &&Seen| seen.object.name == "b" || seen.object.name == "r";
    if judgement.offenders.iter().any(|seen| here(&seen)) {
        Against
    } else if judgement.noted.iter().any(|seen| here(&seen)) {
        Noted
    } else {
        Fine
    }
}

#[test]
fn each_rule_has_its_effect() {
    for &(key, text, wide, narrow) in FACTS {
        let made = || base().cluster_role("r", &[written(text)]);
        let everywhere = control(key, made().cluster_binding("b", "r", &[user("alice")]));
        assert_eq!(of(&everywhere), wide, "{key}: {text} cluster-wide: {everywhere:?}");
        let in_namespace = control(key, made().binding("n", "b", "ClusterRole r", &[user("alice")]));
        assert_eq!(of(&in_namespace), narrow, "{key}: {text} in a namespace: {in_namespace:?}");
        let by_role = base().role("n", "r", &[written(text)]).binding("n", "b", "Role r", &[user("alice")]);
        assert_eq!(of(&control(key, by_role)), narrow, "{key}: {text} by a Role");
        // A binding without subjects grants nothing.
        assert_eq!(of(&control(key, made().cluster_binding("b", "r", &[]))), Fine, "{key}: {text} without subjects");
        assert_eq!(of(&control(key, made())), Fine, "{key}: {text} unbound");
        assert_eq!(of(&control(key, made().cluster_binding("b", "none", &[user("alice")]))), Fine, "{key}");
    }
}

#[test]
fn a_finding_says_who_has_what_where_and_how() {
    let made = Made::default()
        .cluster_role("r", &[written("get pods"), written("list,get secrets"), written("watch secrets")])
        .binding("n", "b", "ClusterRole r", &[account("", "bot"), user("alice")]);
    let judgement = control("rbac/secrets-access", made);
    let seen = |part: &str| Seen {
        object: ObjectName { kind: "RoleBinding".into(), namespace: "n".into(), name: "b".into() },
        part: Some(part.to_owned()),
        path: vec![
            "ClusterRole r".to_owned(),
            "rule 2: list, get secrets".to_owned(),
            "rule 3: watch secrets".to_owned(),
        ],
        found: "get, list, watch secrets in namespace n".to_owned(),
    };
    assert_eq!(judgement.offenders, [seen("ServiceAccount n/bot"), seen("User alice")]);
    assert_eq!(judgement.outcome, Outcome::Fail);

    let made = Made::default()
        .cluster_role("r", &[written("get,list pods"), written("* *.apps")])
        .cluster_binding("b", "r", &[user("alice")])
        .binding("n", "c", "ClusterRole r", &[user("bob")]);
    assert_eq!(
        control("rbac/wildcards", made).offenders,
        [Seen {
            object: ObjectName { kind: "ClusterRole".into(), namespace: String::new(), name: "r".into() },
            part: None,
            path: vec![
                "rule 2: * *.apps".to_owned(),
                "bound by ClusterRoleBinding b".to_owned(),
                "bound by RoleBinding n/c".to_owned(),
            ],
            found: "* in verbs, resources".to_owned(),
        }]
    );
}

#[test]
fn cluster_admin_counts_by_name_and_in_critical_namespaces() {
    let exemptions = Exemptions {
        critical_namespaces: vec!["kube-system".into(), "eksa-packages-*".into()],
        ..Exemptions::default()
    };
    let offenders = |made: Made| judged("rbac/cluster-admin", made.lists(), &exemptions).offenders.len();
    let admin = || Made::default().cluster_role("cluster-admin", &[written("get pods")]);
    assert_eq!(offenders(admin().cluster_binding("b", "cluster-admin", &[user("u"), group("g")])), 2);
    assert_eq!(offenders(Made::default().cluster_binding("b", "cluster-admin", &[user("u")])), 1);
    for (namespace, count) in [("kube-system", 1), ("eksa-packages-prod", 1), ("eksa-packages", 0), ("default", 0)] {
        assert_eq!(offenders(admin().binding(namespace, "b", "ClusterRole cluster-admin", &[user("u")])), count);
        let everything = Made::default().role(namespace, "all", &[written("* *.*")]);
        assert_eq!(offenders(everything.binding(namespace, "b", "Role all", &[user("u")])), count);
    }
    assert_eq!(offenders(admin().binding("kube-system", "b", "Role cluster-admin", &[user("u")])), 0);
}

#[test]
fn an_operator_may_have_every_verb_on_its_own_kinds() {
    let outcome = |text: &str, subjects: &[Value]| {
        let made = Made::default().cluster_role("r", &[written(text)]).cluster_binding("b", "r", subjects);
        of(&control("rbac/wildcards", made))
    };
    let operator = [account("a", "operator")];
    assert_eq!(outcome("* widgets.example.com", &operator), Noted);
    assert_eq!(outcome("* *.example.com", &operator), Against);
    assert_eq!(outcome("get *.example.com", &operator), Against);
    assert_eq!(outcome("* deployments.apps", &operator), Against);
    assert_eq!(outcome("* widgets.*", &operator), Against);
    assert_eq!(outcome("* httproutes.gateway.networking.k8s.io", &operator), Noted);
    assert_eq!(outcome("* ingresses.networking.k8s.io", &operator), Against);
    assert_eq!(outcome("* widgets.example.com", &[account("a", "operator"), user("alice")]), Against);
    for (first, second) in [(user("alice"), account("a", "b")), (account("a", "b"), user("alice"))] {
        let made = Made::default().cluster_role("r", &[written("* widgets.example.com")]);
        let made = made.cluster_binding("1", "r", &[first]).cluster_binding("2", "r", &[second]);
        assert_eq!(of(&control("rbac/wildcards", made)), Against);
    }
}

#[test]
fn naming_system_masters_fails_and_not_naming_it_is_for_a_person() {
    let judgement = |made: Made| control("rbac/system-masters", made);
    let extra =
        Made::default().cluster_role("view", &[]).cluster_binding("b", "view", &[group("system:masters"), user("u")]);
    let found = judgement(extra);
    assert_eq!((found.outcome, found.offenders.len()), (Outcome::Fail, 1));
    let extra = Made::default().binding("n", "b", "Role gone", &[group("system:masters")]);
    assert_eq!(judgement(extra).outcome, Outcome::Fail);
    let user = Made::default().cluster_binding("b", "view", &[user("system:masters"), group("system:Masters")]);
    assert_eq!(judgement(user).outcome, Outcome::Manual);
    let aws = Seen {
        object: ObjectName { kind: "ConfigMap".into(), namespace: "kube-system".into(), name: "aws-auth".into() },
        part: None,
        path: Vec::new(),
        found: "mapRoles[1].groups: system:masters".into(),
    };
    let rbac = Rbac::default();
    let rights = Rights { rbac: &rbac, exemptions: &[], critical_namespaces: &[], masters: std::slice::from_ref(&aws) };
    let found = judge("rbac/system-masters", &rights).expect("a control");
    assert_eq!((found.outcome, found.offenders), (Outcome::Fail, vec![aws]));
}

#[test]
fn what_was_not_seen_is_unknown_unless_something_fails() {
    let reason = || Reason::new(Cause::PermissionDenied, "list roles.rbac.authorization.k8s.io", "forbidden");
    for control in CONTROLS {
        for place in 0..4 {
            let mut lists = base().lists();
            lists.cluster_role_bindings.items.clear();
            lists.role_bindings.items.clear();
            let hide = |lists: &mut Lists| match place {
                0 => lists.cluster_roles = Listed::part(Vec::new(), reason()),
                1 => lists.cluster_role_bindings.missing = Some(reason()),
                2 => lists.roles.missing = Some(reason()),
                _ => lists.role_bindings.missing = Some(reason()),
            };
            hide(&mut lists);
            let judgement = judged(control, lists, &Exemptions::default());
            assert_eq!(judgement.outcome, Outcome::Unknown(reason()), "{control} {place}");
        }
        let masters = [group("system:masters")];
        let mut lists = base().cluster_binding("b", "everything", &masters).lists();
        lists.role_bindings.missing = Some(reason());
        assert_eq!(judged(control, lists, &Exemptions::default()).outcome, Outcome::Fail, "{control}");
    }
    let none = Rbac::default();
    let rights = Rights { rbac: &none, exemptions: &[], critical_namespaces: &[], masters: &[] };
    assert_eq!(judge("rbac/secrets-access", &rights).expect("a control").outcome, Outcome::Pass);
    assert_eq!(judge("rbac/token-mounts", &rights), None);
    // A cluster that does not serve RBAC may use another authorizer.
    let absent = Lists { roles: Listed::observed(probe::Observed::Absent, "roles"), ..Lists::default() };
    assert!(matches!(judged("rbac/create-pods", absent, &Exemptions::default()).outcome, Outcome::Unknown(_)));
}

#[test]
fn a_binding_to_no_role_is_noted() {
    let judgement = control("rbac/wildcards", Made::default().binding("n", "b", "Role gone", &[user("u")]));
    assert_eq!(judgement.outcome, Outcome::Pass);
    assert_eq!(judgement.noted.len(), 1);
    assert_eq!(judgement.noted[0].path, ["Role gone"]);
}

#[test]
fn offenders_are_listed_up_to_a_limit() {
    let subjects: Vec<Value> = (0..12_000).map(|number| user(&format!("u{number:05}"))).collect();
    let made = || {
        Made::default().cluster_role("r", &[written("get secrets")]).cluster_role("l", &[written("get secrets [x]")])
    };
    let judgement = control("rbac/secrets-access", made().cluster_binding("b", "r", &subjects));
    assert_eq!((judgement.offenders.len(), judgement.noted.len()), (10_000, 1));
    assert_eq!(judgement.noted[0].found, "+2000 more, from this one on");
    let judgement = control("rbac/secrets-access", made().cluster_binding("b", "l", &subjects));
    assert_eq!((judgement.outcome, judgement.noted.len()), (Outcome::Pass, 1_000));
    let few = control("rbac/secrets-access", made().cluster_binding("b", "r", &subjects[..100]));
    assert_eq!((few.offenders.len(), few.noted.len()), (100, 0));
}
