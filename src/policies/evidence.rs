//! Conversion of judgements for the report.

use cluster::policy::{Judgement, Outcome, Seen};
use model::{Evidence, Found, Note, Source};

use crate::evaluate::{PolicyAnswer, PolicyOutcome};

pub(super) fn answer(judgement: Judgement, resources: Vec<String>) -> PolicyAnswer {
    let Judgement { outcome, offenders, exempt, noted } = judgement;
    let offenders = offenders.into_iter().map(|seen| evidence(seen, None, true));
    let exempt = exempt.into_iter().map(|(seen, reason)| evidence(seen, Some(reason), false));
    let noted = noted.into_iter().map(|seen| evidence(seen, None, false));
    PolicyAnswer {
        outcome: match outcome {
            Outcome::Pass => PolicyOutcome::Pass,
            Outcome::Fail => PolicyOutcome::Fail,
            Outcome::Manual => PolicyOutcome::Manual,
            Outcome::NotApplicable(reason) => PolicyOutcome::NotApplicable(reason),
            Outcome::Unknown(reason) => PolicyOutcome::Unknown(reason),
        },
        evidence: offenders.chain(noted).chain(exempt).collect(),
        resources,
    }
}

fn evidence(seen: Seen, exempt: Option<String>, violates: bool) -> Evidence {
    let Seen { object, part, path, found } = seen;
    // For RBAC objects, the path is the chain of grants; for pods, it states how many there are.
    let is_way = object.kind.contains("Role");
    let path = (!path.is_empty()).then(|| if is_way { Note::Path(path) } else { Note::Meaning(path.join(", ")) });
    let source = if object.kind.is_empty() {
        Source::Component { component: "cluster".to_owned() }
    } else {
        Source::Object {
            kind: object.kind,
            namespace: (!object.namespace.is_empty()).then_some(object.namespace),
            name: object.name,
            part,
        }
    };
    let notes = path.into_iter().chain(exempt.map(Note::Exempt)).collect();
    Evidence { source, found: Found::Value { value: found, notes }, expected: None, violates }
}
