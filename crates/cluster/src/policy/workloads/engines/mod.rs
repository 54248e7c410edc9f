//! Policy engines' policies: whether they reject pods or only report them.

mod gatekeeper;
mod kyverno;

pub use gatekeeper::{
    Constraint, ConstraintKinds, ConstraintMatch, ConstraintSpec, EnforcementPoint, ScopedEnforcementAction,
};
pub use kyverno::{
    Evaluation, EvaluationOfRequests, KyvernoFilter, KyvernoMatch, KyvernoOverride, KyvernoPolicy, KyvernoResources,
    KyvernoRule, KyvernoSpec, KyvernoValidation, ValidatingPolicy, ValidatingPolicySpec,
};

use std::collections::BTreeMap;

use probe::Reason;

use crate::Listed;

/// The policies of those engines whose webhooks reject nothing without policies.
#[derive(Debug, Clone, Default)]
pub struct Engines {
    /// Kyverno's policies; `None` if they were not listed.
    pub kyverno: Option<Kyverno>,
    /// Gatekeeper's constraints, of all kinds in `constraints.gatekeeper.sh`; `None` if they were not listed.
    pub gatekeeper: Option<Listed<Constraint>>,
}

/// Kyverno's policies.
#[derive(Debug, Clone, Default)]
pub struct Kyverno {
    /// `clusterpolicies.kyverno.io` and `policies.kyverno.io`.
    pub policies: Listed<KyvernoPolicy>,
    /// `validatingpolicies` and `namespacedvalidatingpolicies` of `policies.kyverno.io`.
    pub validating: Listed<ValidatingPolicy>,
}

/// Whether an engine rejects pods in a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rejects<'a> {
    /// A policy does.
    Yes,
    /// No policy does.
    No,
    /// Its policies were not listed.
    Uninspected,
    /// Not all policies were listed.
    Unknown(&'a Reason),
}

impl Engines {
    /// Whether the engine with this name rejects pods in a namespace with these labels.
    pub(super) fn rejects(&self, engine: &str, namespace: &str, labels: &BTreeMap<&str, &str>) -> Rejects<'_> {
        let (any, missing) = match engine {
            "Kyverno" => {
                let Some(Kyverno { policies, validating }) = &self.kyverno else { return Rejects::Uninspected };
                let any = policies.items.iter().any(|policy| policy.rejects_pods_of(namespace, labels))
                    || validating.items.iter().any(|policy| policy.rejects_pods_of(namespace, labels));
                (any, policies.missing.as_ref().or(validating.missing.as_ref()))
            }
            "Gatekeeper" => {
                let Some(constraints) = &self.gatekeeper else { return Rejects::Uninspected };
                let any = constraints.items.iter().any(|constraint| constraint.rejects_pods_of(namespace, labels));
                (any, constraints.missing.as_ref())
            }
            _ => return Rejects::Uninspected,
        };
        match missing {
            _ if any => Rejects::Yes,
            Some(reason) => Rejects::Unknown(reason),
            None => Rejects::No,
        }
    }
}
