//! The result of judging one observation, and how several are combined.

use model::{Cause, Evidence};

use probe::Reason;

/// The answer to one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Pass,
    Fail,
    Manual,
    NotApplicable(model::Reason),
    Unknown(Reason),
}

impl Verdict {
    /// Returns the verdict "not applicable" with its reason.
    pub(super) fn not_applicable(cause: Cause, subject: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::NotApplicable(model::Reason { cause, subject: subject.into(), detail: detail.into() })
    }

    /// Converts the verdict to the form that reports use.
    pub(super) fn told(self) -> (model::Verdict, Option<model::Reason>) {
        match self {
            Self::Pass => (model::Verdict::Pass, None),
            Self::Fail => (model::Verdict::Fail, None),
            Self::Manual => (model::Verdict::Manual, None),
            Self::NotApplicable(reason) => (model::Verdict::NotApplicable, Some(reason)),
            Self::Unknown(why) => (model::Verdict::Unknown, Some(reason(why))),
        }
    }
}

/// Converts the reason why something is unknown to the form that reports use.
fn reason(why: Reason) -> model::Reason {
    let cause = match why.cause {
        probe::Cause::PermissionDenied | probe::Cause::NotAllowed => Cause::PermissionDenied,
        probe::Cause::NotRecorded => Cause::NotRecorded,
        probe::Cause::Malformed => Cause::Malformed,
        probe::Cause::TooLarge => Cause::TooLarge,
        probe::Cause::NotRegular => Cause::NotRegular,
        probe::Cause::LinkLoop => Cause::LinkLoop,
        probe::Cause::Vanished => Cause::Vanished,
        probe::Cause::NotRunning => Cause::NotRunning,
        probe::Cause::TimedOut => Cause::TimedOut,
        probe::Cause::System => Cause::System,
    };
    model::Reason { cause, subject: why.subject, detail: why.detail }
}

/// The result of judging one observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Pass,
    Fail,
    Unknown(Reason),
}

/// An outcome with its evidence.
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

    pub(super) const fn unknown(why: Reason) -> Self {
        Self { outcome: Outcome::Unknown(why), evidence: Vec::new() }
    }

    /// Passes if all parts pass. One failure is enough to fail, even if other parts are unknown.
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

    /// Passes if one part passes; the evidence of the other parts then no longer counts as a violation.
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
                evidence.violates = false;
            }
        }
        judgement
    }

    fn fold(parts: Vec<Self>, decide: impl FnOnce(&[Outcome]) -> Outcome) -> Self {
        let mut outcomes = Vec::with_capacity(parts.len());
        // Most judgements have one piece of evidence, and a piece is large, so allocate exactly.
        let mut evidence = Vec::with_capacity(parts.iter().map(|part| part.evidence.len()).sum());
        for part in parts {
            outcomes.push(part.outcome);
            evidence.extend(part.evidence);
        }
        Self { outcome: decide(&outcomes), evidence }
    }
}
