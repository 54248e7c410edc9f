//! Nodes as returned by the API, and the platform that they indicate.

use serde::{Deserialize, Serialize};

use crate::meta::Meta;
use crate::nullable::nullable;

/// A node, with the fields that identify it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Node {
    /// The metadata.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
    /// The specification.
    #[serde(deserialize_with = "nullable")]
    pub spec: NodeSpec,
    /// The status.
    #[serde(deserialize_with = "nullable")]
    pub status: NodeStatus,
}

/// The specification of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeSpec {
    /// The provider's machine ID, such as `aws:///eu-west-1a/i-0123`.
    #[serde(rename = "providerID", deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub provider_id: String,
}

/// The status of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeStatus {
    /// The addresses.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Address>,
    /// The versions.
    #[serde(deserialize_with = "nullable")]
    pub node_info: NodeInfo,
}

/// An address of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// The type: `InternalIP`, `ExternalIP`, `Hostname` and so on.
    #[serde(rename = "type", deserialize_with = "nullable")]
    pub kind: String,
    /// The address.
    #[serde(deserialize_with = "nullable")]
    pub address: String,
}

/// The versions on a node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeInfo {
    /// The kubelet's version, such as `v1.32.4-eks-abcdef`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub kubelet_version: String,
    /// The operating system, such as `Bottlerocket OS 1.30.0 (aws-k8s-1.32)`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub os_image: String,
}

/// The prefix of role labels.
const ROLE: &str = "node-role.kubernetes.io/";

impl Node {
    /// The roles, as `kubectl get nodes` shows them; `node` if there are none.
    pub fn roles(&self) -> Vec<&str> {
        let roles: Vec<&str> = self
            .metadata
            .labels
            .keys()
            .filter_map(|label| label.strip_prefix(ROLE))
            .filter(|role| !role.is_empty())
            .collect();
        if roles.is_empty() { vec!["node"] } else { roles }
    }

    /// The EC2 instance ID, such as `i-0123`; `None` for nodes elsewhere or on Fargate.
    pub fn instance(&self) -> Option<&str> {
        let machine = self.spec.provider_id.strip_prefix("aws://")?.rsplit('/').next()?;
        machine.starts_with("i-").then_some(machine)
    }

    /// Whether its labels mark it as a control plane node.
    pub fn is_control_plane(&self) -> bool {
        self.roles().iter().any(|role| matches!(*role, "control-plane" | "master" | "controlplane"))
    }

    /// The external addresses.
    pub fn external_addresses(&self) -> impl Iterator<Item = &str> {
        self.status
            .addresses
            .iter()
            .filter(|address| address.kind == "ExternalIP")
            .map(|address| address.address.as_str())
    }
}

/// The platform of a cluster, from its nodes, API server version and namespaces; `None` if unknown. The first match
/// wins: derived platforms are checked before those that they are based on.
pub fn distribution(
    nodes: &[Node],
    version: Option<&str>,
    has_namespace: impl Fn(&str) -> bool,
) -> Option<&'static str> {
    let versions =
        || version.into_iter().chain(nodes.iter().map(|node| node.status.node_info.kubelet_version.as_str()));
    let labelled =
        |prefix: &str| nodes.iter().any(|node| node.metadata.labels.keys().any(|label| label.starts_with(prefix)));
    let provided = |prefix: &str| nodes.iter().any(|node| node.spec.provider_id.starts_with(prefix));
    let image = |part: &str| nodes.iter().any(|node| node.status.node_info.os_image.contains(part));
    let built = |part: &str| versions().any(|version| version.contains(part));
    let facts: [(&'static str, bool); 14] = [
        (
            "eks-anywhere",
            has_namespace("eksa-system") || (built("-eks-") && !provided("aws:") && !labelled("eks.amazonaws.com/")),
        ),
        ("eks", labelled("eks.amazonaws.com/") || (built("-eks-") && provided("aws:"))),
        ("gke", labelled("cloud.google.com/gke-") || built("-gke.")),
        ("aks", labelled("kubernetes.azure.com/")),
        ("openshift", labelled("node.openshift.io/") || has_namespace("openshift-apiserver")),
        ("rke2", built("+rke2")),
        ("k3s", built("+k3s")),
        ("k0s", built("+k0s")),
        ("microk8s", labelled("microk8s.io/")),
        ("talos", image("Talos")),
        ("kind", provided("kind:")),
        ("minikube", labelled("minikube.k8s.io/")),
        ("kops", labelled("kops.k8s.io/")),
        ("kubeadm", has_namespace("kube-system") && labelled("node-role.kubernetes.io/control-plane")),
    ];
    facts.into_iter().find(|(_, fits)| *fits).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::{Node, distribution};

    fn node(json: &str) -> Node {
        serde_json::from_str(json).expect("a node")
    }

    #[test]
    fn roles_are_those_of_labels() {
        let table = [
            (r#"{"metadata":{"labels":null}}"#, vec!["node"]),
            (r#"{"metadata":{"labels":{"node-role.kubernetes.io/control-plane":""}}}"#, vec!["control-plane"]),
            (
                r#"{"metadata":{"labels":{"node-role.kubernetes.io/etcd":"","node-role.kubernetes.io/control-plane":""}}}"#,
                vec!["control-plane", "etcd"],
            ),
            (r#"{"metadata":{"labels":{"node-role.kubernetes.io/":""}},"status":null}"#, vec!["node"]),
        ];
        for (json, roles) in table {
            assert_eq!(node(json).roles(), roles, "{json}");
        }
    }

    #[test]
    fn a_cluster_shows_whose_it_is() {
        let plain = r#"{"metadata":{"labels":{"node-role.kubernetes.io/control-plane":""}}}"#;
        let table = [
            (plain, Some("v1.32.4"), "kube-system", Some("kubeadm")),
            (plain, Some("v1.32.4"), "", None),
            (plain, Some("v1.32.4-eks-abc"), "kube-system", Some("eks-anywhere")),
            (r#"{"spec":{"providerID":"aws:///a/i-1"}}"#, Some("v1.32.4-eks-abc"), "", Some("eks")),
            (r#"{"metadata":{"labels":{"eks.amazonaws.com/nodegroup":"a"}}}"#, None, "", Some("eks")),
            (
                r#"{"metadata":{"labels":{"eks.amazonaws.com/nodegroup":"a"}}}"#,
                None,
                "eksa-system",
                Some("eks-anywhere"),
            ),
            (r#"{"status":{"nodeInfo":{"kubeletVersion":"v1.32.3+k3s1"}}}"#, None, "", Some("k3s")),
            (r#"{"status":{"nodeInfo":{"kubeletVersion":"v1.32.3+rke2r1"}}}"#, None, "", Some("rke2")),
            (r#"{"status":{"nodeInfo":{"kubeletVersion":"v1.32.3-gke.100"}}}"#, None, "", Some("gke")),
            (r#"{"metadata":{"labels":{"kubernetes.azure.com/cluster":"a"}}}"#, None, "", Some("aks")),
            (r#"{"status":{"nodeInfo":{"osImage":"Talos (v1.9.0)"}}}"#, None, "", Some("talos")),
            (r#"{"spec":{"providerID":"kind://docker/kind/kind-control-plane"}}"#, None, "", Some("kind")),
        ];
        for (json, version, namespace, expected) in table {
            let found = distribution(&[node(json)], version, |name| name == namespace);
            assert_eq!(found, expected, "{json} {version:?} {namespace}");
        }
    }
}
