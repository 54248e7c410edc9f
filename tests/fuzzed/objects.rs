//! Objects of a cluster, as kubectl prints them and as recordings store them.

use std::collections::BTreeMap;

use cluster::Cluster;
use cluster::eks_anywhere::Date;
use cluster::lists::{Documents, Recorded, Text, record};
use definitions::benchmark::PREDICATES;
use kube_assay::evaluate::{Policies, PolicyAnswer, PolicyOutcome};
use kube_assay::policies::Seen;

/// Any text can be read, judged and recorded, and a recording is judged like its source. Text that begins with `#` is
/// read as YAML.
pub fn hold(bytes: &[u8]) -> String {
    let Ok(text) = str::from_utf8(bytes) else { return "not text".to_owned() };
    let name = if text.starts_with('#') { "objects.yaml" } else { "objects.json" };
    let documents = Documents::new("objects", [Text { name: name.to_owned(), text: text.to_owned() }]);
    let answers = judged(&documents);
    let text = record(&documents).expect("a recording is JSON");
    let recorded = Recorded::parse("recorded", text).expect("a recording is read again");
    let again = judged(&recorded);
    for (predicate, (first, second)) in PREDICATES.iter().zip(answers.iter().zip(&again)) {
        assert_eq!(first, second, "{predicate}");
    }
    let count = |wanted: fn(&PolicyOutcome) -> bool| answers.iter().filter(|answer| wanted(&answer.outcome)).count();
    let failed = count(|outcome| *outcome == PolicyOutcome::Fail);
    let unknown = count(|outcome| matches!(outcome, PolicyOutcome::Unknown(_)));
    format!("{failed} failed, {unknown} unknown")
}

fn judged(cluster: &dyn Cluster) -> Vec<PolicyAnswer> {
    let seen = Seen::of(cluster, Date::parse("2026-11-30").expect("a day")).expect("the exemptions are read");
    PREDICATES.iter().map(|predicate| seen.judge(predicate, &BTreeMap::new())).collect()
}
