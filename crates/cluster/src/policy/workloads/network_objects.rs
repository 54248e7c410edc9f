//! Network policies of Kubernetes, Cilium and Calico.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Listed;
use crate::Meta;
use crate::nullable::nullable;
use crate::selector::LabelSelector;

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
    /// Whether the VPC CNI of EKS Auto Mode enforces network policies (`enable-network-policy-controller: "true"` in
    /// the `ConfigMap` `kube-system/amazon-vpc-cni`).
    pub auto_mode_enforces: bool,
}

/// A `NetworkPolicy`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkPolicy {
    /// The name and namespace.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
    /// The specification.
    #[serde(deserialize_with = "nullable")]
    pub spec: NetworkPolicySpec,
}

/// The specification of a `NetworkPolicy`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkPolicySpec {
    /// The pods; empty selects all in the namespace.
    #[serde(deserialize_with = "nullable")]
    pub pod_selector: LabelSelector,
    /// The policy types: `Ingress` and `Egress`; unset includes `Ingress`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub policy_types: Vec<String>,
    /// Ingress rules.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub ingress: Vec<NetworkRule>,
}

/// An ingress rule; an empty one allows all traffic.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkRule {
    /// Whether it is limited to some sources.
    #[serde(deserialize_with = "any", skip_serializing_if = "is_false")]
    pub from: bool,
    /// Whether it is limited to some ports.
    #[serde(deserialize_with = "any", skip_serializing_if = "is_false")]
    pub ports: bool,
}

/// A `CiliumNetworkPolicy` or `CiliumClusterwideNetworkPolicy`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CiliumPolicy {
    /// The name and namespace.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
    /// A rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spec: Option<CiliumRule>,
    /// Further rules.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub specs: Vec<CiliumRule>,
}

/// A Cilium rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CiliumRule {
    /// The pods; unset in a rule for nodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint_selector: Option<LabelSelector>,
    /// Ingress rules. Any list, even an empty one, denies all other ingress.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingress: Option<Vec<CiliumIngress>>,
    /// Whether ingress is denied explicitly.
    #[serde(deserialize_with = "any", skip_serializing_if = "is_false")]
    pub ingress_deny: bool,
    /// Whether traffic without a matching rule is denied.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_unset")]
    pub enable_default_deny: DefaultDeny,
}

/// A Cilium ingress rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CiliumIngress {
    /// The source entities, such as `all`, `world` or `cluster`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub from_entities: Vec<String>,
    /// Whether it is limited to some ports.
    #[serde(deserialize_with = "any", skip_serializing_if = "is_false")]
    pub to_ports: bool,
}

/// Whether a Cilium rule denies traffic that it does not match.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DefaultDeny {
    /// For ingress; unset means true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingress: Option<bool>,
}

/// Calico's `NetworkPolicy` or `GlobalNetworkPolicy`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CalicoPolicy {
    /// The name and namespace.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
    /// The specification.
    #[serde(deserialize_with = "nullable")]
    pub spec: CalicoPolicySpec,
}

/// The specification of a Calico policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CalicoPolicySpec {
    /// The pods; empty selects all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub selector: String,
    /// The namespaces of a global policy; empty selects all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub namespace_selector: String,
    /// The service accounts; empty selects all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub service_account_selector: String,
    /// The policy types: `Ingress` and `Egress`; if unset, derived from the rules.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
    /// Ingress rules.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub ingress: Vec<CalicoRule>,
    /// Whether there are egress rules.
    #[serde(deserialize_with = "any", skip_serializing_if = "is_false")]
    pub egress: bool,
    /// Whether it applies to nodes only.
    #[serde(rename = "preDNAT", deserialize_with = "nullable", skip_serializing_if = "is_false")]
    pub pre_dnat: bool,
    /// Whether it applies to nodes only.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_false")]
    pub do_not_track: bool,
}

/// A Calico rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CalicoRule {
    /// The action: `Allow`, `Deny`, `Log` or `Pass`.
    #[serde(deserialize_with = "nullable")]
    pub action: String,
    /// Whether it is limited to some traffic.
    #[serde(deserialize_with = "any", skip_serializing_if = "is_false")]
    pub source: bool,
    /// Whether it is limited to some traffic.
    #[serde(deserialize_with = "any", skip_serializing_if = "is_false")]
    pub destination: bool,
    /// Whether it is limited to some traffic.
    #[serde(deserialize_with = "any", skip_serializing_if = "is_false")]
    pub protocol: bool,
}

/// Whether a field is set and not empty. Serialized as `true`, which parses to the same.
pub(super) fn any<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
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
