//! The judgement of each control for what AWS may return: the facts of `facts.yaml`.

use std::collections::BTreeMap;

use aws::{PREDICATES, Settings, judge};
use serde_json::Value;

use super::world::{changed, evidence, judged, sound, told};

/// The outcomes, as spelled in `facts.yaml`.
const OUTCOMES: [&str; 4] = ["pass", "fail", "manual", "unknown"];

/// A predicate, the expected outcome, text that the judgement contains, and the changes to the sound evidence.
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

#[test]
fn of_repositories_those_count_that_pods_use() {
    const ECR: &str = "111122223333.dkr.ecr.eu-central-1.amazonaws.com";
    let unscanned = BTreeMap::from([(
        "get-registry-scanning-configuration.json".to_owned(),
        serde_json::json!({ "/scanningConfiguration/rules": [] }),
    )]);
    let table = [
        (vec![format!("{ECR}/team/app")], "fail", "- ECR repository team/app"),
        (
            vec![format!("{ECR}/tools")],
            "pass",
            "x ECR repository team/app: scanOnPush: false: no pod of the cluster uses it",
        ),
        (vec![], "pass", "0 of which pods use"),
        (vec![format!("{ECR}/gone")], "unknown", "the repository gone, which pods use"),
        (
            vec!["444455556666.dkr.ecr.eu-central-1.amazonaws.com/a".to_owned()],
            "unknown",
            "ECR of account 444455556666",
        ),
        (
            vec![format!("{ECR}/tools"), "docker.io/library/nginx".to_owned()],
            "manual",
            "Registry docker.io: 1 images of pods",
        ),
        (vec!["docker.io/library/nginx".to_owned(), format!("{ECR}/team/app")], "fail", "ask what does"),
    ];
    for (images, outcome, said) in table {
        let settings = Settings { images: Some(&images), ..Settings::default() };
        let judgement = judge("aws/image-scanning", &evidence(&changed(&unscanned)), settings).expect("a predicate");
        let told = told(&judgement);
        assert_eq!(told.lines().next().and_then(|line| line.split(':').next()), Some(outcome), "{images:?}\n{told}");
        assert!(told.contains(said), "{images:?}: {said}\n{told}");
    }
}
