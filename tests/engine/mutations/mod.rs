//! Mutation tests for verdicts: for every control that is evaluated, changes to a node that must change its verdict.
//!
//! A mutant is killed if the node before had the opposite verdict and the node after has the expected one. The expected
//! verdict follows from `cis.yaml`, which is based on the CIS documents, and from how the components read their
//! settings, never from the program. `settings.rs` and `files.rs` create mutants by kind of control, `values.rs` adds
//! values by operator, and `written.rs` contains hand-written ones.

#![allow(clippy::disallowed_methods, reason = "tests read made-up nodes")]

mod cis;
mod files;
pub(crate) mod machine;
mod mutant;
mod settings;
mod values;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use definitions::Definitions;
use definitions::benchmark::{Audit, Target};
use kube_assay::embedded;
use kube_assay::report::words;
use kube_assay::run::{BenchmarkChoice, RunRequest, assay};

use cis::{Asked, Table};
use machine::Machine;
use mutant::{Direction, Family};

/// The benchmarks, and the nodes to mutate.
const BENCHMARKS: [(&str, &str); 3] =
    [("cis-1.12", "hardened-control-plane"), ("cis-1.23", "hardened-control-plane"), ("eks-1.8.0", "eks-al2023-node")];

/// The least number of mutants. Fewer would mean that mutants were lost.
const FEWEST: usize = 4000;

/// A control of a benchmark, with its mutants.
struct Trial {
    benchmark: &'static str,
    id: String,
    control: String,
    target: Target,
    families: Vec<Family>,
}

/// The outcome of a trial.
#[derive(Default)]
struct Outcome {
    tried: BTreeMap<Direction, usize>,
    survivors: Vec<String>,
}

fn trials(definitions: &Definitions, table: &Table) -> Vec<Trial> {
    let mut trials = Vec::new();
    for (name, node) in BENCHMARKS {
        let base = Machine::read(node);
        let benchmark = definitions.library.benchmark(name).expect("the benchmark is built in");
        for (target, check) in benchmark.checks().filter(|(_, check)| check.evaluate) {
            let control = definitions.library.control(&check.control).expect("controls are checked").with(&check.with);
            let (Some(expectation), false) = (&control.expect, control.audit == Audit::Review) else { continue };
            let base = base.only(programs(&check.control));
            let mut families = written::families(&base, &check.control);
            match table.asked(&check.control, name) {
                // Controls without mutants are reported below.
                None | Some(Asked::ByHand) => {}
                Some(Asked::Files(files)) => families.extend(files::families(&base, &files)),
                Some(Asked::Settings(mut settings)) => {
                    for setting in &mut settings {
                        values::add(setting, expectation);
                    }
                    families.extend(settings::families(&base, &settings));
                }
            }
            let (id, control) = (check.id.clone(), check.control.clone());
            trials.push(Trial { benchmark: name, id: id.to_string(), control: control.to_string(), target, families });
        }
    }
    trials
}

/// Returns the programs that a control depends on.
fn programs(control: &str) -> &'static [&'static str] {
    match control.split_once('/') {
        Some(("etcd", "unique-ca")) => &["etcd", "kube-apiserver"],
        Some(("etcd", _)) => &["etcd"],
        Some(("apiserver" | "admin" | "pki", _)) => &["kube-apiserver"],
        Some(("controller-manager", _)) => &["kube-controller-manager"],
        Some(("scheduler", _)) => &["kube-scheduler"],
        Some(("kubelet" | "cni", _)) => &["kubelet"],
        Some(("proxy", _)) => &["kube-proxy"],
        _ => panic!("{control}: no programs are known for it"),
    }
}

/// Returns definitions with only the trial's check, since each mutant would otherwise run a whole benchmark.
fn alone(trial: &Trial, definitions: &Definitions) -> Definitions {
    let mut definitions = definitions.clone();
    definitions.library.benchmarks.retain(|name, _| name == trial.benchmark);
    for benchmark in definitions.library.benchmarks.values_mut() {
        benchmark.targets.retain(|target| target.target == trial.target);
        for group in benchmark.targets.iter_mut().flat_map(|target| &mut target.groups) {
            group.checks.retain(|check| check.id == trial.id);
        }
    }
    definitions
}

