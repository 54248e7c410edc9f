//! Pod policy mechanisms of namespaces.

use std::collections::BTreeMap;

use super::admission::Gate;
use super::engines::Rejects;
use super::evidence::Evidence;
use super::lists::Namespace;
use super::pod_security::Enforces;
use super::verdict::{Verdict, seen};
use crate::pods::standard::Level;
use crate::policy::{Judgement, Seen};

/// The key of [`policy_mechanism`].
pub(super) const POLICY_MECHANISM: &str = "pod-security/policy-mechanism";

/// Each user namespace enforces a Pod Security level, or a policy or policy engine covers its pods.
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
        let (found, mut unseen) = match evidence.node.pod_security.enforces(namespace, Level::Baseline) {
            Enforces::Yes => continue,
            Enforces::No(found) => (found, unseen),
            Enforces::Unknown(reason) => (String::new(), Some(reason)),
        };
        let labels = namespace.labels();
        let mut guarded = false;
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
                verdict.offends(labelled(namespace, &found, "no admission policy or policy engine covers its pods"));
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
    describe(&mut verdict, evidence);
    verdict.misses(evidence.namespaces.missing.as_ref());
    verdict.judgement()
}

/// In strict mode, adds the user namespaces that enforce less than this level.
pub(super) fn enforces(verdict: &mut Verdict<'_>, evidence: &Evidence<'_>, level: Level) {
    if !evidence.settings.strict {
        return;
    }
    for namespace in users(evidence) {
        match evidence.node.pod_security.enforces(namespace, level) {
            Enforces::Yes => {}
            Enforces::No(found) => verdict.offends(labelled(namespace, &found, &format!("expected {}", level.name()))),
            Enforces::Unknown(reason) => verdict.misses(Some(reason)),
        }
    }
    describe(verdict, evidence);
    verdict.misses(evidence.namespaces.missing.as_ref());
}

fn users<'a>(evidence: &Evidence<'a>) -> impl Iterator<Item = &'a Namespace> {
    evidence.namespaces.items.iter().filter(|namespace| namespace.is_users())
}

/// Notes the configuration of the inspected API servers.
fn describe(verdict: &mut Verdict<'_>, evidence: &Evidence<'_>) {
    for described in evidence.node.pod_security.described() {
        verdict.notes(seen("", "", "", described));
    }
}

fn labelled(namespace: &Namespace, found: &str, rest: &str) -> Seen {
    seen("Namespace", "", &namespace.metadata.name, format!("{found}, {rest}"))
}
