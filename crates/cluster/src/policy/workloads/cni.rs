//! Network plugins, recognized by their agents, and their support for network policies.

use crate::pods::{Container, NETWORK_POLICY_ARGUMENT, PodSpec};

/// A network plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is named in `name`")]
pub enum Cni {
    Antrea,
    AwsVpc,
    AwsVpcWithPolicies,
    AzureNpm,
    Calico,
    Cilium,
    Flannel,
    Kindnet,
    KubeNetworkPolicies,
    KubeOvn,
    KubeRouter,
    OpenShiftSdn,
    OvnKubernetes,
    Weave,
}

/// Plugins by the container name of the agent.
const AGENTS: [(&str, Cni); 15] = [
    ("antrea-agent", Cni::Antrea),
    ("aws-node", Cni::AwsVpc),
    ("azure-npm", Cni::AzureNpm),
    ("calico-node", Cni::Calico),
    ("cilium-agent", Cni::Cilium),
    ("kube-flannel", Cni::Flannel),
    ("kindnet-cni", Cni::Kindnet),
    ("kube-network-policies", Cni::KubeNetworkPolicies),
    ("cni-server", Cni::KubeOvn),
    ("kube-router", Cni::KubeRouter),
    ("sdn", Cni::OpenShiftSdn),
    ("ovnkube-controller", Cni::OvnKubernetes),
    ("ovnkube-node", Cni::OvnKubernetes),
    ("ovn-controller", Cni::OvnKubernetes),
    ("weave-npc", Cni::Weave),
];

impl Cni {
    /// The display name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Antrea => "Antrea",
            Self::AwsVpc => "Amazon VPC CNI without its network policy agent",
            Self::AwsVpcWithPolicies => "Amazon VPC CNI with --enable-network-policy=true",
            Self::AzureNpm => "Azure Network Policy Manager",
            Self::Calico => "Calico",
            Self::Cilium => "Cilium",
            Self::Flannel => "Flannel",
            Self::Kindnet => "kindnet",
            Self::KubeNetworkPolicies => "kube-network-policies",
            Self::KubeOvn => "Kube-OVN",
            Self::KubeRouter => "kube-router",
            Self::OpenShiftSdn => "OpenShift SDN",
            Self::OvnKubernetes => "OVN-Kubernetes",
            Self::Weave => "Weave Net",
        }
    }

    /// Whether it enforces network policies; `None` if that depends on its version.
    pub const fn enforces(self) -> Option<bool> {
        match self {
            Self::AwsVpc | Self::Flannel => Some(false),
            Self::Kindnet => None,
            _ => Some(true),
        }
    }
}

/// The network plugins that a pod belongs to. Since any container may have such a name, only `DaemonSet` pods on the
/// host network in a platform namespace count.
pub(super) fn recognise<'a>(
    namespace: &'a str,
    controller: Option<&'a str>,
    spec: &'a PodSpec,
) -> impl Iterator<Item = Cni> + 'a {
    let believed = controller == Some("DaemonSet") && spec.host_network && is_platform(namespace);
    spec.containers.iter().filter(move |_| believed).filter_map(move |container| {
        let cni = AGENTS.iter().find(|(name, _)| *name == container.name).map(|(_, cni)| *cni)?;
        let with_policies = cni == Cni::AwsVpc && spec.containers.iter().any(enforces);
        Some(if with_policies { Cni::AwsVpcWithPolicies } else { cni })
    })
}

fn enforces(container: &Container) -> bool {
    container.name == "aws-eks-nodeagent" && container.args.iter().any(|arg| arg == NETWORK_POLICY_ARGUMENT)
}

fn is_platform(namespace: &str) -> bool {
    namespace.starts_with("kube-")
        || namespace.starts_with("openshift-")
        || namespace.ends_with("-system")
        || matches!(namespace, "cilium" | "ovn-kubernetes")
}
