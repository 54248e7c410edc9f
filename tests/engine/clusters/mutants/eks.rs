//! What the objects of an EKS cluster show about AWS.

use serde_json::{Value, json};

use super::mutant::{Mutant, set};

const TLS: &str = "eks/load-balancer-tls";
const ROLES: &str = "eks/service-account-roles";

pub fn mutants() -> Vec<Mutant> {
    let mut all = of_services();
    all.extend(of_ingresses());
    all.extend(of_accounts());
    all
}

/// Changes an annotation.
fn annotated(object: &mut Value, key: &str, value: &Value) {
    let annotations = &mut object["metadata"]["annotations"];
    if annotations.is_null() {
        *annotations = json!({});
    }
    let annotations = annotations.as_object_mut().expect("annotations");
    match value {
        Value::Null => drop(annotations.remove(key)),
        value => drop(annotations.insert(key.to_owned(), value.clone())),
    }
}

fn annotation(id: &str, prefix: &str, title: &str, name: &str, value: Value, fails: &[&'static str]) -> Mutant {
    let key = format!("{prefix}{name}");
    Mutant::edit(title, id, fails, id, move |object| annotated(object, &key, &value))
}

fn of_services() -> Vec<Mutant> {
    const PREFIX: &str = "service.beta.kubernetes.io/aws-load-balancer-";
    let front = "Service shop/front";
    let mut all = Vec::new();
    for (title, name, value) in [
        ("no list of ports", "ssl-ports", Value::Null),
        ("ports by number", "ssl-ports", json!("443")),
        ("TLS to the pods", "backend-protocol", json!("ssl")),
        ("internal", "scheme", json!("internal")),
        ("internal by default", "scheme", Value::Null),
        ("a scheme that there is not", "scheme", json!("external")),
    ] {
        all.push(annotation(front, PREFIX, title, name, value, &[]));
    }
    let change = |title: &str, id: &'static str, fails: &[&'static str], path: &'static str, value: Value| {
        Mutant::edit(title, id, fails, id, move |object| set(object, path, value.clone()))
    };
    all.push(change(
        "a port without a certificate",
        front,
        &[TLS],
        "spec/ports",
        json!([{"name": "http", "port": 80}]),
    ));
    all.push(Mutant::edit("HTTP on a port of TLS", front, &[TLS], front, |object| {
        annotated(object, &format!("{PREFIX}ssl-cert"), &Value::Null);
        annotated(object, &format!("{PREFIX}backend-protocol"), &json!("http"));
    }));
    all.push(change("UDP", front, &[], "spec/ports/0/protocol", json!("UDP")));
    all.push(change("inside", front, &[], "spec/type", json!("ClusterIP")));
    all.push(change("of others", "Service shop/inside", &[], "spec/loadBalancerClass", json!("example.com/metal")));
    all.push(change("of the cloud provider", "Service shop/inside", &[TLS], "spec/loadBalancerClass", Value::Null));
    all.push(annotation("Service shop/inside", PREFIX, "to the internet", "scheme", json!("internet-facing"), &[TLS]));
    all
}

