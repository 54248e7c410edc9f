//! The way from a directory of rule files to a report.

use super::auditor::{Auditor, Memory};
use super::check;
use super::directory::{Directory, Mapped, near};
use super::outcome::{ControlsOutcome, GroupOutcome, Report};
use super::remark::Remark;
use super::rules::{self, Controls};
use super::selection::Selection;
use super::settings::Settings;
use super::substitution::{add_default_env, left_over, substitute};
use super::survey::{self, Survey, survey};
use definitions::benchmark::suggestion::cut;
use probe::Node;
use redact::Bounds;
use sorting::Sorting;

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
    /// Those that concern the node: `master` where all programs run that a control plane must have, `controlplane` likewise
    /// and `etcd` where it runs, `node` always, `policies` and `managedservices`, each of them if the settings map it to the
    /// benchmark, but for `master` and `node`, which kube-bench does not look up. Which programs those are, the common
    /// settings say: those of a benchmark may take the runtime for every component.
    Here,
    /// Those of these names.
    Named(Vec<String>),
}

/// What is to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesRequest {
    /// The benchmark.
    pub which: Which,
    /// What the report says was detected; `none` where the benchmark or the version was given.
    pub detected: String,
    /// Its targets.
    pub targets: Targets,
    /// Which checks.
    pub selection: Selection,
}

/// Refuses a benchmark or a version that the directory lacks.
///
/// # Errors
///
/// As [`run`].
pub fn refuse_unknown(directory: &Directory, which: &Which) -> Result<(), Remark> {
    match which {
        Which::Benchmark(name) => directory.targets(name).map(|_| ()),
        Which::Version(version) => directory.benchmark_for(version).map(|_| ()),
    }
}

/// Runs rule files of a directory on a node, with the auditor's answers to their audits.
///
/// # Errors
///
/// The first thing that keeps the rule files from being run at all, with its place.
pub fn run(
    directory: &Directory,
    request: &RulesRequest,
    node: &dyn Node,
    auditor: &dyn Auditor,
) -> Result<Report, Remark> {
    let mut warnings = Vec::new();
    let benchmark = match &request.which {
        Which::Benchmark(name) => name.clone(),
        Which::Version(version) => {
            let mapped = directory.benchmark_for(version)?;
            if mapped.version != *version {
                let Mapped { version: of, benchmark } = &mapped;
                let message = format!("has no benchmark for Kubernetes {version}; {benchmark}, that of {of}, is run");
                warnings.push(Remark::on(directory.name(), message));
            }
            mapped.benchmark
        }
    };
    let settings = directory.settings(&benchmark)?;
    let files = chosen(directory, &benchmark, &request.targets, &settings, node, &mut warnings)?;
    let (audits, mut bounds) = (Memory::new(auditor, node), Bounds::default());
    let mut controls = Vec::new();
    for (target, path) in files {
        let survey = survey(target, &settings, node);
        let rules = load(directory, target, path, &survey, &mut warnings)?;
        controls.push(judged(
            rules,
            &directory.called(path),
            &request.detected,
            &request.selection,
            &audits,
            &mut bounds,
        ));
    }
    controls.order_by_key(|controls| controls.id.parse::<i64>().unwrap_or_default());
    Ok(Report { benchmark, controls, warnings, notices: Vec::new() })
}

/// The rule files of the targets that are wanted, in the order in which kube-bench runs them.
fn chosen<'a>(
    directory: &'a Directory,
    benchmark: &str,
    targets: &Targets,
    settings: &Settings,
    node: &dyn Node,
    warnings: &mut Vec<Remark>,
) -> Result<Vec<(&'a str, &'a str)>, Remark> {
    let files = directory.targets(benchmark)?;
    let file = |target: &str| files.iter().find(|(name, _)| *name == target).copied();
    let named = match targets {
        Targets::All => return Ok(files),
        Targets::Here => {
            let mut here = Vec::new();
            for target in
                those_here(&directory.mapped_targets(benchmark)?, &directory.common_settings()?, settings, node)
            {
                match file(target) {
                    Some(found) => here.push(found),
                    None => warnings.push(Remark::on(
                        &directory.called(benchmark),
                        format!("no rule file for the target {target}, which applies to this node; it is left out"),
                    )),
                }
            }
            return Ok(here);
        }
        Targets::Named(named) => named,
    };
    let mapped = directory.mapped_targets(benchmark)?;
    named
        .iter()
        .map(|target| {
            // Mapped in any case, and named in small letters.
            let is_mapped = mapped.iter().any(|mapped| mapped.to_lowercase() == *target);
            file(target).filter(|_| is_mapped).ok_or_else(|| {
                let near = near(target, mapped.iter().map(String::as_str));
                let message = format!("no target {} in {benchmark} ({near}there: {})", cut(target), mapped.join(", "));
                Remark::on(&directory.called(benchmark), message)
            })
        })
        .collect()
}

/// The targets that concern a node, of a benchmark that is mapped to these.
fn those_here(mapped: &[String], common: &Settings, settings: &Settings, node: &dyn Node) -> Vec<&'static str> {
    let is_mapped = |target: &str| mapped.iter().any(|mapped| mapped.to_lowercase() == target);
    let is_master = survey::all_run("master", common, node);
    // kube-bench lays the benchmark's settings over the common ones when it runs the first target.
    let of_etcd = if is_master { settings } else { common };
    [
        ("master", is_master),
        ("controlplane", is_master && is_mapped("controlplane")),
        ("etcd", is_mapped("etcd") && survey::all_run("etcd", of_etcd, node)),
        ("node", true),
        ("policies", is_mapped("policies")),
        ("managedservices", is_mapped("managedservices")),
    ]
    .into_iter()
    .filter_map(|(target, is_here)| is_here.then_some(target))
    .collect()
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
        warnings.push(Remark::at(&file, line, format!("{name} has no known value, so it is kept as is")));
    }
    let mut controls = rules::read(&file, &substituted.text, warnings)?;
    rules::for_target(&controls, &file, target)?;
    add_default_env(&mut controls, &substituted.programs);
    Ok(controls)
}

/// Runs the selected checks. Groups of one id come out as one.
fn judged(
    rules: Controls,
    file: &str,
    detected: &str,
    selection: &Selection,
    audits: &Memory<'_>,
    bounds: &mut Bounds,
) -> ControlsOutcome {
    let mut groups: Vec<GroupOutcome> = Vec::new();
    for group in rules.groups {
        for check in &group.checks {
            if !selection.has(&group.id, &check.id, check.scored) {
                continue;
            }
            let skipped = group.kind == "skip" || selection.skips(&group.id, &check.id);
            let mut outcome = check::run(check, file, skipped, audits);
            bounds.printed(&mut outcome.actual_value);
            bounds.lines(&mut outcome.expected_result);
            bounds.lines(&mut outcome.reason);
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
