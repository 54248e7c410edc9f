//! Controls of the cluster's objects. What they come to is told by who has seen the cluster.

use std::collections::BTreeMap;

use definitions::benchmark::Value;
use model::{Cause, Evidence, LookedAt};
use probe::Reason;

use super::check::Answer;
use super::judgement::Verdict;

/// Who judges controls by the objects of a cluster.
pub trait Policies {
    /// Judges by the predicate of this name, with what the benchmark sets for the control.
    fn judge(&self, predicate: &str, parameters: &BTreeMap<String, Value>) -> PolicyAnswer;
}

/// What a control of the cluster's objects comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyAnswer {
    /// The answer.
    pub outcome: PolicyOutcome,
    /// What it rests on: what violates, what is exempt, what is to know.
    pub evidence: Vec<Evidence>,
    /// What was listed, as the API names it.
    pub resources: Vec<String>,
}

/// The answer of a predicate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyOutcome {
    /// It is as the control wants it.
    Pass,
    /// It is not.
    Fail,
    /// A person judges what was seen.
    Manual,
    /// The cluster has nothing that it speaks of.
    NotApplicable(Reason),
    /// It could not be known.
    Unknown(Reason),
}

impl PolicyAnswer {
    /// As an answer to a check that expects this.
    pub(super) fn expecting(self, expected: &str) -> Answer {
        let verdict = match self.outcome {
            PolicyOutcome::Pass => Verdict::Pass,
            PolicyOutcome::Fail => Verdict::Fail,
            PolicyOutcome::Manual => Verdict::Manual,
            PolicyOutcome::NotApplicable(Reason { subject, detail, .. }) => {
                Verdict::not_applicable(Cause::ComponentAbsent, subject, detail)
            }
            PolicyOutcome::Unknown(why) => Verdict::Unknown(why),
        };
        Answer {
            verdict,
            evidence: self.evidence,
            looked_at: Some(LookedAt::Objects { resources: self.resources }),
            expected: Some(model::Expectation::Objects(expected.to_owned())),
        }
    }
}
