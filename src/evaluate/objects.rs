//! Controls of the cluster rather than of its nodes. They are judged by the cluster's objects and by AWS evidence;
//! where both are available, the control says how to combine the two answers.

use std::collections::BTreeMap;

use definitions::SharedText;
use definitions::benchmark::{Control, Matching, Value};
use model::{Evidence, Found, LookedAt, Source};
use probe::{Cause, Reason};

use super::check::Answer;
use super::judgement::Verdict;

/// The available judges of controls that no single node decides.
#[derive(Clone, Copy, Default)]
pub struct Judges<'j> {
    /// Judges by the cluster's objects.
    pub objects: Option<&'j dyn Policies>,
    /// Judges by AWS evidence.
    pub aws: Option<&'j dyn Policies>,
}

impl Judges<'_> {
    /// The answer to a control; `None` if no judge covers it.
    pub(super) fn judge(self, control: &Control) -> Option<Answer> {
        let by_objects = control.objects.as_ref().and_then(|objects| {
            Some((self.objects?.judge(&objects.predicate, &control.parameters), objects.expected.as_str()))
        });
        let by_aws = control
            .aws
            .as_ref()
            .and_then(|aws| Some((self.aws?.judge(&aws.predicate, &control.parameters), aws.expected.as_str())));
        // A control with only one judge has nothing to combine.
        let matching = match (&control.objects, &control.aws) {
            (Some(_), Some(aws)) => aws.matching,
            _ => Matching::Either,
        };
        let (answer, expected) = match (by_objects, by_aws) {
            (None, None) => return None,
            (Some((objects, expected)), Some((aws, also))) => {
                (objects.and(aws, matching), format!("{expected}; {also}"))
            }
            (Some((objects, expected)), None) => {
                (objects.without(matching, "AWS evidence", "aws-evidence"), expected.to_owned())
            }
            (None, Some((aws, expected))) => {
                (aws.without(matching, "cluster", "kubeconfig, --cluster or --cluster-objects"), expected.to_owned())
            }
        };
        Some(answer.expecting(&expected))
    }
}

/// Judges controls by the objects of a cluster, or by AWS evidence.
pub trait Policies {
    /// Judges by the predicate of this name, with the parameters that the benchmark sets for the control.
    fn judge(&self, predicate: &str, parameters: &BTreeMap<SharedText, Value>) -> PolicyAnswer;
}

/// The result of a control of the cluster's objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyAnswer {
    /// The answer.
    pub outcome: PolicyOutcome,
    /// The evidence: violations, exemptions, and notes.
    pub evidence: Vec<Evidence>,
    /// The resources that were listed, by their API names.
    pub resources: Vec<String>,
}

/// The answer of a predicate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyOutcome {
    /// The cluster meets the control.
    Pass,
    /// The cluster does not meet the control.
    Fail,
    /// The observations need manual review.
    Manual,
    /// The cluster has no objects that the control applies to.
    NotApplicable(Reason),
    /// The answer could not be determined.
    Unknown(Reason),
}

impl PolicyAnswer {
    /// Combines both answers.
    fn and(self, other: Self, matching: Matching) -> Self {
        use PolicyOutcome::{Fail, Manual, NotApplicable, Pass, Unknown};
        if matching == Matching::Aws {
            return self.beside(other);
        }
        // The answer with the lower rank decides.
        let rank = |outcome: &PolicyOutcome| match (matching, outcome) {
            (Matching::Either | Matching::All, Fail) | (Matching::Any, Pass) => 0,
            (Matching::Either, Manual) | (Matching::All | Matching::Any, Unknown(_)) => 1,
            (Matching::Either, Pass) | (Matching::All | Matching::Any, Manual) => 2,
            (Matching::Either, Unknown(_)) | (Matching::All, Pass) | (Matching::Any, Fail) => 3,
            (_, NotApplicable(_)) | (Matching::Aws, _) => 4,
        };
        let is_first = rank(&self.outcome) <= rank(&other.outcome);
        let outcome = if is_first { &self.outcome } else { &other.outcome }.clone();
        let mut evidence = Vec::new();
        let mut resources = self.resources;
        for (of_one, looked, also) in
            [(self.outcome, self.evidence, Vec::new()), (other.outcome, other.evidence, other.resources)]
        {
            // Evidence violates only if the combined answer is a failure.
            let is_one = outcome == Fail;
            evidence.extend(looked.into_iter().map(|it| Evidence { violates: it.violates && is_one, ..it }));
            // If one answer is unknown and the other decides, report why.
            if let (Unknown(why), true) = (&of_one, of_one != outcome) {
                evidence.push(unseen(why));
            }
            resources.extend(also);
        }
        Self { outcome, evidence, resources }
    }

    /// Returns the other answer, with the observations of this one as evidence.
    fn beside(self, other: Self) -> Self {
        let mut evidence = other.evidence;
        evidence.extend(self.evidence.into_iter().map(|it| Evidence { violates: false, ..it }));
        if let PolicyOutcome::Unknown(why) = &self.outcome {
            evidence.push(unseen(why));
        }
        let resources = self.resources.into_iter().chain(other.resources).collect();
        Self { outcome: other.outcome, evidence, resources }
    }

