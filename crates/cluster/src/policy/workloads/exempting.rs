//! The exemptions from one control.

use std::collections::HashMap;

use super::evidence::Evidence;
use crate::policy::ObjectName;
use crate::policy::exempt_workload::WorkloadExemption;

/// The exemptions from one control, by namespace.
#[derive(Debug, Default)]
pub(super) struct Exempting<'e> {
    by_namespace: HashMap<&'e str, Vec<&'e WorkloadExemption>>,
    by_pattern: Vec<&'e WorkloadExemption>,
    /// Whether owners of `ReplicaSets` may be missing from the lists.
    without_owners: bool,
}

impl<'e> Exempting<'e> {
    /// The exemptions from a control.
    pub(super) fn new(control: &str, evidence: &Evidence<'e>) -> Self {
        let mut all = Self { without_owners: evidence.pods.gap().is_some(), ..Self::default() };
        for exemption in evidence.exemptions.iter().filter(|exemption| exemption.is_from(control)) {
            if exemption.namespace.ends_with('*') {
                all.by_pattern.push(exemption);
            } else {
                all.by_namespace.entry(&exemption.namespace).or_default().push(exemption);
            }
        }
        all
    }

    /// The exemption of an object, if any. A `ReplicaSet` whose owner may be missing is also exempt as the
    /// `Deployment` that its name derives from.
    pub(super) fn of(&self, object: &ObjectName) -> Option<&'e WorkloadExemption> {
        let found = self.exactly(object);
        let deployment = || {
            let (name, _) =
                object.name.rsplit_once('-').filter(|_| object.kind == "ReplicaSet" && self.without_owners)?;
            self.exactly(&ObjectName { kind: "Deployment".to_owned(), name: name.to_owned(), ..object.clone() })
        };
        found.or_else(deployment)
    }

    fn exactly(&self, object: &ObjectName) -> Option<&'e WorkloadExemption> {
        let of_namespace = self.by_namespace.get(object.namespace.as_str()).into_iter().flatten();
        of_namespace.chain(&self.by_pattern).find(|exemption| exemption.is_of(object)).copied()
    }
}
