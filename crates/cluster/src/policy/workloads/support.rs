//! Network policy support of the network plugin.

use probe::{Cause, Reason};

use super::evidence::Evidence;
use super::network::network_policies;
use super::verdict::{Verdict, seen};
use crate::policy::{Judgement, Outcome, Seen};

/// The key of [`network_policies_enforced`].
pub(super) const POLICIES_ENFORCED: &str = "eks/network-policies-enforced";

/// The network plugin enforces network policies, and each user namespace with pods has one.
pub(super) fn network_policies_enforced(evidence: &Evidence<'_>) -> Judgement {
    let (support, policies) = (network_policy_support(evidence), network_policies(evidence));
    let sorted = |mut seen: Vec<Seen>| {
        seen.sort_unstable();
        seen
    };
    Judgement {
        outcome: match (support.outcome, policies.outcome) {
            (Outcome::Fail, _) | (_, Outcome::Fail) => Outcome::Fail,
            (Outcome::Unknown(reason), _) | (_, Outcome::Unknown(reason)) => Outcome::Unknown(reason),
            (one, _) => one,
        },
        offenders: sorted([support.offenders, policies.offenders].concat()),
        exempt: [support.exempt, policies.exempt].concat(),
        noted: sorted([support.noted, policies.noted].concat()),
    }
}

/// A network plugin enforces network policies. Unknown if no plugin is recognized.
pub(super) fn network_policy_support(evidence: &Evidence<'_>) -> Judgement {
    let plugins: Vec<_> = evidence.pods.plugins().collect();
    let is_any = |enforces| plugins.iter().any(|(cni, _)| cni.enforces() == enforces);
    let auto_mode = evidence.networks.auto_mode_enforces;
    let mut verdict = Verdict::default();
    if auto_mode {
        let found = "enable-network-policy-controller: \"true\"";
        verdict.notes(seen("ConfigMap", "kube-system", "amazon-vpc-cni", found));
    }
    let unknown = |detail| Outcome::Unknown(Reason::new(Cause::NotRecorded, "network plugin", detail));
    let outcome = if auto_mode || is_any(Some(true)) {
        Outcome::Pass
    } else if let Some(gap) = evidence.pods.gap() {
        Outcome::Unknown(gap.clone())
    } else if is_any(None) {
        unknown("kindnet enforces NetworkPolicies only in newer versions (test one)")
    } else if plugins.is_empty() {
        unknown("not recognized (test whether a NetworkPolicy is enforced)")
    } else {
        Outcome::Fail
    };
    for (cni, object) in plugins {
        let plugin = |found: &str| seen(&object.kind, &object.namespace, &object.name, found);
        if outcome == Outcome::Fail {
            verdict.offends(plugin(&format!("{}: does not enforce network policies", cni.name())));
        } else {
            verdict.notes(plugin(cni.name()));
        }
    }
    verdict.with(outcome)
}
