//! Collects evidence, and derives the outcome.

use probe::Reason;

use super::evidence::Evidence;
use super::finding::Kind;
use super::summary::counted;
use crate::policy::exempt_workload::WorkloadExemption;
use crate::policy::{Judgement, ObjectName, Outcome, Seen};

/// How many items of each kind are kept; the rest is counted.
const MOST: usize = 5_000;

/// The evidence for a control.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    offenders: Counted<Seen>,
    exempt: Counted<(Seen, String)>,
    noted: Counted<Seen>,
    gap: Option<Reason>,
}

#[derive(Debug)]
struct Counted<T> {
    kept: Vec<T>,
    more: usize,
}

impl<T> Default for Counted<T> {
    fn default() -> Self {
        Self { kept: Vec::new(), more: 0 }
    }
}

impl<T> Counted<T> {
    fn is_full(&self) -> bool {
        self.kept.len() >= MOST
    }

    fn push(&mut self, new: T) {
        if self.is_full() {
            self.more += 1;
        } else {
            self.kept.push(new);
        }
    }
}

impl Verdict {
    /// Adds an offender.
    pub(super) fn offends(&mut self, seen: Seen) {
        self.offenders.push(seen);
    }

    /// Adds an offender, or an exempt one if its object is exempt.
    pub(super) fn offends_unless_exempt(&mut self, control: &str, evidence: &Evidence<'_>, seen: Seen) {
        match exemption(control, evidence, &seen.object) {
            Some(exemption) => self.exempt(seen, exemption.reason.clone()),
            None => self.offends(seen),
        }
    }

    /// Adds an exempt offender.
    pub(super) fn exempt(&mut self, seen: Seen, reason: impl Into<String>) {
        self.exempt.push((seen, reason.into()));
    }

    /// Adds a note.
    pub(super) fn notes(&mut self, seen: Seen) {
        self.noted.push(seen);
    }

    /// Adds a reason why something was not seen. The first one is reported.
    pub(super) fn misses(&mut self, gap: Option<&Reason>) {
        if self.gap.is_none() {
            self.gap = gap.cloned();
        }
    }

    /// Adds the pods that a control objects to. Static pods are exempt.
    pub(super) fn judges(&mut self, control: &str, evidence: &Evidence<'_>, objects_to: impl Fn(Kind, &str) -> bool) {
        evidence.pods.hits(&objects_to, &mut |hit| match exemption(control, evidence, hit.object) {
            Some(exemption) => self.exempt(hit.seen(), exemption.reason.clone()),
            None if self.offenders.is_full() => self.offenders.more += 1,
            None => self.offends(hit.seen()),
        });
        evidence.pods.static_hits(&objects_to, &mut |hit| {
            let mut seen = hit.seen();
            seen.path = vec![format!("static, {}", counted(hit.pods))];
            self.exempt(seen, "static pod: defined by a manifest on the node, which admission does not control");
        });
        self.misses(evidence.pods.gap());
    }

    /// The judgement: failed, unknown or passed.
    pub(super) fn judgement(self) -> Judgement {
        let outcome = match &self.gap {
            _ if !self.offenders.kept.is_empty() => Outcome::Fail,
            Some(reason) => Outcome::Unknown(reason.clone()),
            None => Outcome::Pass,
        };
        self.with(outcome)
    }

    /// The judgement of a control that stays manual.
    pub(super) fn manual(self) -> Judgement {
        self.with(Outcome::Manual)
    }

    /// The judgement with this outcome.
    pub(super) fn with(self, outcome: Outcome) -> Judgement {
        let Self { mut offenders, mut exempt, mut noted, gap: _ } = self;
        for (more, what) in [(offenders.more, "offenders"), (exempt.more, "exempt"), (noted.more, "noted")] {
            if more > 0 {
                noted.kept.push(Seen {
                    object: ObjectName { kind: String::new(), namespace: String::new(), name: String::new() },
                    part: None,
                    path: Vec::new(),
                    found: format!("{more} more {what} not listed"),
                });
            }
        }
        offenders.kept.sort_unstable();
        exempt.kept.sort_unstable();
        noted.kept.sort_unstable();
        Judgement { outcome, offenders: offenders.kept, exempt: exempt.kept, noted: noted.kept }
    }
}

/// The exemption of an object from a control. If not everything was seen, a `ReplicaSet` may lack its owner, so the
/// name of the `Deployment` is derived from its own.
fn exemption<'e>(control: &str, evidence: &'e Evidence<'_>, object: &ObjectName) -> Option<&'e WorkloadExemption> {
    let deployment = match object.name.rsplit_once('-') {
        Some((name, _)) if object.kind == "ReplicaSet" && evidence.pods.gap().is_some() => {
            Some(ObjectName { kind: "Deployment".to_owned(), name: name.to_owned(), ..object.clone() })
        }
        _ => None,
    };
    evidence.exemptions.iter().find(|exemption| {
        exemption.covers(control, object) || deployment.as_ref().is_some_and(|object| exemption.covers(control, object))
    })
}

/// Evidence about an object.
pub(super) fn seen(kind: &str, namespace: &str, name: &str, found: impl Into<String>) -> Seen {
    let object = ObjectName { kind: kind.to_owned(), namespace: namespace.to_owned(), name: name.to_owned() };
    Seen { object, part: None, path: Vec::new(), found: found.into() }
}
