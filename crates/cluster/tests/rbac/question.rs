//! Questions as users type them and as programs send them.

use cluster::rbac::question::{Doubt, NoQuestion, NoReview, Question, answer};
use cluster::rbac::{Action, Listed, Lists, Place, Rbac};
use probe::{Cause, Reason};

use crate::rbac::made::{Made, lists, rule, user};
use crate::rbac::oracle::OBJECTS;

/// Input, then the group, resource and subresource it means, and whether that is namespaced (`?`: unknown).
const TYPED: &[(&str, &str, &str, &str, char)] = &[
    ("pods", "", "pods", "", 'y'),
    ("pod", "", "pods", "", 'y'),
    ("po", "", "pods", "", 'y'),
    ("Pod", "", "pods", "", 'y'),
    ("PODS/log", "", "pods", "log", 'y'),
    ("secret", "", "secrets", "", 'y'),
    ("sa", "", "serviceaccounts", "", 'y'),
    ("serviceaccounts/token", "", "serviceaccounts", "token", 'y'),
    ("no", "", "nodes", "", 'n'),
    ("nodes/proxy", "", "nodes", "proxy", 'n'),
    ("ns", "", "namespaces", "", 'n'),
    ("endpoints", "", "endpoints", "", 'y'),
    ("deploy", "apps", "deployments", "", 'y'),
    ("deployments.apps", "apps", "deployments", "", 'y'),
    ("deployments.v1.apps", "apps", "deployments", "", 'y'),
    ("deploy.apps", "apps", "deployments", "", 'y'),
    ("deployments/scale.apps", "apps", "deployments", "scale", 'y'),
    ("deployments.apps/scale", "apps", "deployments", "scale", 'y'),
    ("deployments/scale", "apps", "deployments", "scale", 'y'),
    ("deployments.extensions", "extensions", "deployments", "", '?'),
    ("sts", "apps", "statefulsets", "", 'y'),
    ("cronjob", "batch", "cronjobs", "", 'y'),
    ("cj.v1beta1.batch", "batch", "cronjobs", "", 'y'),
    ("hpa", "autoscaling", "horizontalpodautoscalers", "", 'y'),
    ("ing", "networking.k8s.io", "ingresses", "", 'y'),
    ("ingresses.networking", "networking.k8s.io", "ingresses", "", 'y'),
    ("netpol", "networking.k8s.io", "networkpolicies", "", 'y'),
    ("ev", "", "events", "", 'y'),
    ("events.events.k8s.io", "events.k8s.io", "events", "", 'y'),
    ("events.v1", "", "events", "", 'y'),
    ("pods.metrics.k8s.io", "metrics.k8s.io", "pods", "", 'y'),
    ("csr/approval", "certificates.k8s.io", "certificatesigningrequests", "approval", 'n'),
    ("signers", "certificates.k8s.io", "signers", "", 'n'),
    ("clusterrole", "rbac.authorization.k8s.io", "clusterroles", "", 'n'),
    ("crd", "apiextensions.k8s.io", "customresourcedefinitions", "", 'n'),
    ("crds", "apiextensions.k8s.io", "customresourcedefinitions", "", 'n'),
    ("pv", "", "persistentvolumes", "", 'n'),
    ("pvc", "", "persistentvolumeclaims", "", 'y'),
    ("users", "", "users", "", 'n'),
    ("groups", "", "groups", "", 'n'),
    ("uids", "authentication.k8s.io", "uids", "", 'n'),
    ("userextras/example.com/roles", "authentication.k8s.io", "userextras", "example.com/roles", 'n'),
    ("widgets.example.com", "example.com", "widgets", "", '?'),
    ("widgets.v1alpha1.example.com", "example.com", "widgets", "", '?'),
    ("Widgets/status.Example.com", "Example.com", "Widgets", "status", '?'),
    ("pods.example.com", "example.com", "pods", "", '?'),
    ("widgets", "", "widgets", "", '?'),
    ("*", "", "*", "", '?'),
    ("*.*", "*", "*", "", '?'),
    ("*/scale", "", "*", "scale", '?'),
    ("*/scale.apps", "apps", "*", "scale", '?'),
    ("pods/*", "", "pods", "*", 'y'),
];

#[test]
fn a_resource_goes_by_the_names_that_kubectl_knows() {
    for &(typed, group, resource, subresource, namespaced) in TYPED {
        let question = Question::parse("get", typed, "x").unwrap_or_else(|error| panic!("{typed}: {error}"));
        let expected = Action::Resource {
            verb: "get".into(),
            group: group.into(),
            resource: resource.into(),
            subresource: subresource.into(),
            name: "x".into(),
        };
        assert_eq!(question.action, expected, "{typed}");
        let known = match namespaced {
            'y' => Some(true),
            'n' => Some(false),
            _ => None,
        };
        assert_eq!(question.namespaced, known, "{typed}");
    }
}

#[test]
fn a_url_is_asked_as_it_is() {
    let question = Question::parse("get", "/healthz/Log.x?y", "").expect("a question");
    assert_eq!(question.action, Action::Url { verb: "get".into(), path: "/healthz/Log.x?y".into() });
    assert_eq!(question.place(Some("n")), Place::ClusterWide);
    assert_eq!(Question::parse("get", "/x", "name"), Err(NoQuestion::NamedUrl("/x".into())));
}

