//! The namespace `default`.

use super::evidence::Evidence;
use super::summary::counted;
use super::verdict::{Verdict, seen};
use crate::policy::{Judgement, ObjectName};

/// The key of [`default_namespace`].
pub(super) const DEFAULT_NAMESPACE: &str = "workloads/default-namespace";

/// Objects that Kubernetes creates in the namespace, or in every one.
const OF_THE_SYSTEM: [(&str, &str); 5] = [
    ("Service", "kubernetes"),
    ("Endpoints", "kubernetes"),
    ("EndpointSlice", "kubernetes"),
    ("ConfigMap", "kube-root-ca.crt"),
    ("ServiceAccount", "default"),
];

/// Selects the user objects in the namespace `default`; objects are given by kind, namespace and name. Pods and
/// workloads are optional.
pub fn in_default<'o>(objects: impl IntoIterator<Item = (&'o str, &'o str, &'o str)>) -> Vec<ObjectName> {
    objects
        .into_iter()
        .filter(|(kind, namespace, name)| {
            *namespace == "default" && *kind != "Event" && !OF_THE_SYSTEM.contains(&(*kind, *name))
        })
        .map(|(kind, namespace, name)| ObjectName {
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        })
        .collect()
}

/// There are no user objects in the namespace `default`.
pub(super) fn default_namespace(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::new(DEFAULT_NAMESPACE, evidence);
    for (object, pods) in evidence.pods.objects("default") {
        let found = format!("in the default namespace, {}", counted(pods));
        verdict.offends(seen(&object.kind, "default", &object.name, found));
    }
    let of_pods = ["Pod", "ReplicaSet", "Job"];
    for object in &evidence.in_default.items {
        let told = of_pods.contains(&object.kind.as_str()) || evidence.pods.has(object);
        if !told {
            verdict.offends(seen(&object.kind, "default", &object.name, "in the default namespace"));
        }
    }
    verdict.misses(evidence.pods.gap());
    verdict.misses(evidence.in_default.missing.as_ref());
    verdict.judgement()
}
