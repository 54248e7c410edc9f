//! Network policies of Kubernetes, Cilium and Calico.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lists::Listed;
use super::selector::LabelSelector;
use crate::Meta;
use crate::nullable::nullable;

/// All kinds of network policies.
#[derive(Debug, Clone, Default)]
pub struct Networks {
    /// `networkpolicies.networking.k8s.io`.
    pub policies: Listed<NetworkPolicy>,
    /// `ciliumnetworkpolicies.cilium.io`.
    pub cilium: Listed<CiliumPolicy>,
    /// `ciliumclusterwidenetworkpolicies.cilium.io`.
    pub cilium_clusterwide: Listed<CiliumPolicy>,
    /// `networkpolicies.crd.projectcalico.org`, or `.projectcalico.org`.
    pub calico: Listed<CalicoPolicy>,
    /// `globalnetworkpolicies.crd.projectcalico.org`, or `.projectcalico.org`.
    pub calico_global: Listed<CalicoPolicy>,
    /// Whether the VPC CNI of EKS Auto Mode enforces network policies (`enable-network-policy-controller: "true"` in the
    /// `ConfigMap` `kube-system/amazon-vpc-cni`).
    pub auto_mode_enforces: bool,
}

/// A `NetworkPolicy`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkPolicy {
    /// Its name and namespace.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
    /// Which pods it is for, and what it allows.
    #[serde(deserialize_with = "nullable")]
    pub spec: NetworkPolicySpec,
}

/// Which pods a network policy is for, and what it allows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkPolicySpec {
    /// The pods; all of the namespace where it is empty.
    #[serde(deserialize_with = "nullable")]
    pub pod_selector: LabelSelector,
    /// `Ingress`, `Egress`; `Ingress` where it is unset.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub policy_types: Vec<String>,
    /// What may come in.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub ingress: Vec<NetworkRule>,
}

/// What a rule allows; everything where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkRule {
    /// From where.
    #[serde(deserialize_with = "any", skip_serializing_if = "is_false")]
    pub from: bool,
    /// To which ports.
    #[serde(deserialize_with = "any", skip_serializing_if = "is_false")]
    pub ports: bool,
}

/// A `CiliumNetworkPolicy` or `CiliumClusterwideNetworkPolicy`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CiliumPolicy {
    /// Its name and namespace.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
    /// A rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spec: Option<CiliumRule>,
    /// More rules.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub specs: Vec<CiliumRule>,
}

/// A rule of Cilium.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CiliumRule {
    /// The pods; unset where the rule is for nodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint_selector: Option<LabelSelector>,
    /// What may come in. A list, even an empty one, denies the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingress: Option<Vec<CiliumIngress>>,
    /// What may not come in.
    #[serde(deserialize_with = "any", skip_serializing_if = "is_false")]
    pub ingress_deny: bool,
    /// Whether the rest is denied.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_unset")]
    pub enable_default_deny: DefaultDeny,
}

/// What a rule of Cilium lets in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CiliumIngress {
    /// `all`, `world`, `cluster`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub from_entities: Vec<String>,
    /// To which ports.
    #[serde(deserialize_with = "any", skip_serializing_if = "is_false")]
    pub to_ports: bool,
}

/// Whether a rule of Cilium denies what it does not allow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DefaultDeny {
    /// Of what comes in; unset is true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingress: Option<bool>,
}

/// Calico's `NetworkPolicy` or `GlobalNetworkPolicy`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CalicoPolicy {
    /// Its name and namespace.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
    /// Which pods it is for, and what it allows.
    #[serde(deserialize_with = "nullable")]
    pub spec: CalicoPolicySpec,
}

/// Which pods a policy of Calico is for, and what it allows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CalicoPolicySpec {
    /// The pods; all where it is empty.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub selector: String,
    /// The namespaces of a global policy; all where it is empty.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub namespace_selector: String,
    /// The service accounts; all where it is empty.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub service_account_selector: String,
    /// `Ingress`, `Egress`; `Ingress` where it is unset and nothing is said of what goes out.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
    /// What may come in.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub ingress: Vec<CalicoRule>,
    /// Whether anything is said of what goes out.
    #[serde(deserialize_with = "any", skip_serializing_if = "is_false")]
    pub egress: bool,
    /// Whether the policy is for nodes alone.
    #[serde(rename = "preDNAT", deserialize_with = "nullable", skip_serializing_if = "is_false")]
    pub pre_dnat: bool,
    /// Whether the policy is for nodes alone.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_false")]
    pub do_not_track: bool,
}

/// A rule of Calico.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CalicoRule {
    /// `Allow`, `Deny`, `Log`, `Pass`.
    #[serde(deserialize_with = "nullable")]
    pub action: String,
    /// Whether it is for some traffic only.
    #[serde(deserialize_with = "any", skip_serializing_if = "is_false")]
    pub source: bool,
    /// Whether it is for some traffic only.
    #[serde(deserialize_with = "any", skip_serializing_if = "is_false")]
    pub destination: bool,
    /// Whether it is for some traffic only.
    #[serde(deserialize_with = "any", skip_serializing_if = "is_false")]
    pub protocol: bool,
}

/// Whether a field says anything: whatever is not empty. It is written as `true`, which is read back the same.
fn any<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => false,
        Value::Bool(value) => value,
        Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    })
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_unset(value: &DefaultDeny) -> bool {
    value.ingress.is_none()
}
