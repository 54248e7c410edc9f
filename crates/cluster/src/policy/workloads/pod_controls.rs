//! Controls decided by the findings of pods.

use std::collections::BTreeSet;

use super::evidence::{Evidence, Settings};
use super::finding::Kind;
use super::mechanism::enforces;
use super::summary::Objection;
use super::verdict::Verdict;
use crate::pods::standard::{Check, Level};
use crate::policy::{Judgement, Outcome};

/// A control, the level that enforces it, and the findings it objects to.
struct Control {
    key: &'static str,
    level: Option<Level>,
    objects_to: fn(Kind, &str, Settings) -> bool,
    /// Which of these findings a kubelet's seccomp default resolves.
    defaulted: fn(Kind, &str) -> bool,
}

const CONTROLS: [Control; 16] = [
    baseline("pod-security/privileged", |kind, _, _| kind == Kind::Check(Check::Privileged)),
    baseline("pod-security/host-pid", |kind, found, _| {
        kind == Kind::Check(Check::HostNamespaces) && found == "hostPID: true"
    }),
    baseline("pod-security/host-ipc", |kind, found, _| {
        kind == Kind::Check(Check::HostNamespaces) && found == "hostIPC: true"
    }),
    baseline("pod-security/host-network", |kind, found, _| {
        kind == Kind::Check(Check::HostNamespaces) && found == "hostNetwork: true"
    }),
    baseline("pod-security/windows-host-process", |kind, _, _| kind == Kind::Check(Check::WindowsHostProcess)),
    baseline("pod-security/host-path", |kind, _, _| kind == Kind::Check(Check::HostPathVolumes)),
    baseline("pod-security/host-ports", |kind, _, _| kind == Kind::Check(Check::HostPorts)),
    restricted("pod-security/privilege-escalation", |kind, _, _| kind == Kind::Check(Check::AllowPrivilegeEscalation)),
    restricted("pod-security/root-containers", |kind, _, _| kind == Kind::Root),
    restricted("pod-security/net-raw", |kind, _, _| kind == Kind::NetRaw),
    restricted("pod-security/added-capabilities", |kind, _, _| kind == Kind::Check(Check::CapabilitiesBaseline)),
    restricted("pod-security/assigned-capabilities", |kind, _, _| kind == Kind::NotDropped),
    Control {
        defaulted: |kind, _| matches!(kind, Kind::SeccompUnset | Kind::SeccompAnnotated),
        ..plain("workloads/seccomp-profile", |kind, _, settings| match kind {
            Kind::SeccompUnconfined | Kind::SeccompUnset => true,
            Kind::SeccompAnnotated => settings.kubernetes >= 19,
            _ => false,
        })
    },
    Control {
        defaulted: |kind, found| {
            kind == Kind::Check(Check::SeccompProfileRestricted) && found == "seccompProfile: not set"
        },
        ..plain("workloads/security-context", |kind, _, _| kind.is_restricted())
    },
    plain("workloads/read-only-root", |kind, _, _| kind == Kind::WritableRoot),
    plain("workloads/secrets-as-files", |kind, _, _| kind == Kind::SecretVariable),
];

const fn baseline(key: &'static str, objects_to: fn(Kind, &str, Settings) -> bool) -> Control {
    Control { level: Some(Level::Baseline), ..plain(key, objects_to) }
}

const fn restricted(key: &'static str, objects_to: fn(Kind, &str, Settings) -> bool) -> Control {
    Control { level: Some(Level::Restricted), ..plain(key, objects_to) }
}

const fn plain(key: &'static str, objects_to: fn(Kind, &str, Settings) -> bool) -> Control {
    Control { key, level: None, objects_to, defaulted: |_, _| false }
}

/// The keys of these controls.
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    CONTROLS.iter().map(|control| control.key)
}

/// Judges one of these controls.
pub(super) fn judge(key: &str, evidence: &Evidence<'_>) -> Option<Judgement> {
    let control = CONTROLS.iter().find(|control| control.key == key)?;
    let mut verdict = Verdict::new(key, evidence);
    verdict.judges(
        evidence.pods,
        &Objection {
            objects_to: &|kind, found| (control.objects_to)(kind, found, evidence.settings),
            defaulted: &control.defaulted,
            seccomp_default: &evidence.node.seccomp_default,
        },
    );
    if let Some(level) = control.level {
        enforces(&mut verdict, evidence, level);
    }
    Some(verdict.judgement())
}

/// Judges whether pods share any of the node's namespaces, by the three controls for PID, IPC and network, with their
/// exemptions.
pub(super) fn host_namespaces(evidence: &Evidence<'_>) -> Judgement {
    let parts = ["pod-security/host-pid", "pod-security/host-ipc", "pod-security/host-network"];
    let judgements = parts.into_iter().filter_map(|key| judge(key, evidence));
    let mut whole = Verdict::new("pod-security/host-namespaces", evidence);
    // Findings that several of the controls share are added once.
    let mut said = BTreeSet::new();
    for Judgement { outcome, offenders, exempt, noted } in judgements {
        for seen in offenders {
            if said.insert(seen.clone()) {
                whole.offends(seen);
            }
        }
        for (seen, reason) in exempt {
            whole.exempt(seen, reason);
        }
        for seen in noted {
            if said.insert(seen.clone()) {
                whole.notes(seen);
            }
        }
        if let Outcome::Unknown(reason) = &outcome {
            whole.misses(Some(reason));
        }
    }
    whole.judgement()
}

/// Judges whether `/proc` is masked. If the pod has its own user namespace, the control is manual.
pub(super) fn proc_mount(evidence: &Evidence<'_>) -> Judgement {
    weighed("pod-security/proc-mount", evidence, Kind::Unmasked, Kind::UnmaskedWithOwnUsers)
}

/// Judges whether variables contain secrets: literal values fail, and references to Secrets are manual.
pub(super) fn secrets_in_variables(evidence: &Evidence<'_>) -> Judgement {
    weighed("workloads/secrets-in-variables", evidence, Kind::LiteralSecret, Kind::SecretVariable)
}

/// The judgement of a control that one kind of finding fails, and another makes manual.
fn weighed(key: &str, evidence: &Evidence<'_>, fails: Kind, weighs: Kind) -> Judgement {
    let mut verdict = Verdict::new(key, evidence);
    let (fails, weighs) = (|kind, _: &str| kind == fails, |kind, _: &str| kind == weighs);
    let objection = |objects_to| Objection {
        objects_to,
        defaulted: &|_, _| false,
        seccomp_default: &evidence.node.seccomp_default,
    };
    verdict.judges(evidence.pods, &objection(&fails));
    let mut weighed = 0_usize;
    evidence.pods.hits(&objection(&weighs), &mut |hit| {
        weighed += 1;
        verdict.notes(hit.seen());
    });
    let judgement = verdict.judgement();
    if judgement.outcome == Outcome::Pass && weighed > 0 {
        return Judgement { outcome: Outcome::Manual, ..judgement };
    }
    judgement
}
