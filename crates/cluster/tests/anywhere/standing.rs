//! Whether a cluster manages clusters, and the evidence for it.

use cluster::eks_anywhere::{Cluster, Objects, Provider, Role};
use cluster::nodes::Node;
use cluster::{Listed, Resource};

use crate::anywhere::world::World;

/// A self-managed cluster and a cluster that it manages.
const MANAGED: &str = "
apiVersion: anywhere.eks.amazonaws.com/v1alpha1
kind: Cluster
metadata: {name: mgmt, namespace: default}
spec:
  eksaVersion: v0.26.1
  managementCluster: {name: mgmt}
  datacenterRef: {kind: NutanixDatacenterConfig, name: mgmt}
---
apiVersion: anywhere.eks.amazonaws.com/v1alpha1
kind: Cluster
metadata: {name: prod, namespace: default}
spec:
  eksaVersion: v0.25.3
  managementCluster: {name: mgmt}
  datacenterRef: {kind: VSphereDatacenterConfig, name: prod}
---
apiVersion: anywhere.eks.amazonaws.com/v1alpha1
kind: EKSARelease
metadata: {name: eksa-v0-26-1, namespace: eksa-system}
spec: {version: v0.26.1, bundlesRef: {name: bundles-101}}
---
apiVersion: anywhere.eks.amazonaws.com/v1alpha1
kind: Bundles
metadata: {name: bundles-101, namespace: eksa-system}
spec: {}
";

fn nodes(ids: &[&str]) -> Listed<Node> {
    let node = |id: &&str| serde_json::from_str(&format!(r#"{{"spec":{{"providerID":"{id}"}}}}"#)).expect("a node");
    Listed { items: ids.iter().map(node).collect(), missing: None }
}

#[test]
fn a_management_cluster_is_known_by_its_own_specification() {
    let objects = Objects::of(&World::new(MANAGED));
    let standing = objects.standing(&nodes(&[]), |_| false);
    assert_eq!(standing.role, Role::Management);
    assert_eq!(standing.evidence, "Cluster default/mgmt is managed by no other cluster");
    assert_eq!(standing.own.map(Cluster::name), Some("mgmt"));
    assert_eq!(standing.own.map(|own| own.spec.eksa_version.as_str()), Some("v0.26.1"));
    assert_eq!(standing.bundles.map(|bundles| bundles.metadata.name.as_str()), Some("bundles-101"));
    assert_eq!(standing.provider, Some(Provider::Nutanix));
    assert_eq!(standing.manages.iter().map(|cluster| cluster.name()).collect::<Vec<_>>(), ["prod"]);
}

#[test]
fn one_whose_own_specification_is_not_seen_manages_all_the_same() {
    let (_, others) = MANAGED.split_once("---").expect("documents");
    let objects = Objects::of(&World::new(others));
    let standing = objects.standing(&nodes(&["vsphere://4210"]), |_| false);
    assert_eq!(standing.role, Role::Management);
    assert_eq!(standing.evidence, "it has the specification of Cluster default/prod");
    assert_eq!((standing.own, standing.bundles), (None, None));
    assert_eq!(standing.provider, Some(Provider::VSphere));
}

#[test]
fn a_workload_cluster_has_no_specification_of_any() {
    let world = World::of_workloads("{}");
    let objects = Objects::of(&world);
    let table = [
        (&["vsphere://4210", "vsphere://4211"][..], Some(Provider::VSphere)),
        (&["tinkerbell://eksa-system/worker-1"][..], Some(Provider::Tinkerbell)),
        (&["vsphere://4210", "nutanix://a"][..], None),
        (&["", "aws:///eu-central-1a/i-1"][..], None),
    ];
    for (ids, provider) in table {
        let standing = objects.standing(&nodes(ids), |_| false);
        assert_eq!(standing.role, Role::Workload);
        assert_eq!(standing.evidence, "it has no clusters.anywhere.eks.amazonaws.com");
        assert_eq!(standing.provider, provider, "{ids:?}");
    }
}

#[test]
fn what_is_not_seen_makes_no_workload_cluster() {
    let refused = World::new(MANAGED).without(&[Resource::AnywhereClusters]);
    let objects = Objects::of(&refused);
    let standing = objects.standing(&nodes(&[]), |_| false);
    assert!(matches!(standing.role, Role::Unknown(_)), "{:?}", standing.role);
    assert!(standing.evidence.contains("forbidden for auditor"), "{}", standing.evidence);
    // The controllers run only in management clusters.
    let world = World::of_workloads("{}");
    let objects = Objects::of(&world);
    let standing = objects.standing(&nodes(&[]), |name| name == "capi-system");
    assert!(matches!(standing.role, Role::Unknown(_)), "{:?}", standing.role);
    assert!(standing.evidence.contains("the namespace capi-system is there"), "{}", standing.evidence);
}
