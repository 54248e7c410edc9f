//! How Deployments are updated.

use std::collections::BTreeMap;

use probe::Reason;

use super::{Evidence, judged, seen};
use crate::pods::{Amount, Workload};
use crate::policy::Judgement;

/// What is looked at of Deployments with several replicas.
#[derive(Debug, Clone, Default)]
pub struct Deployments {
    /// By namespace and name: how all replicas are stopped at once, where they are.
    at_once: BTreeMap<(String, String), String>,
    missing: Option<Reason>,
}

impl Deployments {
    /// Adds a Deployment.
    pub fn see(&mut self, workload: &Workload) {
        let replicas = i64::from(workload.spec.replicas.unwrap_or(1));
        if replicas < 2 {
            return;
        }
        if let Some(how) = at_once(workload, replicas) {
            let Workload { metadata, .. } = workload;
            self.at_once.insert((metadata.namespace.clone(), metadata.name.clone()), how);
        }
    }

    /// Forgets all, where their list begins anew.
    pub fn forget(&mut self) {
        self.at_once.clear();
    }

    /// Notes that some were not seen.
    pub fn miss(&mut self, reason: Reason) {
        self.missing.get_or_insert(reason);
    }
}

/// How an update stops all replicas at once.
fn at_once(workload: &Workload, replicas: i64) -> Option<String> {
    let strategy = &workload.spec.strategy;
    if strategy.kind == "Recreate" {
        return Some(format!("strategy: Recreate, with {replicas} replicas"));
    }
    let (all, shown) = match strategy.rolling_update.max_unavailable.as_ref()? {
        Amount::Number(number) => (*number >= replicas, number.to_string()),
        Amount::Share(share) => {
            let number = share.strip_suffix('%').and_then(|number| number.parse::<u64>().ok());
            (number.is_some_and(|number| number >= 100), share.clone())
        }
    };
    all.then(|| format!("maxUnavailable: {shown}, with {replicas} replicas"))
}

/// No update of a Deployment stops all of its replicas at once.
pub(super) fn rolling_updates(evidence: &Evidence<'_>) -> Judgement {
    let Deployments { at_once, missing } = evidence.deployments;
    let offenders = at_once.iter().map(|((namespace, name), how)| seen("Deployment", namespace, name, how.as_str()));
    judged(offenders.collect(), Vec::new(), missing.as_ref())
}
