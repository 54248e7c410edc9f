//! Services of type `LoadBalancer`.

use super::{Listens, seen};
use crate::balancers::{OF_SERVICE, Service, ServicePort};

/// The classes of AWS load balancers. Without a class, the cloud's default applies.
const CLASSES: [&str; 2] = ["service.k8s.aws/nlb", "eks.amazonaws.com/nlb"];

/// The usual TLS ports of servers.
const TLS_PORTS: [u16; 2] = [443, 8443];

/// TLS protocols, as `appProtocol` or at the start of a port's name.
const TLS_PROTOCOLS: [&str; 5] = ["https", "tls", "ssl", "wss", "kubernetes.io/wss"];

/// The listener of each port of a Service.
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

/// Whether the load balancer is internal. That is the default of the AWS Load Balancer Controller, but not of
/// Kubernetes' cloud provider.
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

/// Whether the certificate applies to a port; without a list of ports, it applies to all.
fn has_certificate(service: &Service, port: &ServicePort) -> bool {
    annotation(service, "ssl-cert").is_some()
        && annotation(service, "ssl-ports").is_none_or(|ports| {
            let mut ports = ports.split(',').map(str::trim);
            let is_own = |name: &str| name.parse() == Ok(port.port) || (!name.is_empty() && name == port.name);
            ports.any(|name| name == "*" || is_own(name))
        })
}

/// Whether a port without a certificate passes TLS through to the pods. A load balancer that speaks HTTP to them
/// speaks it to clients, too.
fn is_passed_through(service: &Service, port: &ServicePort) -> bool {
    let names = |text: &str| TLS_PROTOCOLS.contains(&text.to_ascii_lowercase().as_str());
    let speaks_http = annotation(service, "backend-protocol").is_some_and(|it| it.eq_ignore_ascii_case("http"));
    !speaks_http
        && (TLS_PORTS.contains(&port.port)
            || names(&port.app_protocol)
            || port.name.split('-').next().is_some_and(names))
}