/// Returns the verdict's name and its evidence.
fn judge(machine: &Machine, definitions: &Definitions, trial: &Trial) -> (&'static str, String) {
    let order = RunRequest {
        benchmark: BenchmarkChoice::Named(trial.benchmark.to_owned()),
        targets: Some(vec![trial.target]),
        ..RunRequest::default()
    };
    let report = assay(&machine.node(), definitions, &order).expect("the order can be carried out");
    let findings: Vec<_> = report.checks().collect();
    let [finding] = findings.as_slice() else { panic!("{} findings of {}", findings.len(), trial.id) };
    let reason = words::reason(finding);
    (finding.verdict.name(), if reason.is_empty() { words::found(finding) } else { reason })
}

fn run(trial: &Trial, definitions: &Definitions) -> Outcome {
    let mut outcome = Outcome::default();
    let definitions = &alone(trial, definitions);
    for family in &trial.families {
        let before = judge(&family.before, definitions, trial);
        let wanted_before = family.expected.opposite().name();
        for mutant in &family.mutants {
            *outcome.tried.entry(family.expected).or_default() += 1;
            let after = judge(&mutant.after, definitions, trial);
            let what = if before.0 != wanted_before {
                format!("before ({}): expected {wanted_before}, got {}: {}", family.before_title, before.0, before.1)
            } else if after.0 != family.expected.name() {
                format!("expected {}, got {}: {}", family.expected.name(), after.0, after.1)
            } else {
                continue;
            };
            let Trial { benchmark, id, control, .. } = trial;
            outcome.survivors.push(format!("{benchmark} {id} {control}\n    {}\n    {what}", mutant.title));
        }
    }
    for direction in [Direction::Pass, Direction::Fail] {
        if !outcome.tried.contains_key(&direction) {
            let Trial { benchmark, id, control, .. } = trial;
            let name = direction.name();
            outcome.survivors.push(format!("{benchmark} {id} {control}\n    no mutant turns it to {name}"));
        }
    }
    outcome
}

/// Returns all outcomes, in the order of the trials.
fn run_all(trials: &[Trial], definitions: &Definitions) -> Vec<Outcome> {
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut outcomes: Vec<(usize, Outcome)> = std::thread::scope(|scope| {
        let work = |worker: usize| {
            let mine = trials.iter().enumerate().skip(worker).step_by(workers);
            mine.map(|(index, trial)| (index, run(trial, definitions))).collect::<Vec<_>>()
        };
        let started: Vec<_> = (0..workers).map(|worker| scope.spawn(move || work(worker))).collect();
        started.into_iter().flat_map(|worker| worker.join().expect("a worker does not panic")).collect()
    });
    outcomes.sort_by_key(|(index, _)| *index);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

#[test]
fn every_mutant_turns_its_verdict() {
    let definitions = embedded::definitions();
    let trials = trials(&definitions, &Table::read());
    let outcomes = run_all(&trials, &definitions);
    let (mut all, mut survivors, mut said) = (0, Vec::new(), String::new());
    for (name, _) in BENCHMARKS {
        let mine: Vec<_> = trials.iter().zip(&outcomes).filter(|(trial, _)| trial.benchmark == name).collect();
        let tried: usize = mine.iter().flat_map(|(_, outcome)| outcome.tried.values()).sum();
        let survived: usize = mine.iter().map(|(_, outcome)| outcome.survivors.len()).sum();
        let killed = tried.saturating_sub(survived);
        writeln!(said, "{name}: {} controls, {tried} mutants tried, {killed} killed", mine.len()).expect("written");
        all += tried;
        survivors.extend(mine.iter().flat_map(|(_, outcome)| outcome.survivors.iter().cloned()));
    }
    print!("{said}");
    assert!(survivors.is_empty(), "{said}{} mutants survive:\n{}", survivors.len(), survivors.join("\n"));
    assert!(all >= FEWEST, "{all} mutants, of at least {FEWEST}");
}

#[test]
fn the_table_speaks_of_no_other_controls() {
    let definitions = embedded::definitions();
    let judged: BTreeSet<&str> = BENCHMARKS
        .iter()
        .filter_map(|(name, _)| definitions.library.benchmark(name))
        .flat_map(definitions::benchmark::Benchmark::checks)
        .filter(|(_, check)| check.evaluate)
        .map(|(_, check)| check.control.as_str())
        .collect();
    let table = Table::read();
    let stale: Vec<&str> = table.controls().filter(|control| !judged.contains(control)).collect();
    assert!(stale.is_empty(), "cis.yaml speaks of controls that no benchmark here judges: {stale:?}");
}
