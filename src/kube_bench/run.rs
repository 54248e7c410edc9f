//! The way from a directory of rule files to a report.

use super::auditor::{Auditor, Memory};
use super::check;
use super::directory::Directory;
use super::outcome::{ControlsOutcome, GroupOutcome, Report};
use super::remark::Remark;
use super::rules::{self, Controls};
use super::selection::Selection;
use super::settings::Settings;
use super::substitution::{add_default_env, left_over, substitute};
use super::survey::survey;
use crate::probe::Node;

/// Which benchmark of a directory is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The one of this name.
    Benchmark(String),
    /// The one that the directory has for this version of Kubernetes, e.g. `1.32`.
    Version(String),
}

/// What is to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The benchmark.
    pub which: Which,
    /// Its targets; all if none are named.
    pub targets: Option<Vec<String>>,
    /// Which checks.
    pub selection: Selection,
}

/// Runs rule files of a directory on a node, with the auditor's answers to their audits.
///
/// # Errors
///
/// The first thing that keeps the rule files from being run at all, with its place.
pub fn run(directory: &Directory, order: &Order, node: &dyn Node, auditor: &dyn Auditor) -> Result<Report, Remark> {
    let (benchmark, detected) = match &order.which {
        Which::Benchmark(name) => (name.clone(), "none"),
        Which::Version(version) => (directory.benchmark_for(version)?, version.as_str()),
    };
    let settings = directory.settings(&benchmark)?;
    let files = chosen(directory, &benchmark, order.targets.as_deref())?;
    let audits = Memory::new(auditor, node);
    let mut warnings = Vec::new();
    let mut controls = Vec::new();
    for (target, path) in files {
        let rules = load(directory, target, path, &settings, node, &mut warnings)?;
        controls.push(judged(rules, detected, &order.selection, &audits));
    }
    controls.sort_by_key(|controls| controls.id.parse::<i64>().unwrap_or_default());
    Ok(Report { benchmark, controls, warnings })
}

/// The rule files of the targets that were named, in that order; all of them if none were.
fn chosen<'a>(
    directory: &'a Directory,
    benchmark: &str,
    targets: Option<&[String]>,
) -> Result<Vec<(&'a str, &'a str)>, Remark> {
    let files = directory.targets(benchmark)?;
    let Some(targets) = targets else { return Ok(files) };
    let mapped = directory.mapped_targets(benchmark)?;
    targets
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

/// A rule file, with what is on the node put into it.
fn load(
    directory: &Directory,
    target: &str,
    path: &str,
    settings: &Settings,
    node: &dyn Node,
    warnings: &mut Vec<Remark>,
) -> Result<Controls, Remark> {
    let file = directory.called(path);
    let survey = survey(target, settings, node);
    warnings.extend(survey.notes.iter().map(|note| Remark::on(&file, note)));
    let substituted = substitute(directory.text(path).transpose()?.unwrap_or_default(), &survey);
    for (name, line) in left_over(&substituted.text) {
        warnings.push(Remark::at(&file, line, format!("nothing is known that {name} stands for, so it stays")));
    }
    let mut controls = rules::read(&file, &substituted.text, warnings)?;
    if controls.target != target {
        let message =
            format!("its type is {:?}, but its name says {target:?} (they must be the same)", controls.target);
        return Err(Remark::on(&file, message));
    }
    add_default_env(&mut controls, &substituted.programs);
    Ok(controls)
}

/// Runs the selected checks. Groups of one id come out as one.
fn judged(rules: Controls, detected: &str, selection: &Selection, audits: &Memory<'_>) -> ControlsOutcome {
    let mut groups: Vec<GroupOutcome> = Vec::new();
    for group in rules.groups {
        for check in &group.checks {
            if !selection.has(&group.id, &check.id, check.scored) {
                continue;
            }
            let skipped = group.kind == "skip" || selection.skips(&group.id, &check.id);
            let outcome = check::run(check, skipped, audits);
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
