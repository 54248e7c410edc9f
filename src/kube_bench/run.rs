//! The way from a directory of rule files to a report.

use super::auditor::{Auditor, Memory};
use super::check;
use super::directory::{Directory, Mapped};
use super::outcome::{ControlsOutcome, GroupOutcome, Report};
use super::remark::Remark;
use super::rules::{self, Controls};
use super::selection::Selection;
use super::settings::Settings;
use super::substitution::{add_default_env, left_over, substitute};
use super::survey::{self, Survey, survey};
use crate::probe::Node;

/// Which benchmark of a directory is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The one of this name.
    Benchmark(String),
    /// The one that the directory has for this version of Kubernetes, e.g. `1.32`.
    Version(String),
}

/// Which targets of a benchmark are run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Targets {
    /// All that have a rule file.
    All,
    /// Those that concern the node: `master` and `controlplane` where all programs that a control plane must have run,
    /// `etcd` where it runs, and the others always, as far as the settings map them to the benchmark.
    Here,
    /// Those of these names.
    Named(Vec<String>),
}

/// What is to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The benchmark.
    pub which: Which,
    /// Its targets.
    pub targets: Targets,
    /// Which checks.
    pub selection: Selection,
}

/// Runs rule files of a directory on a node, with the auditor's answers to their audits.
///
/// # Errors
///
/// The first thing that keeps the rule files from being run at all, with its place.
pub fn run(directory: &Directory, order: &Order, node: &dyn Node, auditor: &dyn Auditor) -> Result<Report, Remark> {
    let mut warnings = Vec::new();
    let (benchmark, detected) = match &order.which {
        Which::Benchmark(name) => (name.clone(), "none"),
        Which::Version(version) => {
            let mapped = directory.benchmark_for(version)?;
            if mapped.version != *version {
                let Mapped { version: of, benchmark } = &mapped;
                let message = format!("has no benchmark for Kubernetes {version}; {benchmark}, that of {of}, is run");
                warnings.push(Remark::on(directory.name(), message));
            }
            (mapped.benchmark, version.as_str())
        }
    };
    let settings = directory.settings(&benchmark)?;
    let files = chosen(directory, &benchmark, &order.targets, &settings, node)?;
    let audits = Memory::new(auditor, node);
    let mut controls = Vec::new();
    for (target, path) in files {
        let survey = survey(target, &settings, node);
        let rules = load(directory, target, path, &survey, &mut warnings)?;
        controls.push(judged(rules, &directory.called(path), detected, &order.selection, &audits));
    }
    controls.sort_by_key(|controls| controls.id.parse::<i64>().unwrap_or_default());
    Ok(Report { benchmark, controls, warnings, notices: Vec::new() })
}

/// The rule files of the targets that are wanted, in that order.
fn chosen<'a>(
    directory: &'a Directory,
    benchmark: &str,
    targets: &Targets,
    settings: &Settings,
    node: &dyn Node,
) -> Result<Vec<(&'a str, &'a str)>, Remark> {
    let mut files = directory.targets(benchmark)?;
    let named = match targets {
        Targets::All => return Ok(files),
        Targets::Here => {
            let mapped = directory.mapped_targets(benchmark)?;
            files.retain(|(target, _)| mapped.iter().any(|mapped| mapped == target) && is_here(target, settings, node));
            return Ok(files);
        }
        Targets::Named(named) => named,
    };
    let mapped = directory.mapped_targets(benchmark)?;
    named
        .iter()
        .map(|target| {
            let file = files.iter().find(|(name, _)| name == target).filter(|_| mapped.contains(target));
            file.copied().ok_or_else(|| {
                let message = format!("no target {target} in {benchmark} (there: {})", mapped.join(", "));
                Remark::on(&directory.called(benchmark), message)
            })
        })
        .collect()
}

/// Whether a target concerns the node: the programs of two must run, and the control plane's settings go with it.
fn is_here(target: &str, settings: &Settings, node: &dyn Node) -> bool {
    match target {
        "master" | "controlplane" => survey::all_run("master", settings, node),
        "etcd" => survey::all_run("etcd", settings, node),
        _ => true,
    }
}

/// A rule file, with what a survey found put into it.
pub(super) fn load(
    directory: &Directory,
    target: &str,
    path: &str,
    survey: &Survey,
    warnings: &mut Vec<Remark>,
) -> Result<Controls, Remark> {
    let file = directory.called(path);
    warnings.extend(survey.notes.iter().map(|note| Remark::on(&file, note)));
    let substituted = substitute(directory.text(path).transpose()?.unwrap_or_default(), survey);
    for (name, line) in left_over(&substituted.text) {
        warnings.push(Remark::at(&file, line, format!("nothing is known that {name} stands for, so it stays")));
    }
    let mut controls = rules::read(&file, &substituted.text, warnings)?;
    rules::for_target(&controls, &file, target)?;
    add_default_env(&mut controls, &substituted.programs);
    Ok(controls)
}

/// Runs the selected checks. Groups of one id come out as one.
fn judged(rules: Controls, file: &str, detected: &str, selection: &Selection, audits: &Memory<'_>) -> ControlsOutcome {
    let mut groups: Vec<GroupOutcome> = Vec::new();
    for group in rules.groups {
        for check in &group.checks {
            if !selection.has(&group.id, &check.id, check.scored) {
                continue;
            }
            let skipped = group.kind == "skip" || selection.skips(&group.id, &check.id);
            let outcome = check::run(check, file, skipped, audits);
            match groups.iter_mut().find(|present| present.id == group.id) {
                Some(present) => present.checks.push(outcome),
                None => {
                    groups.push(GroupOutcome { id: group.id.clone(), text: group.text.clone(), checks: vec![outcome] });
                }
            }
        }
    }
    let Controls { id, version, text, target, .. } = rules;
    ControlsOutcome { id, version, detected_version: detected.to_owned(), text, target, groups }
}
