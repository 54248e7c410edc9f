//! The input of all EKS Anywhere controls.

use std::collections::BTreeSet;

use super::shipped::{Own, Shipped};
use super::support::Support;
use super::verdict::{Verdict, unknown};
use crate::balancers::Service;
use crate::eks_anywhere::{Cluster, Date, FluxSpec, Objects};
use crate::nodes::Node;
use crate::policy::workloads::{Namespace, WebhookConfiguration};
use crate::rbac::Rbac;
use crate::{ConfigMap, Listed, Resource};

/// The evidence about a cluster, and about the clusters that it manages.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The objects of EKS Anywhere, Cluster API and Flux.
    pub objects: &'a Objects,
    /// The cluster's RBAC.
    pub rbac: &'a Rbac,
    /// The nodes of this cluster.
    pub nodes: &'a Listed<Node>,
    /// The namespaces of this cluster.
    pub namespaces: &'a Listed<Namespace>,
    /// `services`.
    pub services: &'a Listed<Service>,
    /// `validatingwebhookconfigurations.admissionregistration.k8s.io`.
    pub validating: &'a Listed<WebhookConfiguration>,
    /// `configmaps`, including `kube-system/aws-auth`.
    pub config_maps: &'a Listed<ConfigMap>,
    /// What EKS Anywhere ships.
    pub shipped: &'a Shipped,
    /// The versions that EKS Anywhere supports, and until when.
    pub support: &'a Support,
    /// The date of the run.
    pub today: Date,
}

/// What to do about a cluster whose specification is not available.
const ASK: &str = "not in this cluster (check the management cluster, which has the specification of each cluster)";

impl<'a> Evidence<'a> {
    /// The EKS Anywhere clusters. If there are none, the management cluster must be checked.
    pub(super) fn clusters(&self, verdict: &mut Verdict) -> &'a [Cluster] {
        let clusters = &self.objects.clusters;
        verdict.lacks(clusters);
        if clusters.items.is_empty() && clusters.missing.is_none() {
            verdict.misses(unknown(Resource::AnywhereClusters, ASK));
        }
        &clusters.items
    }

    /// The items of a list that every management cluster has. If it does not exist, the management cluster must be
    /// checked.
    pub(super) fn managed<T>(&self, verdict: &mut Verdict, resource: Resource, list: &'a Listed<T>) -> &'a [T] {
        verdict.lacks(list);
        if self.objects.absent.contains(&resource) {
            verdict.misses(unknown(resource, ASK));
        }
        &list.items
    }

    /// The namespaces that Flux runs in.
    pub(super) fn flux_namespaces(&self) -> BTreeSet<&'a str> {
        let configured: BTreeSet<&str> =
            self.objects.flux.items.iter().map(|config| FluxSpec::namespace(&config.spec)).collect();
        if configured.is_empty() { BTreeSet::from(["flux-system"]) } else { configured }
    }

    /// What EKS Anywhere ships for this cluster.
    pub(super) fn own(&self) -> Own<'a> {
        Own::new(self)
    }
}
