//! TLS at load balancers.

use cluster::Listed;
use cluster::policy::Outcome;
use cluster::policy::workloads::Balancers;
use serde_json::{Value, json};

use crate::workloads::world::{World, forbidden, line, recorded};

const CONTROL: &str = "eks/load-balancer-tls";

fn world(services: &[Value], ingresses: &[Value], classes: &[Value]) -> World {
    let balancers = Balancers {
        services: Listed { items: services.iter().cloned().map(recorded).collect(), missing: None },
        ingresses: Listed { items: ingresses.iter().cloned().map(recorded).collect(), missing: None },
        classes: Listed { items: classes.iter().cloned().map(recorded).collect(), missing: None },
    };
    World { balancers, ..World::default() }
}

/// Title, object, outcome, and what is found: offending (`-`) or noted (`+`).
type Fact = (&'static str, Value, Outcome, &'static [&'static str]);

fn hold(facts: Vec<Fact>, world: impl Fn(Value) -> World) {
    for (title, object, outcome, found) in facts {
        let judgement = world(object).judge(CONTROL);
        let offenders = judgement.offenders.iter().map(|seen| format!("- {}", seen.found));
        let told: Vec<String> =
            offenders.chain(judgement.noted.iter().map(|seen| format!("+ {}", seen.found))).collect();
        assert_eq!(
            (judgement.outcome, told),
            (outcome, found.iter().map(|&text| text.to_owned()).collect()),
            "{title}"
        );
    }
}

fn service(annotations: &[(&str, &str)], class: &str, ports: Value) -> Value {
    let prefix = "service.beta.kubernetes.io/aws-load-balancer-";
    let annotations: serde_json::Map<String, Value> =
        annotations.iter().map(|(name, value)| (format!("{prefix}{name}"), json!(value))).collect();
    json!({"metadata": {"name": "web", "namespace": "shop", "annotations": annotations},
        "spec": {"type": "LoadBalancer", "loadBalancerClass": class, "ports": ports}})
}

const NLB: &str = "service.k8s.aws/nlb";
const OF_SERVICE: (&str, &str) = ("ssl-cert", "arn:aws:acm:eu-west-1:1:certificate/a");
const PLAIN: &[&str] = &["- port 80: without TLS, expected aws-load-balancer-ssl-cert"];
const INTERNAL: &[&str] = &["+ internal load balancer"];
const SECURE: &[&str] = &["+ port 80: TLS with a certificate"];
const PASSED: &[&str] = &["+ port 9000: passed through; cannot determine whether the pods use TLS"];

fn http() -> Value {
    json!([{"port": 80}])
}

fn one(name: &str, number: u16) -> Value {
    json!([{"name": name, "port": number}])
}

fn both() -> Value {
    json!([{"name": "http", "port": 80}, {"name": "https", "port": 443}])
}

fn ports_of_services() -> Vec<Fact> {
    const CERT: (&str, &str) = OF_SERVICE;
    let of = |annotations: &[(&str, &str)], ports: Value| service(annotations, "", ports);
    let beside = &[
        "+ port 443: passed through; cannot determine whether the pods use TLS",
        "+ port 80: without TLS, alongside a port with TLS; cannot determine whether the pods redirect",
    ];
    let one_of_two = &[
        "+ port 443: TLS with a certificate",
        "+ port 80: without TLS, alongside a port with TLS; cannot determine whether the pods redirect",
    ];
    let speaks_http = &["- port 443: without TLS, expected aws-load-balancer-ssl-cert"];
    vec![
        ("plain", of(&[], http()), Outcome::Fail, PLAIN),
        ("no port", of(&[], json!(null)), Outcome::Pass, &[]),
        ("empty certificate", of(&[("ssl-cert", " ")], http()), Outcome::Fail, PLAIN),
        ("certificate for all", of(&[CERT], http()), Outcome::Pass, SECURE),
        ("by number", of(&[CERT, ("ssl-ports", "443,80")], http()), Outcome::Pass, SECURE),
        ("by name", of(&[CERT, ("ssl-ports", "8080, web")], one("web", 80)), Outcome::Pass, SECURE),
        ("all by a star", of(&[CERT, ("ssl-ports", "*")], http()), Outcome::Pass, SECURE),
        ("certificate for another", of(&[CERT, ("ssl-ports", "8443")], http()), Outcome::Fail, PLAIN),
        ("certificate for one of two", of(&[CERT, ("ssl-ports", "443")], both()), Outcome::Manual, one_of_two),
        ("passed through beside plain", of(&[], both()), Outcome::Manual, beside),
        ("by protocol", of(&[], json!([{"port": 9000, "appProtocol": "HTTPS"}])), Outcome::Manual, PASSED),
        ("by the start of its name", of(&[], one("tls-mqtt", 9000)), Outcome::Manual, PASSED),
        ("HTTP on a port of TLS", of(&[("backend-protocol", "http")], one("", 443)), Outcome::Fail, speaks_http),
        (
            "UDP",
            of(&[], json!([{"port": 53, "protocol": "UDP"}])),
            Outcome::Pass,
            &["+ port 53/UDP: TLS does not apply"],
        ),
    ]
}

fn schemes_of_services() -> Vec<Fact> {
    let of = |annotations: &[(&str, &str)], class: &str| service(annotations, class, http());
    let others = &["+ loadBalancerClass example.com/metal: not an AWS load balancer"];
    vec![
        ("internal", of(&[("internal", "true")], ""), Outcome::Pass, INTERNAL),
        ("internal by an address", of(&[("internal", "0.0.0.0/0")], ""), Outcome::Pass, INTERNAL),
        ("not internal", of(&[("internal", "false")], ""), Outcome::Fail, PLAIN),
        ("a scheme that the cloud provider does not know", of(&[("scheme", "internal")], ""), Outcome::Fail, PLAIN),
        ("the controller's default", of(&[], NLB), Outcome::Pass, INTERNAL),
        ("the controller's default, by type", of(&[("type", "external")], ""), Outcome::Pass, INTERNAL),
        ("the cloud provider's NLB", of(&[("type", "nlb")], ""), Outcome::Fail, PLAIN),
        ("to the internet", of(&[("scheme", "internet-facing")], NLB), Outcome::Fail, PLAIN),
        ("a scheme that there is not", of(&[("scheme", "public")], NLB), Outcome::Fail, PLAIN),
        ("to the internet, the older way", of(&[("internal", "false")], NLB), Outcome::Fail, PLAIN),
        ("Auto Mode", of(&[("scheme", "internet-facing"), OF_SERVICE], "eks.amazonaws.com/nlb"), Outcome::Pass, SECURE),
        ("of others", of(&[], "example.com/metal"), Outcome::Pass, others),
    ]
}

#[test]
fn ports_of_services_are_told_by_kind() {
    let facts = ports_of_services().into_iter().chain(schemes_of_services()).collect();
    hold(facts, |service| world(&[service], &[], &[]));
    let mut inside = service(&[], "", http());
    for kind in ["ClusterIP", "NodePort", "ExternalName", ""] {
        inside["spec"]["type"] = json!(kind);
        let judgement = world(&[inside.clone()], &[], &[]).judge(CONTROL);
        assert_eq!((judgement.outcome, judgement.noted.len()), (Outcome::Pass, 0), "{kind}");
    }
}

fn ingress(name: &str, annotations: &[(&str, &str)], spec: Value) -> Value {
    let prefix = "alb.ingress.kubernetes.io/";
    let annotations: serde_json::Map<String, Value> =
        annotations.iter().map(|(name, value)| (format!("{prefix}{name}"), json!(value))).collect();
    json!({"metadata": {"name": name, "namespace": "shop", "annotations": annotations}, "spec": spec})
}

fn class(name: &str, controller: &str, parameters: Option<&str>) -> Value {
    let parameters =
        parameters.map(|name| json!({"apiGroup": "elbv2.k8s.aws", "kind": "IngressClassParams", "name": name}));
    json!({"metadata": {"name": name}, "spec": {"controller": controller, "parameters": parameters}})
}

const OUT: (&str, &str) = ("scheme", "internet-facing");
const CERT: (&str, &str) = ("certificate-arn", "arn:aws:acm:eu-west-1:1:certificate/a");
const BOTH: (&str, &str) = ("listen-ports", r#"[{"HTTP": 80}, {"HTTPS": 443}]"#);
const REDIRECT: (&str, &str) = ("ssl-redirect", "443");
const ACTION: (&str, &str) =
    ("actions.tls", r#"{"type":"redirect","redirectConfig":{"protocol":"HTTPS","port":"443"}}"#);

fn classes() -> Vec<Value> {
    vec![
        class("alb", "ingress.k8s.aws/alb", None),
        class("auto", "eks.amazonaws.com/alb", None),
        class("set", "ingress.k8s.aws/alb", Some("team")),
        class("nginx", "k8s.io/ingress-nginx", None),
    ]
}

const ALONE: &[&str] = &["- HTTP 80 alone, expected HTTPS in listen-ports"];
const BESIDE: &[&str] = &["- HTTP 80 beside HTTPS, expected ssl-redirect"];
const CERTIFIED: &[&str] = &["+ HTTPS 443 with a certificate"];

fn listeners_of_ingresses() -> Vec<Fact> {
    let of = |annotations: &[(&str, &str)]| ingress("web", annotations, json!({"ingressClassName": "alb"}));
    let tls = json!({"ingressClassName": "alb", "tls": [{"hosts": ["web.example.com"], "secretName": "hidden"}]});
    let with_tls = |annotations: &[(&str, &str)]| ingress("web", annotations, tls.clone());
    let no_effect =
        &["- HTTP 80 alone, expected HTTPS in listen-ports; spec.tls has no effect without an HTTPS listener"];
    let by_host = &["+ HTTPS 443 with a certificate found by host"];
    let redirected = &["+ HTTP 80 redirects to HTTPS (ssl-redirect)"];
    let by_action = &["+ HTTP 80: cannot determine whether an action redirects all requests"];
    let many = r#"[{"HTTP":1},{"HTTP":2},{"HTTP":3},{"HTTP":4},{"HTTP":5},{"HTTP":6}]"#;
    let first_few = &["- HTTP 1, 2, 3, 4, 5, … alone, expected HTTPS in listen-ports"];
    let elsewhere = ("ssl-redirect", "8443");
    vec![
        ("plain", of(&[OUT]), Outcome::Fail, ALONE),
        ("hosts with certificates, and no listener", with_tls(&[OUT]), Outcome::Fail, no_effect),
        ("a certificate", of(&[OUT, CERT]), Outcome::Pass, CERTIFIED),
        ("found by host", with_tls(&[OUT, ("listen-ports", r#"[{"HTTPS":443}]"#)]), Outcome::Pass, by_host),
        ("both", of(&[OUT, CERT, BOTH]), Outcome::Fail, BESIDE),
        ("both, redirected", of(&[OUT, CERT, BOTH, REDIRECT]), Outcome::Pass, redirected),
        ("redirected to a port that does not listen", of(&[OUT, CERT, BOTH, elsewhere]), Outcome::Fail, BESIDE),
        ("redirected to nothing", of(&[OUT, REDIRECT]), Outcome::Fail, ALONE),
        ("redirected to no port", of(&[OUT, CERT, BOTH, ("ssl-redirect", "true")]), Outcome::Fail, BESIDE),
        ("by an action", of(&[OUT, CERT, BOTH, ACTION]), Outcome::Manual, by_action),
        ("by an action to nothing", of(&[OUT, ACTION]), Outcome::Fail, ALONE),
        ("internal", of(&[("scheme", "internal")]), Outcome::Pass, INTERNAL),
        ("internal by default", of(&[]), Outcome::Pass, INTERNAL),
        ("many ports", of(&[OUT, ("listen-ports", many)]), Outcome::Fail, first_few),
    ]
}

fn classes_of_ingresses() -> Vec<Fact> {
    let of = |class: &str| ingress("web", &[OUT], json!({"ingressClassName": class}));
    let nginx = &["+ class nginx of k8s.io/ingress-nginx: not an AWS load balancer"];
    let gone = &["+ class gone, which does not exist: no load balancer"];
    let settled = ingress("web", &[OUT, CERT], json!({"ingressClassName": "set"}));
    let older = |class: &str| {
        let mut older = ingress("web", &[OUT], json!({}));
        older["metadata"]["annotations"]["kubernetes.io/ingress.class"] = json!(class);
        older
    };
    vec![
        ("Auto Mode", of("auto"), Outcome::Fail, ALONE),
        ("of another controller", of("nginx"), Outcome::Pass, nginx),
        ("of a class that there is not", of("gone"), Outcome::Pass, gone),
        ("of no class", of(""), Outcome::Pass, &["+ no class: not an AWS load balancer"]),
        ("the older way", older("alb"), Outcome::Fail, ALONE),
        (
            "the older way, of others",
            older("nginx"),
            Outcome::Pass,
            &["+ kubernetes.io/ingress.class: nginx, not an AWS load balancer"],
        ),
        ("TLS by annotations, whatever the class sets", settled, Outcome::Pass, CERTIFIED),
    ]
}

#[test]
fn listeners_of_ingresses_are_told_by_kind() {
    let facts = listeners_of_ingresses().into_iter().chain(classes_of_ingresses()).collect();
    hold(facts, |ingress| world(&[], &[ingress], &classes()));
}

#[test]
fn ingresses_of_a_group_share_a_load_balancer() {
    let spec = || json!({"ingressClassName": "alb"});
    let group = ("group.name", "web");
    let first = ingress("a", &[group, OUT, CERT, BOTH, REDIRECT], spec());
    for (title, second, expected) in [
        ("of the group: redirected", ingress("b", &[group], spec()), Outcome::Pass),
        ("of another group: internal", ingress("b", &[("group.name", "api")], spec()), Outcome::Pass),
        ("of another group, to the internet", ingress("b", &[("group.name", "api"), OUT], spec()), Outcome::Fail),
        ("alone, with the group's name", ingress("web", &[OUT], spec()), Outcome::Fail),
    ] {
        assert_eq!(world(&[], &[first.clone(), second], &classes()).outcome(CONTROL), expected, "{title}");
    }
    // One Ingress's scheme applies to the whole group.
    let both = [ingress("a", &[group, OUT, CERT], spec()), ingress("b", &[group], spec())];
    let judgement = world(&[], &both, &classes()).judge(CONTROL);
    assert_eq!(
        judgement.offenders.iter().map(line).collect::<Vec<_>>(),
        ["shop/Ingress/b: HTTP 80 alone, expected HTTPS in listen-ports"]
    );
}

#[test]
fn what_cannot_be_read_or_was_not_seen_is_unknown() {
    let unknown = |world: &World| match world.outcome(CONTROL) {
        Outcome::Unknown(reason) => reason.subject,
        other => panic!("{other:?}"),
    };
    for ports in ["80", "[]", r#"{"HTTP":80}"#, r#"[{"HTTP":"80"}]"#, r#"[{"TCP":80}]"#, r#"[{"HTTP":80000}]"#, "[{"] {
        let ingress = ingress("web", &[OUT, ("listen-ports", ports)], json!({"ingressClassName": "alb"}));
        assert_eq!(unknown(&world(&[], &[ingress], &classes())), "Ingress shop/web", "{ports}");
    }
    for annotations in [&[OUT][..], &[], &[OUT, CERT, BOTH]] {
        let ingress = ingress("web", annotations, json!({"ingressClassName": "set"}));
        assert_eq!(unknown(&world(&[], &[ingress], &classes())), "IngressClassParams team", "{annotations:?}");
    }
    let mut unseen = world(&[], &[ingress("web", &[], json!({"ingressClassName": "alb"}))], &[]);
    unseen.balancers.classes.missing = Some(forbidden("ingressclasses"));
    assert_eq!(unknown(&unseen), "list ingressclasses");
    let mut unseen = world(&[], &[], &[]);
    unseen.balancers.classes.missing = Some(forbidden("ingressclasses"));
    assert_eq!(unseen.outcome(CONTROL), Outcome::Pass, "no ingress needs it");
    for list in ["services", "ingresses"] {
        let plain = service(&[], "", json!([{"port": 80}]));
        for (services, expected) in [(vec![], Outcome::Unknown(forbidden(list))), (vec![plain], Outcome::Fail)] {
            let mut unseen = world(&services, &[], &[]);
            let gap = Some(forbidden(list));
            if list == "services" {
                unseen.balancers.services.missing = gap;
            } else {
                unseen.balancers.ingresses.missing = gap;
            }
            assert_eq!(unseen.outcome(CONTROL), expected, "{list}");
        }
    }
}
