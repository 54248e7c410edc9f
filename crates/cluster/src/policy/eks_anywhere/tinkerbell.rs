//! Bare metal: the services that Tinkerbell exposes, and the connections to baseboard management controllers.

use super::evidence::Evidence;
use super::verdict::{Verdict, absent, at, seen, unknown};
use crate::balancers::Service;
use crate::eks_anywhere::{EKSA_SYSTEM, Provider};
use crate::policy::{Judgement, ObjectName};

/// The port of the SSH console.
const CONSOLE: u16 = 2222;

/// The services reachable on the machines' network need review; the SSH console fails.
pub(super) fn exposure(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    let objects = evidence.objects;
    let is_bare_metal =
        evidence.clusters(&mut verdict).iter().any(|cluster| cluster.provider() == Some(Provider::Tinkerbell));
    let is_of_stack = |service: &&Service| {
        let name = &service.metadata;
        name.namespace == EKSA_SYSTEM && (service.spec.kind == "LoadBalancer" || name.name == "tinkerbell")
    };
    let services: Vec<&Service> = evidence.services.items.iter().filter(is_of_stack).collect();
    if is_bare_metal || !services.is_empty() {
        verdict.applies();
        verdict.lacks(evidence.services);
        verdict.lacks(&objects.deployments);
    }
    for service in &services {
        let ports: Vec<String> = service
            .spec
            .ports
            .iter()
            .map(|port| {
                let protocol = if port.protocol.is_empty() { "TCP" } else { &port.protocol };
                let name = if port.name.is_empty() { String::new() } else { format!(" {}", port.name) };
                format!("{}/{protocol}{name}", port.port)
            })
            .collect();
        let kind = if service.spec.kind.is_empty() { "ClusterIP" } else { &service.spec.kind };
        let address = if service.spec.load_balancer_ip.is_empty() {
            String::new()
        } else {
            format!(" at {}", service.spec.load_balancer_ip)
        };
        let object = named("Service", &service.metadata.name);
        verdict.notes(seen(&object, format!("{kind}{address}: {}", ports.join(", "))));
        for port in &service.spec.ports {
            let name = port.name.to_ascii_lowercase();
            if port.port == CONSOLE || name.contains("ssh") || name.contains("secondstar") {
                verdict.fails(at(
                    &object,
                    format!("port {}", port.port),
                    "the console over SSH (secondstar) is exposed",
                ));
            }
        }
    }
    for deployment in objects.deployments.items.iter().filter(|own| own.metadata.namespace == EKSA_SYSTEM) {
        for container in deployment.containers() {
            if let Some(setting) = container.console() {
                let object = named("Deployment", &deployment.metadata.name);
                let part = format!("container {}", container.name);
                verdict.fails(at(&object, part, format!("the console over SSH (secondstar) is on: {setting}")));
            }
        }
    }
    if is_bare_metal && services.is_empty() && evidence.services.missing.is_none() {
        verdict.misses(unknown("Service eksa-system/tinkerbell", "not found (check the management cluster)"));
    }
    verdict.manual(|| absent("Tinkerbell", "no cluster is on bare metal"))
}

fn named(kind: &str, name: &str) -> ObjectName {
    ObjectName { kind: kind.to_owned(), namespace: EKSA_SYSTEM.to_owned(), name: name.to_owned() }
}

/// The network of the baseboard management controllers needs review.
pub(super) fn bmc_tls(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    let bmc = &evidence.objects.bmc;
    let is_bare_metal =
        evidence.clusters(&mut verdict).iter().any(|cluster| cluster.provider() == Some(Provider::Tinkerbell));
    if is_bare_metal {
        verdict.lacks(bmc);
    }
    for machine in &bmc.items {
        verdict.applies();
        if machine.spec.connection.insecure_tls {
            let found = format!("true, for {}", machine.spec.connection.host);
            verdict.notes(at(&machine.metadata.object("Machine"), "spec.connection.insecureTLS", found));
        }
    }
    verdict.manual(|| absent("machines.bmc.tinkerbell.org", "none: no BMC is managed from this cluster"))
}