    /// Returns the answer when the other judge is not available.
    fn without(self, matching: Matching, other: &str, given_by: &str) -> Self {
        use PolicyOutcome::{Fail, Manual, NotApplicable, Pass, Unknown};
        let missing = || Reason::new(Cause::NotRecorded, other, format!("not given (pass --{given_by})"));
        let outcome = match (matching, self.outcome) {
            (Matching::Either | Matching::Aws, outcome)
            | (Matching::All, outcome @ (Fail | NotApplicable(_) | Unknown(_)))
            | (Matching::Any, outcome @ (Pass | NotApplicable(_) | Unknown(_))) => outcome,
            (Matching::All, Pass | Manual) | (Matching::Any, Fail | Manual) => Unknown(missing()),
        };
        let is_one = outcome == Fail;
        let evidence = self.evidence.into_iter().map(|it| Evidence { violates: it.violates && is_one, ..it });
        Self { outcome, evidence: evidence.collect(), ..self }
    }

    /// Converts the answer to that of a check with this expectation.
    pub(super) fn expecting(self, expected: &str) -> Answer {
        let verdict = match self.outcome {
            PolicyOutcome::Pass => Verdict::Pass,
            PolicyOutcome::Fail => Verdict::Fail,
            PolicyOutcome::Manual => Verdict::Manual,
            PolicyOutcome::NotApplicable(Reason { subject, detail, .. }) => {
                Verdict::not_applicable(model::Cause::ComponentAbsent, subject, detail)
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

/// Evidence that something was not observed, and why.
fn unseen(why: &Reason) -> Evidence {
    Evidence {
        source: Source::Component { component: why.subject.clone() },
        found: Found::Unseen(why.detail.clone()),
        expected: None,
        violates: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(outcome: &str) -> PolicyAnswer {
        let outcome = match outcome {
            "pass" => PolicyOutcome::Pass,
            "fail" => PolicyOutcome::Fail,
            "manual" => PolicyOutcome::Manual,
            _ => PolicyOutcome::Unknown(Reason::new(Cause::System, "it", "not seen")),
        };
        let seen = |violates| Evidence {
            source: Source::Component { component: "cluster".to_owned() },
            found: Found::Unseen("x".to_owned()),
            expected: None,
            violates,
        };
        let evidence = vec![seen(outcome == PolicyOutcome::Fail)];
        PolicyAnswer { outcome, evidence, resources: Vec::new() }
    }

    fn word(outcome: &PolicyOutcome) -> &'static str {
        match outcome {
            PolicyOutcome::Pass => "pass",
            PolicyOutcome::Fail => "fail",
            PolicyOutcome::Manual => "manual",
            PolicyOutcome::NotApplicable(_) => "not applicable",
            PolicyOutcome::Unknown(_) => "unknown",
        }
    }

    #[test]
    fn two_answers_are_one() {
        // Both answers, in either order, and the results with `either`, `all` and `any`.
        let table = [
            ("pass", "pass", ["pass", "pass", "pass"]),
            ("pass", "fail", ["fail", "fail", "pass"]),
            ("pass", "manual", ["manual", "manual", "pass"]),
            ("pass", "unknown", ["pass", "unknown", "pass"]),
            ("fail", "fail", ["fail", "fail", "fail"]),
            ("fail", "manual", ["fail", "fail", "manual"]),
            ("fail", "unknown", ["fail", "fail", "unknown"]),
            ("manual", "manual", ["manual", "manual", "manual"]),
            ("manual", "unknown", ["manual", "unknown", "unknown"]),
            ("unknown", "unknown", ["unknown", "unknown", "unknown"]),
        ];
        for (one, other, expected) in table {
            for (matching, expected) in [Matching::Either, Matching::All, Matching::Any].into_iter().zip(expected) {
                for (one, other) in [(one, other), (other, one)] {
                    let both = answer(one).and(answer(other), matching);
                    assert_eq!(word(&both.outcome), expected, "{one} and {other}, {matching:?}");
                    let violates = both.evidence.iter().any(|evidence| evidence.violates);
                    assert_eq!(violates, expected == "fail", "{one} and {other}, {matching:?}");
                    let gap = [one, other].contains(&"unknown") && expected != "unknown";
                    assert_eq!(both.evidence.len(), 2 + usize::from(gap), "{one} and {other}, {matching:?}");
                }
            }
        }
    }

    #[test]
    fn where_aws_decides_objects_are_evidence() {
        for objects in ["pass", "fail", "manual", "unknown"] {
            for aws in ["pass", "fail", "manual", "unknown"] {
                let both = answer(objects).and(answer(aws), Matching::Aws);
                assert_eq!(word(&both.outcome), aws, "{objects} and {aws}");
                let violating = both.evidence.iter().filter(|evidence| evidence.violates).count();
                assert_eq!(violating, usize::from(aws == "fail"), "{objects} and {aws}");
                assert_eq!(both.evidence.len(), 2 + usize::from(objects == "unknown"), "{objects} and {aws}");
            }
            let alone = answer(objects).without(Matching::Aws, "AWS evidence", "aws-evidence");
            assert_eq!(word(&alone.outcome), objects);
        }
    }

    #[test]
    fn one_answer_alone_counts_as_far_as_it_can() {
        let table = [
            ("pass", ["pass", "unknown", "pass"]),
            ("fail", ["fail", "fail", "unknown"]),
            ("manual", ["manual", "unknown", "unknown"]),
            ("unknown", ["unknown", "unknown", "unknown"]),
        ];
        for (one, expected) in table {
            for (matching, expected) in [Matching::Either, Matching::All, Matching::Any].into_iter().zip(expected) {
                let alone = answer(one).without(matching, "AWS evidence", "aws-evidence");
                assert_eq!(word(&alone.outcome), expected, "{one}, {matching:?}");
                assert_eq!(alone.evidence.iter().any(|evidence| evidence.violates), expected == "fail");
            }
        }
    }
}
