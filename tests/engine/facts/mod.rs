//! Small facts about nodes, each with its true verdict, run through the public API.
//!
//! The truth follows from how Kubernetes and etcd read their settings and from what CIS requires, never from the
//! program's output. Each row of `tests/engine/facts/*.yaml` is one fact; `fact.rs` describes the format.

#![allow(clippy::disallowed_methods, reason = "tests make nodes, and read what was made")]

mod fact;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use definitions::benchmark::{SourceFile, Target};
use definitions::{Definitions, load_with};
use kube_assay::embedded;
use kube_assay::report::words::{self, Words};
use kube_assay::run::{BenchmarkChoice, ProfileChoice, RunRequest, assay};
use model::{Check, Verdict};

use crate::recordings;
use fact::Fact;

/// The least number of facts. Fewer would mean that files were lost.
const FEWEST: usize = 250;

/// The directory of the cluster administered from the machine.
const CLUSTER_DIRECTORY: &str = "/home/me/mgmt";

fn facts() -> Vec<Fact> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engine/facts");
    let entries = std::fs::read_dir(&directory).expect("the facts lie beside this file");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the directory can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    files.iter().flat_map(|file| fact::read(file)).collect()
}

/// Returns the built-in definitions and those of the facts, which inspect what no built-in control does.
fn definitions() -> Definitions {
    let files = [
        ("components.yaml", include_str!("definitions/components.yaml")),
        ("controls/own.yaml", include_str!("definitions/controls/own.yaml")),
        ("own.yaml", include_str!("definitions/own.yaml")),
    ];
    let files = files.map(|(path, text)| SourceFile::new("tests/engine/facts/definitions", path, text));
    load_with(&embedded::definitions(), &files, &[]).unwrap_or_else(|error| panic!("{error}"))
}

/// Returns the run that a fact describes.
fn order(fact: &Fact, definitions: &Definitions) -> Result<RunRequest, String> {
    let benchmark = definitions
        .library
        .benchmarks
        .values()
        .find(|benchmark| benchmark.name == fact.benchmark)
        .ok_or_else(|| format!("no benchmark {}", fact.benchmark))?;
    let targets: Vec<_> = benchmark
        .targets
        .iter()
        .filter(|target| {
            target.groups.iter().any(|group| group.checks.iter().any(|check| check.control == fact.control))
        })
        .map(|target| target.target)
        .collect();
    let cluster_directory = targets.contains(&Target::Admin).then(|| PathBuf::from(CLUSTER_DIRECTORY));
    Ok(RunRequest {
        cluster_directory,
        benchmark: BenchmarkChoice::Named(fact.benchmark.clone()),
        profile: fact.profile.clone().map_or(ProfileChoice::None, ProfileChoice::Named),
        targets: Some(targets),
        checks: BTreeSet::from([fact.control.clone()]),
        ..RunRequest::default()
    })
}

/// Judges a fact: returns the verdict's name, the reason for messages, and everything that is reported.
fn judge(fact: &Fact, definitions: &Definitions) -> Result<(String, String, String), String> {
    let order = order(fact, definitions)?;
    let node = fact.world.node()?;
    let report = assay(&node, definitions, &order).map_err(|error| error.to_string())?;
    let checks: Vec<&Check> = report.checks().collect();
    // Some benchmarks list a control under several numbers.
    let finding = match checks.as_slice() {
        [] => return Err(format!("no findings for {} in {}", fact.control, fact.benchmark)),
        [finding, others @ ..] if others.iter().all(|other| other.verdict == finding.verdict) => finding,
        _ => return Err(format!("{} differs from number to number of {}", fact.control, fact.benchmark)),
    };
    let reason = match finding.verdict {
        Verdict::Pass => words::found(finding),
        _ => words::reason(finding),
    };
    let evidence = finding.evidence.iter().map(|evidence| Words(evidence).to_string()).collect::<Vec<_>>().join("\n");
    let remediation = finding.remediation.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = format!("{evidence}\n{}\n{remediation}", words::reason(finding));
    let verdict = if finding.is_skipped() { "skipped" } else { finding.verdict.name() };
    Ok((verdict.to_owned(), reason, said))
}

