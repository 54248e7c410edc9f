//! Runs a directory of rule files and returns a report.

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

/// Selects the benchmark of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The benchmark of this name.
    Benchmark(String),
    /// The benchmark mapped to this Kubernetes version, e.g. `1.32`.
    Version(String),
}

/// Selects the targets of a benchmark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Targets {
    /// All targets with a rule file.
    All,
    /// The targets that apply to the node: `master` if all programs required of a control plane run, `controlplane`
    /// likewise, `etcd` if it runs, and always `node`, `policies` and `managedservices`. All but `master` and `node`
    /// must also be mapped to the benchmark, as in kube-bench. The common settings define the required programs, since
    /// those of a benchmark may name the runtime for every component.
    Here,
    /// The targets of these names.
    Named(Vec<String>),
}

/// The benchmark, targets and checks to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesRequest {
    /// The benchmark.
    pub which: Which,
    /// What the report shows as detected; `none` if the benchmark or the version was given.
    pub detected: String,
    /// The targets.
    pub targets: Targets,
    /// The checks.
    pub selection: Selection,
}

/// Checks that the directory has a benchmark or version.
///
/// # Errors
///
/// Returns an error if it does not, as [`run`] would.
pub fn refuse_unknown(directory: &Directory, which: &Which) -> Result<(), Remark> {
    match which {
        Which::Benchmark(name) => directory.targets(name).map(|_| ()),
        Which::Version(version) => directory.benchmark_for(version).map(|_| ()),
    }
}

/// Runs rule files of a directory on a node, with the auditor's results.
///
/// # Errors
///
/// Returns the first problem that prevents the rule files from being run, with its location.
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

/// The rule files of the selected targets, in kube-bench's order.
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
            // The mapping is case-insensitive; file names are lowercase.
            let is_mapped = mapped.iter().any(|mapped| mapped.to_lowercase() == *target);
            file(target).filter(|_| is_mapped).ok_or_else(|| {
                let near = near(target, mapped.iter().map(String::as_str));
                let message = format!("no target {} in {benchmark} ({near}there: {})", cut(target), mapped.join(", "));
                Remark::on(&directory.called(benchmark), message)
            })
        })
        .collect()
}

/// The targets that apply to a node, given those that the benchmark is mapped to.
fn those_here(mapped: &[String], common: &Settings, settings: &Settings, node: &dyn Node) -> Vec<&'static str> {
    let is_mapped = |target: &str| mapped.iter().any(|mapped| mapped.to_lowercase() == target);
    let is_master = survey::all_run("master", common, node);
    // kube-bench merges the benchmark's settings into the common ones when it runs the first target.
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

/// Reads a rule file after substituting the results of a survey.
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

/// Runs the selected checks. Groups with the same id are merged.
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
