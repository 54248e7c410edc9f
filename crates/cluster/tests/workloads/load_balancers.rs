//! TLS at load balancers.

use cluster::Listed;
use cluster::policy::Outcome;
use cluster::policy::workloads::Balancers;
use serde_json::{Value, json};

use crate::world::{World, forbidden, line, recorded};

const CONTROL: &str = "eks/load-balancer-tls";

fn world(services: &[Value], ingresses: &[Value], classes: &[Value]) -> World {
    let balancers = Balancers {
        services: Listed { items: services.iter().cloned().map(recorded).collect(), missing: None },
        ingresses: Listed { items: ingresses.iter().cloned().map(recorded).collect(), missing: None },
        classes: Listed { items: classes.iter().cloned().map(recorded).collect(), missing: None },
    };
    World { balancers, ..World::default() }
}

/// The outcome, what offends and what is noted, without the object.
fn told(world: &World) -> (Outcome, Vec<String>, Vec<String>) {
    let judgement = world.judge(CONTROL);
    let all = |seen: &[cluster::policy::Seen]| seen.iter().map(|seen| seen.found.clone()).collect();
    (judgement.outcome, all(&judgement.offenders), all(&judgement.noted))
}

fn service(annotations: &[(&str, &str)], class: &str, ports: Value) -> Value {
    let prefix = "service.beta.kubernetes.io/aws-load-balancer-";
    let annotations: serde_json::Map<String, Value> =
        annotations.iter().map(|(name, value)| (format!("{prefix}{name}"), json!(value))).collect();
    json!({"metadata": {"name": "web", "namespace": "shop", "annotations": annotations},
        "spec": {"type": "LoadBalancer", "loadBalancerClass": class, "ports": ports}})
}