#[test]
fn every_fact_has_its_true_verdict() {
    let facts = facts();
    let definitions = definitions();
    let mut wrong = Vec::new();
    for fact in &facts {
        let (got, reason, said) =
            judge(fact, &definitions).unwrap_or_else(|error| ("an error".to_owned(), error.clone(), error));
        if got != fact.is {
            wrong.push(format!(
                "{}: {}\n    {} ({}): expected {}, got {got}: {reason}",
                fact.file, fact.label, fact.control, fact.benchmark, fact.is
            ));
            continue;
        }
        let lacking = fact.says.iter().filter(|text| !said.contains(*text)).map(|text| format!("lacks {text:?}"));
        let beyond = fact.never.iter().filter(|text| said.contains(*text)).map(|text| format!("has {text:?}"));
        wrong.extend(lacking.chain(beyond).map(|what| {
            format!("{}: {}\n    {} ({}): {what} in:\n{said}", fact.file, fact.label, fact.control, fact.benchmark)
        }));
    }
    println!("{} facts, {} wrong", facts.len(), wrong.len());
    assert!(wrong.is_empty(), "{} of {} facts are wrong:\n{}", wrong.len(), facts.len(), wrong.join("\n"));
    assert!(facts.len() >= FEWEST, "{} facts, of at least {FEWEST}", facts.len());
}

#[test]
fn every_judged_control_has_facts_in_both_directions() {
    let definitions = embedded::definitions();
    let mut said: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for fact in facts() {
        said.entry(fact.control).or_default().insert(fact.is);
    }
    let judged: BTreeSet<&str> = definitions
        .library
        .benchmarks
        .values()
        .flat_map(|benchmark| &benchmark.targets)
        .flat_map(|target| &target.groups)
        .flat_map(|group| &group.checks)
        .filter(|check| check.evaluate)
        .map(|check| check.control.as_str())
        .filter(|key| definitions.library.controls.get(*key).is_some_and(|control| control.expect.is_some()))
        .collect();
    assert!(judged.len() > 60, "only {} controls are judged", judged.len());
    let none = BTreeSet::new();
    let lacking: Vec<String> = judged
        .into_iter()
        .flat_map(|key| {
            let said = said.get(key).unwrap_or(&none);
            // A control that cannot pass without review is manual instead.
            let is_said = |verdict: &str| said.contains(verdict) || (verdict == "pass" && said.contains("manual"));
            ["pass", "fail"].into_iter().filter(move |verdict| !is_said(verdict)).map(move |v| format!("{key}: {v}"))
        })
        .collect();
    assert!(lacking.is_empty(), "facts are lacking:\n{}", lacking.join("\n"));
}

#[test]
fn no_two_facts_bear_one_label() {
    let mut known = BTreeSet::new();
    let twice: Vec<String> = facts()
        .into_iter()
        .map(|fact| format!("{}: {}", fact.control, fact.label))
        .filter(|l| !known.insert(l.clone()))
        .collect();
    assert!(twice.is_empty(), "{twice:#?}");
}

#[test]
fn a_recording_of_each_world_gives_the_same_report() {
    let definitions = definitions();
    let mut wrong = Vec::new();
    for fact in facts() {
        let order = order(&fact, &definitions).expect("a benchmark");
        let node = fact.world.node().expect("a node");
        let differs = recordings::difference(&node, &definitions, |node| {
            vec![assay(node, &definitions, &order).unwrap_or_else(|error| panic!("{}: {error}", fact.label))]
        });
        wrong.extend(differs.map(|differs| format!("{}: {}\n{differs}", fact.file, fact.label)));
    }
    assert!(wrong.is_empty(), "{} recordings say something else:\n{}", wrong.len(), wrong.join("\n"));
}
