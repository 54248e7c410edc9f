//! Objects that request load balancers: services, ingresses and their classes.

use serde::{Deserialize, Serialize};

use crate::annotated::{AnnotatedMeta, Looked};
use crate::nullable::nullable;

/// The prefix of Service annotations that configure an AWS load balancer.
pub const OF_SERVICE: &str = "service.beta.kubernetes.io/aws-load-balancer-";
/// The prefix of Ingress annotations that configure an AWS load balancer.
pub const OF_INGRESS: &str = "alb.ingress.kubernetes.io/";
/// The prefix of Ingress annotations that define actions.
pub const ACTIONS: &str = "alb.ingress.kubernetes.io/actions.";
/// The annotation for the class of an Ingress, before `spec.ingressClassName`.
pub const CLASS: &str = "kubernetes.io/ingress.class";
/// What is kept of an action that redirects to HTTPS.
pub const REDIRECT: &str = r#"{"type":"redirect","redirectConfig":{"protocol":"HTTPS"}}"#;

/// A service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Service {
    /// The name, and the annotations that configure a load balancer.
    #[serde(deserialize_with = "nullable")]
    pub metadata: AnnotatedMeta<ServiceKeys>,
    /// The specification.
    #[serde(deserialize_with = "nullable")]
    pub spec: ServiceSpec,
}

/// The annotations of a service that are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceKeys;

impl Looked for ServiceKeys {
    fn is_looked_at(key: &str) -> bool {
        key.strip_prefix(OF_SERVICE).is_some_and(|name| {
            matches!(name, "ssl-cert" | "ssl-ports" | "backend-protocol" | "scheme" | "internal" | "type")
        })
    }
}

/// The specification of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceSpec {
    /// The type: `ClusterIP`, `LoadBalancer` and so on.
    #[serde(rename = "type", deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// The class of its load balancer; empty for the cloud's default.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub load_balancer_class: String,
    /// The networks allowed to use its load balancer; empty means all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub load_balancer_source_ranges: Vec<String>,
    /// The requested address.
    #[serde(rename = "loadBalancerIP", deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub load_balancer_ip: String,
    /// The ports.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<ServicePort>,
}

/// A port of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServicePort {
    /// The name; empty if it has none.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// `TCP`, `UDP` or `SCTP`; empty means `TCP`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub protocol: String,
    /// The application protocol, such as `https` or `kubernetes.io/h2c`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub app_protocol: String,
    /// The port number.
    #[serde(deserialize_with = "nullable")]
    pub port: u16,
}

/// An ingress.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ingress {
    /// The name, and the annotations that configure a load balancer.
    #[serde(deserialize_with = "nullable")]
    pub metadata: AnnotatedMeta<IngressKeys>,
    /// The specification.
    #[serde(deserialize_with = "nullable")]
    pub spec: IngressSpec,
}

/// The annotations of an ingress that are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngressKeys;

impl Looked for IngressKeys {
    fn is_looked_at(key: &str) -> bool {
        key == CLASS
            || key.strip_prefix(OF_INGRESS).is_some_and(|name| {
                matches!(name, "scheme" | "certificate-arn" | "listen-ports" | "ssl-redirect" | "group.name")
                    || name.starts_with("actions.")
            })
    }

    /// Keeps of an action only whether it redirects to HTTPS: a fixed response may contain anything.
    fn kept(key: &str, value: String) -> String {
        match key.starts_with(ACTIONS) {
            true if redirects(&value) => REDIRECT.to_owned(),
            true => String::new(),
            false => value,
        }
    }
}

/// Whether an action redirects to HTTPS.
fn redirects(action: &str) -> bool {
    #[derive(Deserialize)]
    struct Action {
        #[serde(rename = "type", alias = "Type")]
        kind: String,
        #[serde(rename = "redirectConfig", alias = "RedirectConfig")]
        redirect: Redirect,
    }
    #[derive(Deserialize)]
    struct Redirect {
        #[serde(alias = "Protocol")]
        protocol: String,
    }
    serde_json::from_str::<Action>(action)
        .is_ok_and(|action| action.kind == "redirect" && action.redirect.protocol == "HTTPS")
}

