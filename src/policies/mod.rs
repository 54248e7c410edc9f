//! The cluster part of a run: lists the objects of a cluster once, reduces them to what the controls need, and
//! evaluates the controls from that.
//!
//! The decisions are pure functions in the crate `cluster`. This module contains the lists that they need, the built-in
//! exemptions, and the conversion of judgements for the report.

mod beside;
mod by_aws;
mod evidence;
mod exemptions;
mod gather;
mod judge;

use std::collections::BTreeMap;

use cluster::eks_anywhere::{Date, Objects};
use cluster::nodes::Node;
use cluster::policy::eks::{Deployments, DisruptionBudget, PersistentVolume, StorageClass};
use cluster::policy::eks_anywhere::{Shipped, Support};
use cluster::policy::exempt_workload::WorkloadExemption;
use cluster::policy::exemption::Exemption;
use cluster::policy::workloads::{
    Admission, Balancers, Listed, Namespace, Networks, PlatformRegistries, PodSummary, ServiceAccount, images_of_users,
};
use cluster::policy::{self, ObjectName};
use cluster::rbac::Rbac;
use cluster::{About, Cluster, ConfigMap, Identities};
use definitions::benchmark::KubernetesVersion;
use model::{EksAnywhere, Notice};

use crate::run::SeenCluster;

pub use by_aws::SaidByAws;

/// Lists the RBAC objects of a cluster: roles, cluster roles and their bindings.
pub fn rights(cluster: &dyn Cluster) -> Rbac {
    gather::rbac(cluster)
}

/// Returns the built-in exemptions from a predicate, with reasons, one per line.
///
/// # Errors
///
/// If the exemptions cannot be read.
pub fn exemptions_from(predicate: &str) -> Result<Vec<String>, String> {
    exemptions::from(predicate)
}

/// The objects of a cluster, ready for evaluation. Evaluation does not query the cluster again.
pub struct Seen {
    about: About,
    distribution: Option<&'static str>,
    /// Its role in EKS Anywhere, if it is an EKS Anywhere cluster.
    standing: Option<EksAnywhere>,
    nodes: Listed<Node>,
    rbac: Rbac,
    pods: PodSummary,
    namespaces: Listed<Namespace>,
    accounts: Listed<ServiceAccount>,
    in_default: Listed<ObjectName>,
    admission: Admission,
    networks: Networks,
    custom_resources: Listed<String>,
    balancers: Balancers,
    /// The ARNs of the nodes' roles, as far as they are known.
    node_roles: Vec<String>,
    platform_registries: Vec<PlatformRegistries>,
    masters: Vec<policy::Seen>,
    config_maps: Listed<ConfigMap>,
    anywhere: Objects,
    shipped: &'static Shipped,
    support: &'static Support,
    today: Date,
    identities: Identities,
    deployments: Deployments,
    budgets: Listed<DisruptionBudget>,
    storage_classes: Listed<StorageClass>,
    volumes: Listed<PersistentVolume>,
    rights: Vec<Exemption>,
    workloads: Vec<WorkloadExemption>,
    critical_namespaces: Vec<String>,
}

impl Seen {
    /// Lists the objects that the controls need. `today` decides whether support has ended and certificates have
    /// expired.
    ///
    /// # Errors
    ///
    /// If the built-in exemptions cannot be read.
    pub fn of(cluster: &dyn Cluster, today: Date) -> Result<Self, String> {
        gather::seen(cluster, today)
    }

    /// Returns the source of the objects.
    pub fn source(&self) -> &str {
        &self.about.source
    }

    /// Returns the Kubernetes distribution, such as `eks`, if it is recognized.
    pub const fn distribution(&self) -> Option<&'static str> {
        self.distribution
    }

    /// Returns the version of the API server, or of the newest kubelet if the API server did not report one.
    pub fn version(&self) -> Option<KubernetesVersion> {
        let of_server = self.about.version.as_deref().and_then(minor);
        let kubelets = self.nodes.items.iter().filter_map(|node| minor(&node.status.node_info.kubelet_version));
        of_server.or_else(|| kubelets.max())
    }

    /// Returns the component that [`version`](Self::version) is taken from.
    pub fn version_evidence(&self) -> &'static str {
        match self.about.version.as_deref().and_then(minor) {
            Some(_) => "the API server",
            None => "the newest kubelet",
        }
    }

    /// Returns the EC2 instances of its nodes (`i-…`); `None` if not all nodes are known.
    pub fn instances(&self) -> Option<Vec<String>> {
        self.nodes
            .missing
            .is_none()
            .then(|| self.nodes.items.iter().filter_map(Node::instance).map(str::to_owned).collect())
    }

    /// Returns the images that its pods run, except those that the platform ships; `None` if not all are known.
    pub fn images(&self) -> Option<Vec<String>> {
        images_of_users(&self.pods, self.platform_registries.clone()).ok()
    }

    /// Whether the cluster has a node of this name; `None` if its nodes are not known.
    pub fn has_node(&self, name: &str) -> Option<bool> {
        let has = self.nodes.items.iter().any(|node| node.metadata.name == name);
        (has || self.nodes.missing.is_none()).then_some(has)
    }

    /// Returns the cluster in the form that a run expects.
    pub fn within(&self) -> SeenCluster<'_> {
        let notices = self.about.remarks.iter();
        SeenCluster {
            about: self.described(),
            policies: self,
            notices: notices.map(|remark| Notice::new("cluster", remark.clone())).collect(),
        }
    }

    fn described(&self) -> model::Cluster {
        let mut nodes: BTreeMap<String, usize> = BTreeMap::new();
        for role in self.nodes.items.iter().flat_map(Node::roles) {
            *nodes.entry(role.to_owned()).or_default() += 1;
        }
        let network = self.pods.network_plugins().into_iter().map(|cni| {
            let enforces = match cni.enforces() {
                Some(true) => "enforces network policies",
                Some(false) => "does not enforce network policies",
                None => "enforces network policies in newer versions",
            };
            format!("{}: {enforces}", cni.name())
        });
        model::Cluster {
            source: self.about.source.clone(),
            version: self.about.version.clone(),
            distribution: self.distribution.map(str::to_owned),
            eks_anywhere: self.standing.clone(),
            network: network.collect(),
            policy_engines: self.admission.engines().into_iter().map(str::to_owned).collect(),
            nodes,
        }
    }
}

/// Parses the minor version: `1.32` from `v1.32.4-eks-abcdef`.
fn minor(version: &str) -> Option<KubernetesVersion> {
    let mut parts = version.strip_prefix('v')?.split('.');
    let number = |text: &str| text.parse::<u16>().ok();
    Some(KubernetesVersion { major: number(parts.next()?)?, minor: number(parts.next()?)? })
}