fn of_ingresses() -> Vec<Mutant> {
    const PREFIX: &str = "alb.ingress.kubernetes.io/";
    let web = "Ingress shop/web";
    let mut all = Vec::new();
    for (title, name, value, harms) in [
        ("no redirect", "ssl-redirect", Value::Null, true),
        ("a redirect to nothing", "ssl-redirect", json!("8443"), true),
        ("no listeners", "listen-ports", Value::Null, true),
        ("HTTP alone", "listen-ports", json!(r#"[{"HTTP": 80}]"#), true),
        ("HTTPS alone", "listen-ports", json!(r#"[{"HTTPS": 443}]"#), false),
        ("a certificate", "certificate-arn", json!("arn:aws:acm:eu-west-1:111122223333:certificate/web"), false),
        ("internal", "scheme", json!("internal"), false),
        ("of a group", "group.name", json!("shop"), false),
        ("another attribute", "load-balancer-attributes", json!("idle_timeout.timeout_seconds=60"), false),
    ] {
        all.push(annotation(web, PREFIX, title, name, value, if harms { &[TLS] } else { &[] }));
    }
    let unreadable = annotation(web, PREFIX, "listeners that cannot be read", "listen-ports", json!("HTTPS"), &[]);
    all.push(unreadable.leaves_unknown(TLS));
    all.push(Mutant::edit("of another controller", web, &[], "", |object| {
        object["spec"]["ingressClassName"] = json!("nginx");
        annotated(object, "alb.ingress.kubernetes.io/ssl-redirect", &Value::Null);
    }));
    all.push(Mutant::edit("the older way to name a class", web, &[TLS], web, |object| {
        set(object, "spec/ingressClassName", Value::Null);
        annotated(object, "kubernetes.io/ingress.class", &json!("alb"));
        annotated(object, "alb.ingress.kubernetes.io/listen-ports", &Value::Null);
    }));
    all.push(Mutant::new("a second ingress of its load balancer, without TLS", &[], "", |world| {
        let mut second = world.get(web);
        second["metadata"]["name"] = json!("second");
        annotated(&mut second, "alb.ingress.kubernetes.io/group.name", &json!("shop"));
        annotated(&mut second, "alb.ingress.kubernetes.io/listen-ports", &Value::Null);
        annotated(&mut second, "alb.ingress.kubernetes.io/ssl-redirect", &Value::Null);
        world.put(second);
        world.edit(web, |object| annotated(object, "alb.ingress.kubernetes.io/group.name", &json!("shop")));
    }));
    all.push(Mutant::new(
        "a second ingress of a load balancer of its own, without TLS",
        &[TLS],
        "Ingress shop/second",
        |world| {
            let mut second = world.get(web);
            second["metadata"]["name"] = json!("second");
            annotated(&mut second, "alb.ingress.kubernetes.io/listen-ports", &Value::Null);
            world.put(second);
        },
    ));
    all.push(Mutant::edit("settings that are not looked at", "IngressClass alb", &[], "", |object| {
        object["spec"]["parameters"] = json!({"apiGroup": "elbv2.k8s.aws", "kind": "IngressClassParams", "name": "a"});
    }));
    all
}

fn of_accounts() -> Vec<Mutant> {
    const ROLE: &str = "eks.amazonaws.com/role-arn";
    let nodes = json!("arn:aws:iam::111122223333:role/nodes");
    let mut all = Vec::new();
    for (id, title, value, fails) in [
        ("ServiceAccount shop/default", "a role for all", json!("arn:aws:iam::111122223333:role/shop"), true),
        ("ServiceAccount kube-system/default", "a role for all", json!("arn:aws:iam::111122223333:role/shop"), true),
        ("ServiceAccount shop/web", "the role of the nodes", nodes.clone(), true),
        (
            "ServiceAccount shop/web",
            "the role of the nodes, by a path",
            json!("arn:aws:iam::111122223333:role/eks/nodes"),
            true,
        ),
        (
            "ServiceAccount shop/web",
            "the role of another account",
            json!("arn:aws:iam::444455556666:role/nodes"),
            false,
        ),
        ("ServiceAccount shop/web", "another role", json!("arn:aws:iam::111122223333:role/platform"), false),
        ("ServiceAccount shop/web", "no role", Value::Null, false),
        ("ServiceAccount shop/default", "no role in words", json!(""), false),
    ] {
        all.push(annotation(id, "", title, ROLE, value, if fails { &[ROLES] } else { &[] }));
    }
    for name in ["AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_REGION"] {
        all.push(Mutant::edit(name, "Pod shop/web-7c9d6b5f4-x7k2p", &[], "", move |pod| {
            set(pod, "spec/containers/0/env/1", json!({"name": name, "value": "canary-value"}));
        }));
    }
    all
}