#[test]
fn what_is_no_question_is_refused() {
    for what in ["", ".apps", "pods/", "pods.", "pods/log/x", "a/b.", "pods/.apps"] {
        assert_eq!(Question::parse("get", what, ""), Err(NoQuestion::NoResource(what.into())), "{what}");
    }
    assert_eq!(Question::parse("", "pods", ""), Err(NoQuestion::NoVerb));
    assert_eq!(Question::parse("get", "a.b/c.d", ""), Err(NoQuestion::TwoGroups("a.b/c.d".into())));
}

#[test]
fn doubts_are_said() {
    let doubts = |verb, what| Question::parse(verb, what, "").expect("a question").doubts;
    assert_eq!(doubts("get", "widgets"), [Doubt::Resource("widgets".into())]);
    assert_eq!(
        doubts("get", "pods/web-0"),
        [Doubt::Subresource { resource: "pods".into(), subresource: "web-0".into() }]
    );
    assert_eq!(doubts("lst", "pods"), [Doubt::Verb("lst".into())]);
    assert_eq!(doubts("GET", "/healthz"), [Doubt::Verb("GET".into())]);
    assert_eq!(doubts("pods", "get"), [Doubt::Verb("pods".into()), Doubt::Resource("get".into())]);
    for what in ["pods", "pods/log", "widgets.example.com", "widgets/any.example.com", "*", "*/scale", "pods/*"] {
        assert_eq!(doubts("get", what), [], "{what}");
    }
    assert_eq!(doubts("drain", "widgets.example.com"), [], "custom resources may have verbs of their own");
}

#[test]
fn a_question_is_asked_where_its_resource_can_be() {
    let place = |what, namespace| Question::parse("get", what, "").expect("a question").place(namespace);
    assert_eq!(place("pods", None), Place::Anywhere);
    assert_eq!(place("pods", Some("")), Place::Anywhere);
    assert_eq!(place("pods", Some("n")), Place::Namespace("n".into()));
    assert_eq!(place("nodes", None), Place::ClusterWide);
    assert_eq!(place("nodes", Some("n")), Place::Namespace("n".into()));
    assert_eq!(place("widgets.example.com", None), Place::Anywhere);
}

#[test]
fn a_review_is_answered_with_its_spec_as_it_was() {
    let rbac = Rbac::new(lists(OBJECTS));
    let ask = |line: &str| answer(&rbac, line).unwrap_or_else(|error| panic!("{line}: {error}"));
    let spec = r#"{"user": "carol",  "groups":["sre"],"uid":"1e400","extra":{"a":["b"]},"resourceAttributes":{"verb":"list","group":"admissionregistration.k8s.io","resource":"mutatingwebhookconfigurations","version":"v1","namespace":null}}"#;
    assert_eq!(
        ask(&format!(r#"{{"apiVersion":"v1","allowed":false,"spec":{spec},"status":{{}}}}"#)),
        format!(r#"{{"spec":{spec},"allowed":true}}"#)
    );
    let spec = r#"{"user":"eve","nonResourceAttributes":{"path":"/logs/x","verb":"get"}}"#;
    assert_eq!(ask(&format!("  {{\"spec\":{spec}}}\r")), format!(r#"{{"spec":{spec},"allowed":false}}"#));
    let spec = r#"{"groups":["system:masters"],"resourceAttributes":{}}"#;
    assert_eq!(ask(&format!(r#"{{"spec":{spec}}}"#)), format!(r#"{{"spec":{spec},"allowed":true}}"#));
}

#[test]
fn what_is_no_review_is_refused() {
    let rbac = Rbac::default();
    let both = r#"{"spec":{"user":"u","resourceAttributes":{"verb":"get"},"nonResourceAttributes":{"path":"/"}}}"#;
    for line in [both, r#"{"spec":{"user":"u"}}"#, r#"{"spec":{"user":"u","resourceAttributes":null}}"#] {
        assert!(matches!(answer(&rbac, line), Err(NoReview::Attributes)), "{line}");
    }
    let nobody = r#"{"spec":{"user":"","groups":null,"nonResourceAttributes":{"path":"/"}}}"#;
    assert!(matches!(answer(&rbac, nobody), Err(NoReview::Nobody)));
    let nested = format!(r#"{{"spec":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    for line in ["", "{}", "[]", "null", r#"{"spec":1}"#, r#"{"spec":{"groups":"g"}}"#, r#"{"spec":{}"#, &nested] {
        assert!(matches!(answer(&rbac, line), Err(NoReview::Form(_))), "{line:.80}");
    }
}

#[test]
fn a_refusal_by_half_a_list_says_so() {
    let rights = rule(&["get"], &[""], &["pods"], &[]);
    let lists = Made::default().cluster_role("r", &[rights]).cluster_binding("b", "r", &[user("u")]).lists();
    let reason = Reason::new(Cause::PermissionDenied, "list rolebindings.rbac.authorization.k8s.io", "forbidden");
    let rbac = Rbac::new(Lists { role_bindings: Listed::part(Vec::new(), reason), ..lists });
    let spec = |user: &str| format!(r#"{{"user":"{user}","resourceAttributes":{{"verb":"get","resource":"pods"}}}}"#);
    let ask = |user: &str| answer(&rbac, &format!(r#"{{"spec":{}}}"#, spec(user))).expect("an answer");
    assert_eq!(ask("u"), format!(r#"{{"spec":{},"allowed":true}}"#, spec("u")));
    let why = r#""evaluationError":"list rolebindings.rbac.authorization.k8s.io: forbidden""#;
    assert_eq!(ask("v"), format!(r#"{{"spec":{},"allowed":false,{why}}}"#, spec("v")));
}
