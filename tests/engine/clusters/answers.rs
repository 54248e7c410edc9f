//! The controls' answers as text lines, and the correct answers stored with each edition.

use std::collections::{BTreeMap, BTreeSet};

use cluster::Cluster;
use cluster::eks_anywhere::Date;
use definitions::SharedText;
use definitions::benchmark::{PREDICATES, Value};
use kube_assay::evaluate::{Policies, PolicyAnswer, PolicyOutcome};
use kube_assay::policies::Seen;
use model::{Evidence, Found, Note, Source};
use serde::Deserialize;

use super::world::{Edition, directory};

/// A control's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// `pass`, `fail`, `unknown`, `manual`.
    pub verdict: &'static str,
    /// `Kind namespace/name [part]`, and what was found.
    pub offenders: BTreeSet<(String, String)>,
    /// `Kind namespace/name [part]`, and the reason.
    pub exempt: BTreeSet<(String, String)>,
    /// All evidence and reasons, unformatted.
    pub everything: String,
}

pub type Answers = BTreeMap<&'static str, Answer>;

/// Returns the answers of all general controls for a cluster.
pub fn answers(cluster: &dyn Cluster) -> Answers {
    answers_with(cluster, &BTreeMap::new())
}

/// Returns the answers of some controls.
pub fn answers_of<'c>(cluster: &dyn Cluster, controls: impl IntoIterator<Item = &'c str>) -> BTreeMap<&'c str, Answer> {
    let seen = Seen::of(cluster, today()).expect("the exemptions are read");
    let controls: BTreeSet<&str> = controls.into_iter().collect();
    controls.into_iter().map(|control| (control, told(&seen.judge(control, &BTreeMap::new())))).collect()
}

/// Returns the answers of all general controls with these parameters.
pub fn answers_with(cluster: &dyn Cluster, parameters: &BTreeMap<SharedText, Value>) -> Answers {
    let seen = Seen::of(cluster, today()).expect("the exemptions are read");
    general().map(|predicate| (predicate, told(&seen.judge(predicate, parameters)))).collect()
}

/// Returns the date of the run.
pub fn today() -> Date {
    Date::parse("2026-11-30").expect("a day")
}

/// The prefix of the controls for EKS Anywhere management clusters.
const OF_EKS_ANYWHERE: &str = "eks-anywhere/";

/// Returns the controls for any cluster.
pub fn general() -> impl Iterator<Item = &'static str> {
    PREDICATES.into_iter().filter(|predicate| !predicate.starts_with(OF_EKS_ANYWHERE))
}

/// Returns the controls for EKS Anywhere management clusters.
pub fn of_eks_anywhere() -> impl Iterator<Item = &'static str> {
    PREDICATES.into_iter().filter(|predicate| predicate.starts_with(OF_EKS_ANYWHERE))
}

fn told(answer: &PolicyAnswer) -> Answer {
    let lines = |wanted: fn(&Evidence) -> Option<String>| {
        let all = answer.evidence.iter().filter_map(|evidence| Some((line(evidence), wanted(evidence)?)));
        all.collect::<BTreeSet<_>>()
    };
    Answer {
        verdict: match answer.outcome {
            PolicyOutcome::Pass => "pass",
            PolicyOutcome::Fail => "fail",
            PolicyOutcome::Manual => "manual",
            PolicyOutcome::NotApplicable(_) => "not applicable",
            PolicyOutcome::Unknown(_) => "unknown",
        },
        offenders: lines(|evidence| evidence.violates.then(|| found(evidence))),
        exempt: lines(exempt),
        everything: format!("{answer:?}"),
    }
}

fn line(evidence: &Evidence) -> String {
    match &evidence.source {
        Source::Object { kind, namespace, name, part } => {
            let namespace = namespace.as_ref().map(|namespace| format!("{namespace}/")).unwrap_or_default();
            let part = part.as_ref().map(|part| format!(" [{part}]")).unwrap_or_default();
            format!("{kind} {namespace}{name}{part}")
        }
        other => format!("{other:?}"),
    }
}

/// Returns what was found, including notes.
fn found(evidence: &Evidence) -> String {
    let Found::Value { value, notes } = &evidence.found else { return format!("{:?}", evidence.found) };
    let notes = notes.iter().map(|note| match note {
        Note::Meaning(text) | Note::Exempt(text) => text.clone(),
        Note::Path(path) => path.join(" > "),
        other => format!("{other:?}"),
    });
    std::iter::once(value.clone()).chain(notes).collect::<Vec<_>>().join("; ")
}

fn exempt(evidence: &Evidence) -> Option<String> {
    let Found::Value { notes, .. } = &evidence.found else { return None };
    notes.iter().find_map(|note| match note {
        Note::Exempt(reason) => Some(reason.clone()),
        _ => None,
    })
}

/// The correct answer of a control in an edition, or what a layer adds to it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Right {
    verdict: Option<String>,
    /// `Kind namespace/name [part]: part of what is found`.
    offenders: Vec<String>,
    /// `Kind namespace/name [part]`.
    pub exempt: Vec<String>,
}

/// Returns the correct answers of an edition, merged from all layers.
pub fn right(edition: Edition) -> BTreeMap<String, Right> {
    let mut all: BTreeMap<String, Right> = BTreeMap::new();
    for layer in edition.layers() {
        let path = directory(layer).join("answers.yaml");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let answers: BTreeMap<String, Right> =
            serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for (control, answer) in answers {
            let Right { verdict, offenders, exempt } = answer;
            let known = all.entry(control).or_default();
            known.verdict = verdict.or(known.verdict.take());
            known.offenders.extend(offenders);
            known.exempt.extend(exempt);
        }
    }
    for answer in all.values_mut() {
        // What offends in a later layer is no longer exempt.
        let offenders: Vec<&str> =
            answer.offenders.iter().filter_map(|line| line.split_once(": ")).map(|(line, _)| line).collect();
        answer.exempt.retain(|line| !offenders.contains(&line.as_str()));
    }
    all
}

impl Right {
    /// Returns the differences from an answer, one per line.
    pub fn differs(&self, answer: &Answer) -> Vec<String> {
        let mut differences = Vec::new();
        if self.verdict.as_deref() != Some(answer.verdict) {
            differences.push(format!("is {}, and should be {:?}", answer.verdict, self.verdict));
        }
        let mut left = answer.offenders.clone();
        for wanted in &self.offenders {
            // Both names and findings may contain colons.
            let own = left.iter().find(|(line, found)| {
                wanted
                    .strip_prefix(line.as_str())
                    .and_then(|rest| rest.strip_prefix(": "))
                    .is_some_and(|why| found.contains(why))
            });
            match own.cloned() {
                Some(own) => drop(left.remove(&own)),
                None => differences.push(format!("does not name {wanted}")),
            }
        }
        differences.extend(left.iter().map(|(line, found)| format!("names {line}: {found}")));
        let exempt: BTreeSet<&str> = answer.exempt.iter().map(|(line, _)| line.as_str()).collect();
        let wanted: BTreeSet<&str> = self.exempt.iter().map(String::as_str).collect();
        differences.extend(wanted.difference(&exempt).map(|line| format!("does not exempt {line}")));
        differences.extend(exempt.difference(&wanted).map(|line| format!("exempts {line}")));
        differences.extend(
            answer
                .exempt
                .iter()
                .filter(|(_, reason)| reason.len() < 10)
                .map(|(line, _)| format!("no reason for {line}")),
        );
        differences
    }
}
