//! Evaluation of AWS evidence.

use std::collections::BTreeMap;

use aws::{Evidence, Settings};
use definitions::SharedText;
use definitions::benchmark::Value;
use model::Notice;
use probe::{Cause, Reason};

use crate::evaluate::{Policies, PolicyAnswer, PolicyOutcome};
use crate::run::SeenAws;

use super::{Seen, evidence};

/// AWS evidence of a cluster, ready for evaluation.
pub struct SaidByAws {
    evidence: Evidence,
    /// The EC2 instances of the cluster's nodes, if the nodes were listed.
    nodes: Option<Vec<String>>,
    /// The images that the cluster's pods run, if all are known.
    images: Option<Vec<String>>,
}

impl SaidByAws {
    /// Creates it from evidence about a cluster, compared with the listed cluster if there is one.
    pub fn of(evidence: Evidence, cluster: Option<&Seen>) -> Self {
        Self { evidence, nodes: cluster.and_then(Seen::instances), images: cluster.and_then(Seen::images) }
    }

    /// Returns the name of the cluster that the evidence is about, if it names one.
    pub fn cluster_name(&self) -> Option<&str> {
        self.evidence.cluster_name()
    }

    /// Returns it in the form that a run expects.
    pub fn within(&self) -> SeenAws<'_> {
        let remarks = self.evidence.remarks().iter();
        SeenAws {
            policies: self,
            notices: remarks.map(|remark| Notice::new("aws-evidence", format!("AWS evidence: {remark}"))).collect(),
        }
    }
}

impl Policies for SaidByAws {
    fn judge(&self, predicate: &str, parameters: &BTreeMap<SharedText, Value>) -> PolicyAnswer {
        let hop_limit = match parameters.get("hop_limit") {
            Some(Value::Integer(hops)) => u64::try_from(*hops).ok(),
            _ => None,
        };
        let settings = Settings { nodes: self.nodes.as_deref(), images: self.images.as_deref(), hop_limit };
        let calls = aws::calls_for(predicate).map(|collected| format!("aws {}", collected.operation));
        match aws::judge(predicate, &self.evidence, settings) {
            Some(judgement) => evidence::answer(judgement, calls.collect()),
            // The loader rejects this, but a benchmark that was built through the library may contain it.
            None => {
                let why = Reason::new(Cause::Malformed, predicate, "no such predicate (correct the control)");
                PolicyAnswer { outcome: PolicyOutcome::Unknown(why), evidence: Vec::new(), resources: Vec::new() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use definitions::benchmark::AWS_PREDICATES;

    #[test]
    fn definitions_name_the_predicates_that_there_are() {
        assert_eq!(AWS_PREDICATES, aws::PREDICATES);
    }
}
