//! Services of type `LoadBalancer`.

use super::{Listens, seen};
use crate::balancers::{OF_SERVICE, Service, ServicePort};

/// The classes whose load balancers AWS makes. Without a class, the cloud's default is.
const CLASSES: [&str; 2] = ["service.k8s.aws/nlb", "eks.amazonaws.com/nlb"];

/// Ports on which servers speak TLS.
const TLS_PORTS: [u16; 2] = [443, 8443];

/// Protocols that are TLS, by `appProtocol` and by what begins the name of a port.
const TLS_PROTOCOLS: [&str; 5] = ["https", "tls", "ssl", "wss", "kubernetes.io/wss"];

/// What each port of a service listens with.
pub(super) fn listeners(service: &Service) -> Vec<Listens> {
    let spec = &service.spec;
    if spec.kind != "LoadBalancer" {
        return Vec::new();
    }
    let found = |found: String| seen("Service", &service.metadata.namespace, &service.metadata.name, found);
    let class = spec.load_balancer_class.as_str();
    if !class.is_empty() && !CLASSES.contains(&class) {
        return vec![Listens::Well(found(format!("loadBalancerClass {class}: not an AWS load balancer")))];
    }
    if is_internal(service) {
        return vec![Listens::Well(found("internal load balancer".to_owned()))];
    }
    let has_tls = |port: &ServicePort| has_certificate(service, port);
    let has_other = spec.ports.iter().any(|port| is_tcp(port) && (has_tls(port) || is_passed_through(service, port)));
    let listener = |port: &ServicePort| {
        let number = port.port;
        if !is_tcp(port) {
            Listens::Well(found(format!("port {number}/{}: TLS does not apply", port.protocol)))
        } else if has_tls(port) {
            Listens::Well(found(format!("port {number}: TLS with a certificate")))
        } else if is_passed_through(service, port) {
            Listens::Unseen(found(format!("port {number}: passed through; cannot determine whether the pods use TLS")))
        } else if has_other {
            Listens::Unseen(found(format!(
                "port {number}: without TLS, alongside a port with TLS; cannot determine whether the pods redirect"
            )))
        } else {
            Listens::Plainly(found(format!("port {number}: without TLS, expected aws-load-balancer-ssl-cert")))
        }
    };
    spec.ports.iter().map(listener).collect()
}

fn annotation<'s>(service: &'s Service, name: &str) -> Option<&'s str> {
    service.metadata.annotations.get(&format!("{OF_SERVICE}{name}"))
}

/// Whether it is reached inside of the network only. The AWS Load Balancer Controller makes it so unless it is told
/// otherwise; the cloud provider of Kubernetes does not.
fn is_internal(service: &Service) -> bool {
    let of_controller = !service.spec.load_balancer_class.is_empty()
        || annotation(service, "type").is_some_and(|kind| matches!(kind, "external" | "nlb-ip"));
    match (annotation(service, "scheme"), annotation(service, "internal")) {
        (Some(scheme), _) if of_controller => scheme == "internal",
        (_, Some(internal)) if of_controller => matches!(internal.to_ascii_lowercase().as_str(), "true" | "t" | "1"),
        (_, Some(internal)) => internal != "false",
        _ => of_controller,
    }
}

fn is_tcp(port: &ServicePort) -> bool {
    matches!(port.protocol.as_str(), "" | "TCP")
}

/// Whether a port is one of those that the certificate is for; without a list, all are.
fn has_certificate(service: &Service, port: &ServicePort) -> bool {
    annotation(service, "ssl-cert").is_some()
        && annotation(service, "ssl-ports").is_none_or(|ports| {
            let mut ports = ports.split(',').map(str::trim);
            let is_own = |name: &str| name.parse() == Ok(port.port) || (!name.is_empty() && name == port.name);
            ports.any(|name| name == "*" || is_own(name))
        })
}

/// Whether a port without a certificate is one of TLS, which ends in the pods. A load balancer that speaks HTTP to them
/// speaks it to clients, too.
fn is_passed_through(service: &Service, port: &ServicePort) -> bool {
    let names = |text: &str| TLS_PROTOCOLS.contains(&text.to_ascii_lowercase().as_str());
    let speaks_http = annotation(service, "backend-protocol").is_some_and(|it| it.eq_ignore_ascii_case("http"));
    !speaks_http
        && (TLS_PORTS.contains(&port.port)
            || names(&port.app_protocol)
            || port.name.split('-').next().is_some_and(names))
}