/// The specification of an ingress.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressSpec {
    /// The class; empty if none is set.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub ingress_class_name: String,
    /// The hosts with certificates.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub tls: Vec<IngressTls>,
    /// The rules, with their hosts only.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<IngressRule>,
}

/// Hosts that have a certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IngressTls {
    /// The hosts.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
}

/// A rule of an ingress.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IngressRule {
    /// The host; empty means any.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub host: String,
}

/// A class of ingresses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IngressClass {
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: AnnotatedMeta<NoKeys>,
    /// The specification.
    #[serde(deserialize_with = "nullable")]
    pub spec: IngressClassSpec,
}

/// Keeps no annotations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoKeys;

impl Looked for NoKeys {
    fn is_looked_at(_: &str) -> bool {
        false
    }
}

/// The specification of a class.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IngressClassSpec {
    /// The controller, such as `ingress.k8s.aws/alb`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub controller: String,
    /// A reference to an object with further settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<IngressClassParameters>,
}

/// A reference to an object with further settings of a class.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IngressClassParameters {
    /// The kind, such as `IngressClassParams`.
    #[serde(deserialize_with = "nullable")]
    pub kind: String,
    /// The object's name.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::{Ingress, REDIRECT, Service};

    #[test]
    fn a_recording_holds_the_annotations_that_are_looked_at() {
        let service = r#"{"metadata":{"name":"a","annotations":{
            "service.beta.kubernetes.io/aws-load-balancer-ssl-cert":"arn",
            "service.beta.kubernetes.io/aws-load-balancer-attributes":"hidden",
            "service.beta.kubernetes.io/load-balancer-source-ranges":"hidden",
            "kubectl.kubernetes.io/last-applied-configuration":"hidden"}},
            "spec":{"type":"LoadBalancer","externalName":"hidden","ports":[{"port":443,"targetPort":"hidden"}]}}"#;
        let service: Service = serde_json::from_str(service).expect("a service");
        let written = serde_json::to_string(&service).expect("JSON");
        assert!(!written.contains("hidden") && written.contains("ssl-cert"), "{written}");
        assert_eq!(serde_json::from_str::<Service>(&written).expect("a service"), service);

        let table = [
            (r#"{\"type\":\"redirect\",\"redirectConfig\":{\"protocol\":\"HTTPS\",\"port\":\"443\"}}"#, true),
            (r#"{\"Type\":\"redirect\",\"RedirectConfig\":{\"Protocol\":\"HTTPS\"}}"#, true),
            (r#"{\"type\":\"redirect\",\"redirectConfig\":{\"protocol\":\"HTTP\"}}"#, false),
            (r#"{\"type\":\"fixed-response\",\"fixedResponseConfig\":{\"messageBody\":\"hidden\"}}"#, false),
            ("hidden", false),
        ];
        for (action, redirects) in table {
            let json = format!(
                r#"{{"metadata":{{"name":"a","annotations":{{"alb.ingress.kubernetes.io/actions.x":"{action}",
                "alb.ingress.kubernetes.io/auth-idp-cognito":"hidden"}}}}}}"#
            );
            let ingress: Ingress = serde_json::from_str(&json).expect("an ingress");
            let written = serde_json::to_string(&ingress).expect("JSON");
            assert!(!written.contains("hidden"), "{written}");
            let kept = ingress.metadata.annotations.get("alb.ingress.kubernetes.io/actions.x");
            assert_eq!(kept, redirects.then_some(REDIRECT), "{action}");
            assert_eq!(serde_json::from_str::<Ingress>(&written).expect("an ingress"), ingress);
        }
    }
}
