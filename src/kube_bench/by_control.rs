//! `--strict`: judges checks whose audits have a well-known form by the controls they are equivalent to.

use model::{Check, Notice, Verdict};
use redact::Masked;

use super::convert::{ConvertOutcome, convert};
use super::directory::Directory;
use super::outcome::Report;
use super::strict::Stricter;
use crate::embedded;
use crate::report::{state, words};
use crate::run::{BenchmarkChoice, ProfileChoice, RequestError, RunRequest, assay};
use definitions::benchmark::{Diagnostics, SourceFile, Target};
use definitions::load_with;
use probe::Node;

/// Why checks could not be judged by controls.
#[derive(Debug, thiserror::Error)]
pub enum JudgementError {
    /// The converted rules are not valid definitions.
    #[error(transparent)]
    Definitions(#[from] Diagnostics),
    /// The converted benchmark cannot be run.
    #[error(transparent)]
    Request(#[from] RequestError),
}

/// Judges by controls the checks that can be mapped to one, and adds a notice listing the verdicts that changed.
/// `seen_from` is where the node's file system is accessed from.
///
/// # Errors
///
/// Returns an error if the converted rules cannot be run.
pub fn judge_by_controls(
    report: &mut Report,
    directory: &Directory,
    node: &dyn Node,
    seen_from: String,
) -> Result<(), JudgementError> {
    let embedded = embedded::shared();
    let converted = match convert(directory, &report.benchmark, &embedded.library) {
        Ok(converted) => converted,
        Err(remark) => {
            tell(report, format!("--strict: no verdict changes: {remark}"));
            return Ok(());
        }
    };
    let files: Vec<SourceFile> = converted
        .files
        .iter()
        .map(|(path, text)| SourceFile { name: path.clone(), path: path.clone(), text: text.clone() })
        .collect();
    let definitions = load_with(embedded, &files, &[])?;
    let of_ours = definitions.library.benchmark(&report.benchmark).map(|benchmark| &benchmark.targets[..]);
    let has = |name: &str| of_ours.is_some_and(|targets| targets.iter().any(|index| index.target.name() == name));
    let targets: Vec<Target> = report
        .controls
        .iter()
        .filter(|controls| has(&controls.target))
        .filter_map(|controls| controls.target.parse::<Target>().ok())
        .collect();
    if targets.is_empty() {
        tell(report, "--strict: no verdict changes: no check has a well-known form".to_owned());
        return Ok(());
    }
    let request = RunRequest {
        benchmark: BenchmarkChoice::Named(report.benchmark.clone()),
        profile: ProfileChoice::None,
        targets: Some(targets),
        root: seen_from,
        ..RunRequest::default()
    };
    let ours = Masked::new(assay(node, &definitions, &request)?);
    let judged = converted.mapped();
    report.judge_strictly(|target, check| {
        // A rule file may use a number twice, but each line defines at most one check.
        let converted = converted.checks.iter().find(|one| one.file == check.file && one.line == check.line)?;
        let ConvertOutcome::Mapped { control } = &converted.outcome else { return None };
        let of_target = ours.targets.iter().find(|ours| ours.name == target)?;
        let is_of_control = |check: &&Check| check.control.as_ref() == Some(control);
        let mut of_control = of_target.checks().filter(is_of_control);
        let by_number = of_target.checks().filter(is_of_control).find(|ours| ours.id == check.id);
        // Under another number, a control that several checks share says nothing about this one.
        stricter(by_number.or_else(|| of_control.next().filter(|_| of_control.next().is_none()))?)
    });
    let changed: Vec<String> = report
        .changed()
        .map(|check| {
            let was = check.changed.as_ref().map_or("", |changed| changed.was.name());
            format!("{} is {}, not {was}", check.id, check.status.name())
        })
        .collect();
    let told = if changed.is_empty() { "all of them match kube-bench's".to_owned() } else { changed.join("; ") };
    tell(report, format!("--strict: {judged} of {} checks have a well-known form: {told}", converted.checks.len()));
    Ok(())
}

fn tell(report: &mut Report, text: String) {
    report.notices.push(Notice { code: "strict".into(), text });
}

fn stricter(check: &Check) -> Option<Stricter> {
    let why = match check.verdict {
        Verdict::Manual => return None,
        Verdict::Pass => check.evidence.first().map(|evidence| words::Words(evidence).to_string()).unwrap_or_default(),
        _ => words::reason(check),
    };
    Some(Stricter { status: state(check), verdict: check.verdict.name(), why })
}
