//! What one look comes to, and how several come to one.

use crate::finding::Evidence;
use probe::Why;

/// What a look comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Pass,
    Fail,
    Unknown(Why),
}

/// An outcome with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judgement {
    pub(super) outcome: Outcome,
    pub(super) evidence: Vec<Evidence>,
}

impl Judgement {
    pub(super) fn new(passes: bool, evidence: Evidence) -> Self {
        let outcome = if passes { Outcome::Pass } else { Outcome::Fail };
        Self { outcome, evidence: vec![evidence] }
    }

    pub(super) const fn unknown(why: Why) -> Self {
        Self { outcome: Outcome::Unknown(why), evidence: Vec::new() }
    }

    /// All must pass: one failure is enough to fail, and no ignorance hides it.
    pub(super) fn all(parts: Vec<Self>) -> Self {
        Self::fold(parts, |outcomes| {
            let fails = outcomes.contains(&Outcome::Fail);
            let unknown = outcomes.iter().find(|outcome| matches!(outcome, Outcome::Unknown(_)));
            match (fails, unknown) {
                (true, _) => Outcome::Fail,
                (false, Some(unknown)) => unknown.clone(),
                (false, None) => Outcome::Pass,
            }
        })
    }

    /// One must pass: what speaks against the others no longer offends.
    pub(super) fn any(parts: Vec<Self>) -> Self {
        let mut judgement = Self::fold(parts, |outcomes| {
            let passes = outcomes.contains(&Outcome::Pass);
            let unknown = outcomes.iter().find(|outcome| matches!(outcome, Outcome::Unknown(_)));
            match (passes, unknown) {
                (true, _) => Outcome::Pass,
                (false, Some(unknown)) => unknown.clone(),
                (false, None) => Outcome::Fail,
            }
        });
        if judgement.outcome == Outcome::Pass {
            for evidence in &mut judgement.evidence {
                evidence.offends = false;
            }
        }
        judgement
    }

    fn fold(parts: Vec<Self>, decide: impl FnOnce(&[Outcome]) -> Outcome) -> Self {
        let mut outcomes = Vec::with_capacity(parts.len());
        let mut evidence = Vec::new();
        for part in parts {
            outcomes.push(part.outcome);
            evidence.extend(part.evidence);
        }
        Self { outcome: decide(&outcomes), evidence }
    }
}
