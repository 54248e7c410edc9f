//! Collects the findings for a control, and derives the outcome.

use probe::Reason;

use super::evidence::Evidence;
use super::exempting::Exempting;
use super::summary::{Objection, PodSummary, counted};
use crate::policy::{Judgement, ObjectName, Outcome, Seen};

/// The most items kept of each kind; further ones are counted.
const MOST: usize = 5_000;

/// Why static pods are exempt.
pub(super) const STATIC: &str = "static pod: defined by a manifest on the node, which admission does not control";

/// The findings for a control.
#[derive(Debug, Default)]
pub(super) struct Verdict<'e> {
    exempting: Exempting<'e>,
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

impl<'e> Verdict<'e> {
    /// Starts without findings.
    pub(super) fn new(control: &str, evidence: &Evidence<'e>) -> Self {
        Self { exempting: Exempting::new(control, evidence), ..Self::default() }
    }

    /// Adds an offender, or an exempt one if its object is exempt.
    pub(super) fn offends(&mut self, seen: Seen) {
        match self.exempting.of(&seen.object) {
            Some(exemption) => self.exempt(seen, exemption.reason.clone()),
            None => self.offenders.push(seen),
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

    /// Records missing evidence. The first reason is reported.
    pub(super) fn misses(&mut self, gap: Option<&Reason>) {
        if self.gap.is_none() {
            self.gap = gap.cloned();
        }
    }

    /// Adds the pods that the control objects to. Static pods are exempt.
    pub(super) fn judges(&mut self, pods: &PodSummary, objection: &Objection<'_>) {
        pods.hits(objection, &mut |hit| match (self.exempting.of(hit.object), hit.made_up_on) {
            (Some(exemption), _) => self.exempt(hit.seen(), exemption.reason.clone()),
            (None, Some(node)) => self.exempt(hit.seen(), defaulted(node)),
            (None, None) if self.offenders.is_full() => self.offenders.more += 1,
            (None, None) => self.offenders.push(hit.seen()),
        });
        pods.static_hits(objection, &mut |hit| {
            let mut seen = hit.seen();
            seen.path = vec![format!("static, {}", counted(hit.pods))];
            self.exempt(seen, STATIC);
        });
        self.misses(pods.gap());
    }

    /// The judgement: fail, unknown or pass.
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

    /// The judgement with the given outcome.
    pub(super) fn with(self, outcome: Outcome) -> Judgement {
        let Self { mut offenders, mut exempt, mut noted, .. } = self;
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

/// The reason why a pod does not need to set a seccomp profile.
fn defaulted(node: &str) -> String {
    format!("seccompDefault: true of the kubelet on node {node} gives it the container runtime's profile")
}

/// A finding in an object.
pub(super) fn seen(kind: &str, namespace: &str, name: &str, found: impl Into<String>) -> Seen {
    let object = ObjectName { kind: kind.to_owned(), namespace: namespace.to_owned(), name: name.to_owned() };
    Seen { object, part: None, path: Vec::new(), found: found.into() }
}
