//! Ingresses of the AWS Load Balancer Controller.

use std::collections::{BTreeMap, BTreeSet};

use probe::{Cause, Reason};

use super::{Listens, seen};
use crate::Listed;
use crate::balancers::{ACTIONS, CLASS, Ingress, IngressClass, OF_INGRESS, REDIRECT};
use crate::policy::Seen;

/// The controllers that create Application Load Balancers.
const CONTROLLERS: [&str; 2] = ["ingress.k8s.aws/alb", "eks.amazonaws.com/alb"];

/// Which controller creates an Ingress's load balancer.
enum Made<'c> {
    /// An AWS controller, with the class's further settings, if any.
    ByAws(Option<&'c str>),
    /// Another controller, or none.
    ByOthers(String),
    /// Unknown, since the class is unknown.
    Unknown(&'c Reason),
}

/// Settings of the Ingresses that share a load balancer; one Ingress's setting applies to all.
#[derive(Default)]
struct Shared {
    faces_internet: bool,
    /// The ports that redirects point to.
    redirects: BTreeSet<u16>,
    /// The HTTPS ports.
    secure: BTreeSet<u16>,
}

impl Shared {
    /// Whether HTTP listeners redirect to a port with HTTPS.
    fn redirects(&self) -> bool {
        !self.redirects.is_disjoint(&self.secure)
    }
}

/// The listeners of each Ingress handled by AWS.
pub(super) fn listeners(ingresses: &[Ingress], classes: &Listed<IngressClass>) -> Vec<Listens> {
    let by_name: BTreeMap<&str, &IngressClass> =
        classes.items.iter().map(|class| (class.metadata.name.as_str(), class)).collect();
    let mut groups: BTreeMap<Group<'_>, Shared> = BTreeMap::new();
    for ingress in ingresses {
        if matches!(made(ingress, &by_name, classes), Made::ByAws(_)) {
            let shared = groups.entry(group(ingress)).or_default();
            shared.faces_internet |= annotation(ingress, "scheme").is_some_and(|scheme| scheme != "internal");
            shared.redirects.extend(annotation(ingress, "ssl-redirect").and_then(|port| port.parse::<u16>().ok()));
            shared.secure.extend(ports(ingress).into_iter().flat_map(|(_, secure)| secure));
        }
    }
    let listens = |ingress: &Ingress| match made(ingress, &by_name, classes) {
        Made::ByAws(parameters) => groups
            .get(&group(ingress))
            .map_or_else(|| unreadable(ingress), |shared| of_aws(ingress, shared, parameters)),
        Made::ByOthers(why) => Listens::Well(found(ingress, why)),
        Made::Unknown(reason) => Listens::Unknown(reason.clone()),
    };
    ingresses.iter().map(listens).collect()
}

fn made<'c>(
    ingress: &Ingress,
    by_name: &BTreeMap<&str, &'c IngressClass>,
    classes: &'c Listed<IngressClass>,
) -> Made<'c> {
    let name = ingress.spec.ingress_class_name.as_str();
    match (name, ingress.metadata.annotations.get(CLASS)) {
        ("", Some("alb")) => Made::ByAws(None),
        ("", Some(class)) => Made::ByOthers(format!("{CLASS}: {class}, not an AWS load balancer")),
        ("", None) => Made::ByOthers("no class: not an AWS load balancer".to_owned()),
        (name, _) => match (by_name.get(name), &classes.missing) {
            (Some(class), _) if CONTROLLERS.contains(&class.spec.controller.as_str()) => {
                Made::ByAws(class.spec.parameters.as_ref().map(|parameters| parameters.name.as_str()))
            }
            (Some(class), _) => {
                Made::ByOthers(format!("class {name} of {}: not an AWS load balancer", class.spec.controller))
            }
            (None, Some(reason)) => Made::Unknown(reason),
            (None, None) => Made::ByOthers(format!("class {name}, which does not exist: no load balancer")),
        },
    }
}

/// The key of a load balancer: an Ingress group, or a single Ingress.
type Group<'i> = (&'i str, &'i str, &'i str);