#[test]
fn ports_of_services_are_told_by_kind() {
    const NLB: &str = "service.k8s.aws/nlb";
    let http = || json!([{"port": 80}]);
    let both = || json!([{"name": "http", "port": 80}, {"name": "https", "port": 443}]);
    let cert = ("ssl-cert", "arn:aws:acm:eu-west-1:1:certificate/a");
    let plain = "port 80: without TLS, expected aws-load-balancer-ssl-cert";
    let secure = |port: u16| format!("port {port}: TLS with a certificate");
    let passed = |port: u16| format!("port {port}: passed through; whether the pods speak TLS does not show");
    let beside = "port 80: without TLS, beside a port with it; whether the pods redirect does not show".to_owned();
    let internal = || vec!["internal load balancer".to_owned()];
    let table: Vec<(&str, Value, Outcome, Vec<&str>, Vec<String>)> = vec![
        ("plain", service(&[], "", http()), Outcome::Fail, vec![plain], vec![]),
        ("no port", service(&[], "", json!(null)), Outcome::Pass, vec![], vec![]),
        ("empty certificate", service(&[("ssl-cert", " ")], "", http()), Outcome::Fail, vec![plain], vec![]),
        ("certificate for all", service(&[cert], "", both()), Outcome::Pass, vec![], vec![secure(443), secure(80)]),
        (
            "by number",
            service(&[cert, ("ssl-ports", "443")], "", json!([{"port": 443}])),
            Outcome::Pass,
            vec![],
            vec![secure(443)],
        ),
        (
            "by name",
            service(&[cert, ("ssl-ports", "8080, https")], "", json!([{"name": "https", "port": 9000}])),
            Outcome::Pass,
            vec![],
            vec![secure(9000)],
        ),
        ("all by a star", service(&[cert, ("ssl-ports", "*")], "", http()), Outcome::Pass, vec![], vec![secure(80)]),
        (
            "certificate for another",
            service(&[cert, ("ssl-ports", "8443")], "", http()),
            Outcome::Fail,
            vec![plain],
            vec![],
        ),
        (
            "certificate for one of two",
            service(&[cert, ("ssl-ports", "443")], "", both()),
            Outcome::Manual,
            vec![],
            vec![secure(443), beside.clone()],
        ),
        ("passed through", service(&[], "", json!([{"port": 443}])), Outcome::Manual, vec![], vec![passed(443)]),
        ("passed through beside plain", service(&[], "", both()), Outcome::Manual, vec![], vec![passed(443), beside]),
        (
            "by protocol",
            service(&[], "", json!([{"port": 9000, "appProtocol": "HTTPS"}])),
            Outcome::Manual,
            vec![],
            vec![passed(9000)],
        ),
        (
            "by the start of its name",
            service(&[], "", json!([{"port": 9000, "name": "tls-mqtt"}])),
            Outcome::Manual,
            vec![],
            vec![passed(9000)],
        ),
        (
            "HTTP on a port of TLS",
            service(&[("backend-protocol", "http")], "", json!([{"port": 443}])),
            Outcome::Fail,
            vec!["port 443: without TLS, expected aws-load-balancer-ssl-cert"],
            vec![],
        ),
        (
            "UDP",
            service(&[], "", json!([{"port": 53, "protocol": "UDP"}])),
            Outcome::Pass,
            vec![],
            vec!["port 53/UDP: TLS does not apply".to_owned()],
        ),
        ("internal", service(&[("internal", "true")], "", http()), Outcome::Pass, vec![], internal()),
        (
            "internal by an address",
            service(&[("internal", "0.0.0.0/0")], "", http()),
            Outcome::Pass,
            vec![],
            internal(),
        ),
        ("not internal", service(&[("internal", "false")], "", http()), Outcome::Fail, vec![plain], vec![]),
        (
            "a scheme that the cloud provider does not know",
            service(&[("scheme", "internal")], "", http()),
            Outcome::Fail,
            vec![plain],
            vec![],
        ),
        ("the controller's default", service(&[], NLB, http()), Outcome::Pass, vec![], internal()),
        (
            "the controller's default, by type",
            service(&[("type", "external")], "", http()),
            Outcome::Pass,
            vec![],
            internal(),
        ),
        ("the cloud provider's NLB", service(&[("type", "nlb")], "", http()), Outcome::Fail, vec![plain], vec![]),
        ("to the internet", service(&[("scheme", "internet-facing")], NLB, http()), Outcome::Fail, vec![plain], vec![]),
        (
            "a scheme that there is not",
            service(&[("scheme", "public")], NLB, http()),
            Outcome::Fail,
            vec![plain],
            vec![],
        ),
        (
            "to the internet, the older way",
            service(&[("internal", "false")], NLB, http()),
            Outcome::Fail,
            vec![plain],
            vec![],
        ),
        (
            "Auto Mode",
            service(&[("scheme", "internet-facing"), cert], "eks.amazonaws.com/nlb", http()),
            Outcome::Pass,
            vec![],
            vec![secure(80)],
        ),
        (
            "of others",
            service(&[], "example.com/metal", http()),
            Outcome::Pass,
            vec![],
            vec!["loadBalancerClass example.com/metal: not a load balancer of AWS".to_owned()],
        ),
    ];
    for (title, service, outcome, offenders, noted) in table {
        let offenders = offenders.into_iter().map(str::to_owned).collect();
        assert_eq!(told(&world(&[service], &[], &[])), (outcome, offenders, noted), "{title}");
    }
    let mut inside = service(&[], "", http());
    for kind in ["ClusterIP", "NodePort", "ExternalName", ""] {
        inside["spec"]["type"] = json!(kind);
        assert_eq!(told(&world(&[inside.clone()], &[], &[])), (Outcome::Pass, vec![], vec![]), "{kind}");
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

#[test]
fn listeners_of_ingresses_are_told_by_kind() {
    let alb = || json!({"ingressClassName": "alb", "rules": [{"host": "web.example.com"}]});
    let with_tls =
        || json!({"ingressClassName": "alb", "tls": [{"hosts": ["web.example.com"], "secretName": "hidden"}]});
    let table: Vec<(&str, Vec<(&str, &str)>, Value, Outcome, Vec<&str>, Vec<&str>)> = vec![
        ("plain", vec![OUT], alb(), Outcome::Fail, vec!["HTTP 80 alone, expected HTTPS in listen-ports"], vec![]),
        (
            "hosts with certificates, and no listener",
            vec![OUT],
            with_tls(),
            Outcome::Fail,
            vec!["HTTP 80 alone, expected HTTPS in listen-ports; spec.tls has no effect without an HTTPS listener"],
            vec![],
        ),
        ("a certificate", vec![OUT, CERT], alb(), Outcome::Pass, vec![], vec!["HTTPS 443 with a certificate"]),
        (
            "found by host",
            vec![OUT, ("listen-ports", r#"[{"HTTPS":443}]"#)],
            with_tls(),
            Outcome::Pass,
            vec![],
            vec!["HTTPS 443 with a certificate found by host"],
        ),
        (
            "both",
            vec![OUT, CERT, BOTH],
            alb(),
            Outcome::Fail,
            vec!["HTTP 80 beside HTTPS, expected ssl-redirect"],
            vec![],
        ),
        (
            "both, redirected",
            vec![OUT, CERT, BOTH, REDIRECT],
            alb(),
            Outcome::Pass,
            vec![],
            vec!["HTTP 80 redirects to HTTPS (ssl-redirect)"],
        ),
        (
            "redirected to a port that does not listen",
            vec![OUT, CERT, BOTH, ("ssl-redirect", "8443")],
            alb(),
            Outcome::Fail,
            vec!["HTTP 80 beside HTTPS, expected ssl-redirect"],
            vec![],
        ),
        (
            "redirected to nothing",
            vec![OUT, REDIRECT],
            alb(),
            Outcome::Fail,
            vec!["HTTP 80 alone, expected HTTPS in listen-ports"],
            vec![],
        ),
        (
            "redirected to no port",
            vec![OUT, CERT, BOTH, ("ssl-redirect", "true")],
            alb(),
            Outcome::Fail,
            vec!["HTTP 80 beside HTTPS, expected ssl-redirect"],
            vec![],
        ),
        (
            "by an action",
            vec![OUT, CERT, BOTH, ACTION],
            alb(),
            Outcome::Manual,
            vec![],
            vec!["HTTP 80: whether an action redirects all of it does not show"],
        ),
        (
            "by an action to nothing",
            vec![OUT, ACTION],
            alb(),
            Outcome::Fail,
            vec!["HTTP 80 alone, expected HTTPS in listen-ports"],
            vec![],
        ),
        ("internal", vec![("scheme", "internal")], alb(), Outcome::Pass, vec![], vec!["internal load balancer"]),
        ("internal by default", vec![], alb(), Outcome::Pass, vec![], vec!["internal load balancer"]),
        (
            "Auto Mode",
            vec![OUT],
            json!({"ingressClassName": "auto"}),
            Outcome::Fail,
            vec!["HTTP 80 alone, expected HTTPS in listen-ports"],
            vec![],
        ),
        (
            "of another controller",
            vec![OUT],
            json!({"ingressClassName": "nginx"}),
            Outcome::Pass,
            vec![],
            vec!["class nginx of k8s.io/ingress-nginx: not a load balancer of AWS"],
        ),
        (
            "of a class that there is not",
            vec![OUT],
            json!({"ingressClassName": "gone"}),
            Outcome::Pass,
            vec![],
            vec!["class gone, which does not exist: no load balancer"],
        ),
        ("of no class", vec![OUT], json!({}), Outcome::Pass, vec![], vec!["no class: no load balancer of AWS"]),
        (
            "many ports",
            vec![OUT, ("listen-ports", r#"[{"HTTP":1},{"HTTP":2},{"HTTP":3},{"HTTP":4},{"HTTP":5},{"HTTP":6}]"#)],
            alb(),
            Outcome::Fail,
            vec!["HTTP 1, 2, 3, 4, 5, … alone, expected HTTPS in listen-ports"],
            vec![],
        ),
        (
            "TLS by settings that were seen",
            vec![OUT, CERT],
            json!({"ingressClassName": "set"}),
            Outcome::Pass,
            vec![],
            vec!["HTTPS 443 with a certificate"],
        ),
    ];
    for (title, annotations, spec, outcome, offenders, noted) in table {
        let world = world(&[], &[ingress("web", &annotations, spec)], &classes());
        let strings = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(told(&world), (outcome, strings(offenders), strings(noted)), "{title}");
    }
    // The older way to name a class.
    for (class, expected) in [("alb", Outcome::Fail), ("nginx", Outcome::Pass)] {
        let mut old = ingress("web", &[OUT], json!({}));
        old["metadata"]["annotations"]["kubernetes.io/ingress.class"] = json!(class);
        assert_eq!(world(&[], &[old], &[]).outcome(CONTROL), expected, "{class}");
    }
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
    // The scheme of one is that of all.
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
