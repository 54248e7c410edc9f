//! Settings of the cluster that a node shows and the API does not.

use crate::collect::observations::Observations;
use crate::collect::{Access, PodSecurity};
use crate::component::{Reading, own, parse_boolean};
use crate::evaluate::Policies;
use probe::Reason;

/// Settings of the cluster that a node shows and the API does not.
#[derive(Debug, Clone, Default)]
pub struct NodeSettings {
    /// The node's name.
    pub name: String,
    /// The Pod Security admission configuration of each API server that runs on the node, or why it is unknown.
    pub pod_security: Vec<Result<PodSecurity, Reason>>,
    /// Whether pods of this node that set no seccomp profile get the container runtime's default.
    pub seccomp_default: bool,
    /// How the node can be reached: its SSH server, and how its API servers authorize requests.
    pub access: Access,
}

/// Judges controls by the objects of a cluster and by the settings that a node shows besides them.
pub trait BesideNode {
    /// Returns a judge with these settings. They count only if the node is known to belong to the cluster.
    fn beside<'c>(&'c self, node: &NodeSettings) -> Box<dyn Policies + 'c>;
}

/// The component that runs pods.
const KUBELET: &str = "kubelet";

impl NodeSettings {
    /// Collects the settings that the node of this name shows.
    pub(super) fn of(
        name: &str,
        pod_security: Vec<Result<PodSecurity, Reason>>,
        access: Access,
        observations: &Observations<'_>,
    ) -> Self {
        Self { name: name.to_owned(), pod_security, seccomp_default: has_seccomp_default(observations), access }
    }
}

/// Whether the kubelet is known to set `seccompDefault: true`.
fn has_seccomp_default(observations: &Observations<'_>) -> bool {
    let setting = own::SECCOMP.setting();
    let Some(component) = observations.library.components.get(KUBELET) else { return false };
    let kubelets = observations.of(KUBELET);
    let is_set = |reading: Reading| match reading {
        Reading::Set { given, .. } => parse_boolean(&given.text()) == Some(true),
        Reading::Unset(_) | Reading::Unknown(_) => false,
    };
    !kubelets.is_empty() && kubelets.iter().all(|kubelet| is_set(kubelet.read(&setting, component)))
}