fn group(ingress: &Ingress) -> Group<'_> {
    match annotation(ingress, "group.name") {
        Some(name) => (name, "", ""),
        None => ("", &ingress.metadata.namespace, &ingress.metadata.name),
    }
}

fn annotation<'i>(ingress: &'i Ingress, name: &str) -> Option<&'i str> {
    ingress.metadata.annotations.get(&format!("{OF_INGRESS}{name}"))
}

fn found(ingress: &Ingress, found: impl Into<String>) -> Seen {
    seen("Ingress", &ingress.metadata.namespace, &ingress.metadata.name, found)
}

/// The listeners of an Ingress handled by AWS, from its own annotations and its group's. Settings of its class
/// override these, but are not read.
fn of_aws(ingress: &Ingress, shared: &Shared, parameters: Option<&str>) -> Listens {
    let Some((plain, secure)) = ports(ingress) else { return unreadable(ingress) };
    let source = if has_certificate(ingress) { "with a certificate" } else { "with a certificate found by host" };
    if plain.is_empty() && !secure.is_empty() {
        return Listens::Well(found(ingress, format!("HTTPS {} {source}", joined(&secure))));
    }
    if shared.redirects() {
        return Listens::Well(found(ingress, format!("HTTP {} redirects to HTTPS (ssl-redirect)", joined(&plain))));
    }
    if let Some(parameters) = parameters {
        let detail = "not evaluated, but may set the scheme, certificates and redirects (check it)";
        return Listens::Unknown(Reason::new(Cause::NotRecorded, format!("IngressClassParams {parameters}"), detail));
    }
    if !shared.faces_internet {
        return Listens::Well(found(ingress, "internal load balancer"));
    }
    let by_action =
        ingress.metadata.annotations.iter().any(|(key, value)| key.starts_with(ACTIONS) && value == REDIRECT);
    let plain = joined(&plain);
    if secure.is_empty() {
        let rest = if ingress.spec.tls.is_empty() { "" } else { "; spec.tls has no effect without an HTTPS listener" };
        Listens::Plainly(found(ingress, format!("HTTP {plain} alone, expected HTTPS in listen-ports{rest}")))
    } else if by_action {
        Listens::Unseen(found(
            ingress,
            format!("HTTP {plain}: cannot determine whether an action redirects all requests"),
        ))
    } else {
        Listens::Plainly(found(ingress, format!("HTTP {plain} beside HTTPS, expected ssl-redirect")))
    }
}

fn unreadable(ingress: &Ingress) -> Listens {
    let subject = format!("Ingress {}/{}", ingress.metadata.namespace, ingress.metadata.name);
    let detail = "listen-ports is not a list such as [{\"HTTPS\": 443}] (correct the annotation)";
    Listens::Unknown(Reason::new(Cause::Malformed, subject, detail))
}

fn has_certificate(ingress: &Ingress) -> bool {
    annotation(ingress, "certificate-arn").is_some()
}

/// The HTTP ports and the HTTPS ports; `None` if the annotation cannot be parsed. Without the annotation, a
/// certificate implies HTTPS; hosts in `spec.tls` do not.
fn ports(ingress: &Ingress) -> Option<(Vec<u16>, Vec<u16>)> {
    let Some(listen) = annotation(ingress, "listen-ports") else {
        return Some(if has_certificate(ingress) { (Vec::new(), vec![443]) } else { (vec![80], Vec::new()) });
    };
    let entries: Vec<BTreeMap<String, u16>> = serde_json::from_str(listen).ok()?;
    let (mut plain, mut secure) = (Vec::new(), Vec::new());
    for (protocol, port) in entries.into_iter().flatten() {
        match protocol.as_str() {
            "HTTP" => plain.push(port),
            "HTTPS" => secure.push(port),
            _ => return None,
        }
    }
    (!plain.is_empty() || !secure.is_empty()).then_some((plain, secure))
}

/// Lists the first few ports.
fn joined(ports: &[u16]) -> String {
    let first: Vec<String> = ports.iter().take(5).map(ToString::to_string).collect();
    let rest = if ports.len() > first.len() { ", …" } else { "" };
    format!("{}{rest}", first.join(", "))
}
