//! What a node shows of its cluster that the API does not.

use crate::collect::observations::Observations;
use crate::collect::{Access, PodSecurity};
use crate::component::{Reading, own, parse_boolean};
use crate::evaluate::Policies;
use probe::Reason;

/// What a node shows of its cluster that the API does not.
#[derive(Debug, Clone, Default)]
pub struct NodeSettings {
    /// The node's name.
    pub name: String,
    /// How each API server that runs on the node is configured for Pod Security admission, or why that is not known.
    pub pod_security: Vec<Result<PodSecurity, Reason>>,
    /// Whether pods of this node that set no seccomp profile have that of the container runtime.
    pub seccomp_default: bool,
    /// Who gets in, and by what requests are authorized.
    pub access: Access,
}

/// Who judges controls by the objects of a cluster, and by what a node shows beside them.
pub trait BesideNode {
    /// Who judges with these settings. They count only if the node is known to belong to the cluster.
    fn beside<'c>(&'c self, node: &NodeSettings) -> Box<dyn Policies + 'c>;
}

/// The component that runs pods.
const KUBELET: &str = "kubelet";

impl NodeSettings {
    /// What the node of this name shows.
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
