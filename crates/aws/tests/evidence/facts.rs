//! What each control makes of what AWS may say: the facts of `facts.yaml`.

use std::collections::BTreeMap;

use aws::PREDICATES;
use serde_json::Value;

use super::world::{changed, judged, sound, told};

/// The outcomes, as facts have them.
const OUTCOMES: [&str; 4] = ["pass", "fail", "manual", "unknown"];

/// A predicate, its outcome, what is said, and what is changed.
struct Fact {
    predicate: String,
    outcome: &'static str,
    said: String,
    changes: BTreeMap<String, Value>,
}

fn facts() -> Vec<Fact> {
    let read: BTreeMap<String, Vec<BTreeMap<String, Value>>> =
        serde_yaml::from_str(include_str!("facts.yaml")).expect("facts.yaml");
    let facts = read.into_iter().flat_map(|(predicate, facts)| {
        facts.into_iter().map(move |mut changes| {
            let outcome = OUTCOMES.into_iter().find(|outcome| changes.contains_key(*outcome)).expect("an outcome");
            let said = changes.remove(outcome).and_then(|said| said.as_str().map(str::to_owned)).expect("a text");
            Fact { predicate: predicate.clone(), outcome, said, changes }
        })
    });
    facts.collect()
}

#[test]
fn each_fact_holds() {
    let facts = facts();
    assert!(facts.len() > 100, "only {} facts were read", facts.len());
    let mut wrong = Vec::new();
    for Fact { predicate, outcome, said, changes } in facts {
        let told = told(&judged(&predicate, &changed(&changes)));
        let first = told.lines().next().unwrap_or_default();
        if first.split(':').next() != Some(outcome) || !told.contains(&said) {
            wrong.push(format!("{predicate} {changes:?}\n  expected {outcome}, with {said:?}\n{told}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_sound_cluster_passes_but_for_what_people_judge() {
    let sound = sound();
    for predicate in PREDICATES {
        let told = told(&judged(predicate, &sound));
        let expected = if predicate == "aws/authentication" { "manual" } else { "pass" };
        assert_eq!(told.lines().next(), Some(expected), "{predicate}\n{told}");
    }
}

#[test]
fn each_predicate_is_failed_by_some_fact_and_unknown_by_another() {
    let facts = facts();
    for predicate in PREDICATES {
        let has = |outcome: &str| facts.iter().any(|fact| fact.predicate == predicate && fact.outcome == outcome);
        assert!(has("fail") && has("unknown"), "{predicate}: nothing fails it, or nothing makes it unknown");
    }
}
