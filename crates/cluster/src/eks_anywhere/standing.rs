//! The role of a cluster in EKS Anywhere: management or workload cluster.

use probe::{Cause, Reason};

use super::spec::{Cluster, Provider};
use super::{Bundles, Objects};
use crate::nodes::Node;
use crate::{Listed, Resource};

/// Namespaces that exist only in management clusters: those of the EKS Anywhere and Cluster API controllers.
const OF_CONTROLLERS: [&str; 2] = ["capi-system", "capi-kubeadm-control-plane-system"];

/// The role of a cluster in EKS Anywhere, and what is known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing<'a> {
    /// Whether it manages clusters.
    pub role: Role,
    /// The evidence for the role.
    pub evidence: String,
    /// Its own specification, if listed.
    pub own: Option<&'a Cluster>,
    /// The bundle of its components, if listed.
    pub bundles: Option<&'a Bundles>,
    /// The provider of its machines, if known.
    pub provider: Option<Provider>,
    /// The specifications of the other clusters in it.
    pub manages: Vec<&'a Cluster>,
}

/// Whether a cluster manages clusters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// It contains the specifications of clusters, including its own.
    Management,
    /// Its specification is in another cluster.
    Workload,
    /// The role is unknown, for this reason.
    Unknown(Reason),
}

impl Objects {
    /// The role of this cluster, which must be known to be an EKS Anywhere cluster.
    pub fn standing<'a>(&'a self, nodes: &Listed<Node>, has_namespace: impl Fn(&str) -> bool) -> Standing<'a> {
        let clusters = &self.clusters;
        let own = match clusters.items.iter().filter(|cluster| cluster.is_management()).collect::<Vec<_>>()[..] {
            [only] => Some(only),
            _ => None,
        };
        let (role, evidence) = if let Some(own) = own {
            (Role::Management, format!("{} is managed by no other cluster", own.object()))
        } else if let Some(first) = clusters.items.first() {
            (Role::Management, format!("it has the specification of {}", first.object()))
        } else if let Some(reason) = &clusters.missing {
            (Role::Unknown(reason.clone()), reason.to_string())
        } else if let Some(namespace) = OF_CONTROLLERS.into_iter().find(|name| has_namespace(name)) {
            let detail = format!("not seen, though the namespace {namespace} is there (add their list)");
            let reason = Reason::new(Cause::NotRecorded, Resource::AnywhereClusters, detail);
            (Role::Unknown(reason.clone()), reason.to_string())
        } else {
            (Role::Workload, format!("it has no {}", Resource::AnywhereClusters))
        };
        Standing {
            role,
            evidence,
            own,
            bundles: own.and_then(|own| self.bundles_of(own)),
            provider: own.and_then(Cluster::provider).or_else(|| of_machines(&nodes.items)),
            manages: clusters.items.iter().filter(|cluster| !cluster.is_management()).collect(),
        }
    }

    /// The bundle of a cluster, found by its version or by name.
    pub fn bundles_of(&self, cluster: &Cluster) -> Option<&Bundles> {
        let version = &cluster.spec.eksa_version;
        let release =
            self.releases.items.iter().find(|release| !version.is_empty() && release.spec.version == *version);
        let name = release.map(|release| release.spec.bundles_ref.name.as_str()).filter(|name| !name.is_empty());
        let name = name.or(Some(cluster.spec.bundles_ref.name.as_str())).filter(|name| !name.is_empty())?;
        self.bundles.items.iter().find(|bundles| bundles.metadata.name == name)
    }
}

/// The provider of the nodes' machines, if all nodes that indicate one agree.
fn of_machines(nodes: &[Node]) -> Option<Provider> {
    let mut said = nodes.iter().filter_map(|node| Provider::of_machine(&node.spec.provider_id));
    let first = said.next()?;
    said.all(|other| other == first).then_some(first)
}
