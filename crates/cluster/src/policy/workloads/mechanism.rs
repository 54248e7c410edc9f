//! Policy mechanisms of namespaces.

use std::collections::BTreeMap;

use super::admission::Gate;
use super::engines::Rejects;
use super::evidence::Evidence;
use super::lists::Namespace;
use super::verdict::{Verdict, seen};
use crate::pods::standard::Level;
use crate::policy::{Judgement, Seen};

/// Key of the control that [`policy_mechanism`] judges.
pub(super) const POLICY_MECHANISM: &str = "pod-security/policy-mechanism";

/// Each user namespace enforces a level of Pod Security, or a policy or policy engine covers its pods.
pub(super) fn policy_mechanism(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::new(POLICY_MECHANISM, evidence);
    let admission = evidence.admission;
    let unseen = [&admission.policies.missing, &admission.bindings.missing, &admission.webhooks.missing]
        .into_iter()
        .flatten()
        .next();
    let gates: Vec<Gate<'_>> = admission.gates().collect();
    let mut guards: BTreeMap<usize, bool> = BTreeMap::new();
    for namespace in users(evidence) {
        if effective(evidence, namespace).is_some_and(|level| level >= Level::Baseline) {
            continue;
        }
        let labels = namespace.labels();
        let (mut guarded, mut unseen) = (false, unseen);
        for (index, gate) in gates.iter().enumerate() {
            match gate.rejects(&namespace.metadata.name, &labels) {
                Rejects::Yes => {
                    guarded = true;
                    guards.insert(index, true);
                }
                Rejects::Uninspected => {
                    guarded = true;
                    guards.entry(index).or_insert(false);
                }
                Rejects::Unknown(reason) => unseen = Some(reason),
                Rejects::No => {}
            }
        }
        match (guarded, unseen) {
            (true, _) => {}
            (false, Some(_)) => verdict.misses(unseen),
            (false, None) => {
                let found = labelled(evidence, namespace, "no admission policy or policy engine covers its pods");
                verdict.offends(found);
            }
        }
    }
    for (index, inspected) in guards {
        let gate = &gates[index];
        let inspected = if inspected { "" } else { " (its policies were not inspected)" };
        let fails_open = if gate.fails_open { "; failurePolicy: Ignore admits pods when it fails" } else { "" };
        verdict.notes(seen(
            gate.kind,
            "",
            gate.name,
            format!("{} validates new pods{inspected}{fails_open}", gate.engine),
        ));
    }
    verdict.misses(evidence.namespaces.missing.as_ref());
    verdict.judgement()
}

/// In strict mode, adds the user namespaces that enforce less than a level.
pub(super) fn enforces(verdict: &mut Verdict<'_>, evidence: &Evidence<'_>, level: Level) {
    if !evidence.settings.strict {
        return;
    }
    for namespace in users(evidence) {
        if effective(evidence, namespace).is_none_or(|enforced| enforced < level) {
            let found = labelled(evidence, namespace, &format!("expected {}", level.name()));
            verdict.offends(found);
        }
    }
    verdict.misses(evidence.namespaces.missing.as_ref());
}

fn users<'a>(evidence: &Evidence<'a>) -> impl Iterator<Item = &'a Namespace> {
    evidence.namespaces.items.iter().filter(|namespace| namespace.is_users())
}

fn effective(evidence: &Evidence<'_>, namespace: &Namespace) -> Option<Level> {
    namespace.enforced().or(evidence.settings.enforced)
}

fn labelled(evidence: &Evidence<'_>, namespace: &Namespace, rest: &str) -> Seen {
    let level = effective(evidence, namespace).map_or("not set", Level::name);
    seen("Namespace", "", &namespace.metadata.name, format!("pod-security.kubernetes.io/enforce: {level}, {rest}"))
}
