//! How Deployments are updated, and the disruption budgets of their pods.

use std::collections::BTreeMap;

use probe::Reason;
use serde::{Deserialize, Serialize};

use super::{Evidence, judged, seen};
use crate::nullable::nullable;
use crate::pods::{Amount, Workload};
use crate::policy::{Judgement, Outcome};
use crate::{LabelSelector, Meta};

/// The relevant fields of Deployments with several replicas.
#[derive(Debug, Clone, Default)]
pub struct Deployments {
    /// How an update stops all replicas at once, by namespace and name, if it does.
    at_once: BTreeMap<(String, String), String>,
    /// The labels of the pods, by namespace and name.
    labels: BTreeMap<(String, String), BTreeMap<String, String>>,
    missing: Option<Reason>,
}

impl Deployments {
    /// Adds a Deployment.
    pub fn see(&mut self, workload: &Workload) {
        let replicas = i64::from(workload.spec.replicas.unwrap_or(1));
        if replicas < 2 {
            return;
        }
        let Workload { metadata, spec, .. } = workload;
        let key = (metadata.namespace.clone(), metadata.name.clone());
        if let Some(how) = at_once(workload, replicas) {
            self.at_once.insert(key.clone(), how);
        }
        self.labels.insert(key, spec.template.metadata.labels.clone());
    }

    /// Discards all Deployments, since their list restarts.
    pub fn forget(&mut self) {
        self.at_once.clear();
        self.labels.clear();
    }

    /// Records that some Deployments are missing.
    pub fn miss(&mut self, reason: Reason) {
        self.missing.get_or_insert(reason);
    }
}

/// How an update of a Deployment stops all replicas at once; `None` if it does not.
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

/// No update stops all replicas of a Deployment at once.
pub(super) fn rolling_updates(evidence: &Evidence<'_>) -> Judgement {
    let Deployments { at_once, missing, .. } = evidence.deployments;
    let offenders = at_once.iter().map(|((namespace, name), how)| seen("Deployment", namespace, name, how.as_str()));
    judged(offenders.collect(), Vec::new(), missing.as_ref())
}

/// A `PodDisruptionBudget`: the pods it covers, and how many stay available.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DisruptionBudget {
    /// The name and namespace.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
    /// The pods, and how many stay available.
    #[serde(deserialize_with = "nullable")]
    pub spec: BudgetSpec,
}

/// The specification of a budget.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BudgetSpec {
    /// The pods; no selector means none, an empty one all in the namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<LabelSelector>,
    /// The pods that must stay available.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_available: Option<Amount>,
    /// The pods that may become unavailable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_unavailable: Option<Amount>,
}

impl BudgetSpec {
    /// Whether the budget keeps some of these pods available.
    fn keeps(&self, labels: &BTreeMap<String, String>) -> bool {
        let is_share = |amount: &Amount, of: &str| matches!(amount, Amount::Share(share) if share == of);
        let allows_all = match (&self.min_available, &self.max_unavailable) {
            (Some(least), _) => *least == Amount::Number(0) || is_share(least, "0%"),
            (None, Some(most)) => is_share(most, "100%"),
            (None, None) => true,
        };
        !allows_all && self.selector.as_ref().is_some_and(|selector| selector.selects(labels))
    }
}

/// Each Deployment with several replicas has a budget that keeps some of its pods. Without one, the control is manual.
pub(super) fn disruption_budgets(evidence: &Evidence<'_>) -> Judgement {
    let Deployments { labels, missing, .. } = evidence.deployments;
    let mut budgets: BTreeMap<&str, Vec<&BudgetSpec>> = BTreeMap::new();
    for budget in &evidence.budgets.items {
        budgets.entry(&budget.metadata.namespace).or_default().push(&budget.spec);
    }
    let mut noted = Vec::new();
    for ((namespace, name), labels) in labels {
        let of_namespace = budgets.get(namespace.as_str());
        if !of_namespace.is_some_and(|budgets| budgets.iter().any(|budget| budget.keeps(labels))) {
            noted.push(seen("Deployment", namespace, name, "no PodDisruptionBudget keeps any of its pods"));
        }
    }
    let weighs = !noted.is_empty();
    // Unlisted budgets matter only for Deployments without a listed one.
    let unseen = evidence.budgets.missing.as_ref().filter(|_| weighs);
    let judgement = judged(Vec::new(), noted, missing.as_ref().or(unseen));
    if judgement.outcome == Outcome::Pass && weighs {
        return Judgement { outcome: Outcome::Manual, ..judgement };
    }
    judgement
}
