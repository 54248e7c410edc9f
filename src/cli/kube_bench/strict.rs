//! `--strict`: checks whose audits are of a well-known form are judged as our own are.

use model::{Check, Notice, Verdict};
use redact::Masked;

use crate::assay::{BenchmarkChoice, Order, ProfileChoice, assay};
use crate::cli::failure::Failure;
use crate::embedded;
use crate::kube_bench::convert::{Outcome, convert};
use crate::kube_bench::{Directory, Report, Stricter};
use crate::report::{state, words};
use definitions::benchmark::{SourceFile, Target};
use definitions::load_with;
use probe::Node;

/// Judges what can be judged better, and notes what came of it.
pub(super) fn judge(
    directory: &Directory,
    node: &dyn Node,
    seen_from: String,
    report: &mut Report,
) -> Result<(), Failure> {
    let embedded = embedded::definitions();
    let converted = match convert(directory, &report.benchmark, &embedded.library) {
        Ok(converted) => converted,
        Err(remark) => {
            tell(report, format!("--strict: nothing is judged otherwise: {remark}"));
            return Ok(());
        }
    };
    let files: Vec<SourceFile> = converted
        .files
        .iter()
        .map(|(path, text)| SourceFile { name: path.clone(), path: path.clone(), text: text.clone() })
        .collect();
    let definitions = load_with(&embedded, &files, &[]).map_err(Failure::usage)?;
    let of_ours = definitions.library.benchmark(&report.benchmark).map(|benchmark| &benchmark.targets[..]);
    let has = |name: &str| of_ours.is_some_and(|targets| targets.iter().any(|index| index.target.name() == name));
    let targets: Vec<Target> = report
        .controls
        .iter()
        .filter(|controls| has(&controls.target))
        .filter_map(|controls| controls.target.parse::<Target>().ok())
        .collect();
    if targets.is_empty() {
        tell(report, "--strict: nothing is judged otherwise: no check is of a well-known form".to_owned());
        return Ok(());
    }
    let order = Order {
        benchmark: BenchmarkChoice::Named(report.benchmark.clone()),
        profile: ProfileChoice::None,
        targets: Some(targets),
        root: seen_from,
        ..Order::default()
    };
    let ours = Masked::new(assay(node, &definitions, &order, &|_| None).map_err(Failure::usage)?);
    let judged = converted.mapped();
    report.judge_strictly(|target, check| {
        // A number may stand twice in a rule file, a line holds one check.
        let converted = converted.checks.iter().find(|one| one.file == check.file && one.line == check.line)?;
        let Outcome::Mapped { control } = &converted.outcome else { return None };
        let of_target = ours.targets.iter().find(|ours| ours.name == target)?;
        let is_of_control = |check: &&Check| check.control.as_ref() == Some(control);
        let mut of_control = of_target.checks().filter(is_of_control);
        let by_number = of_target.checks().filter(is_of_control).find(|ours| ours.id == check.id);
        // Under another number, a control that several checks share says nothing of this one.
        stricter(by_number.or_else(|| of_control.next().filter(|_| of_control.next().is_none()))?)
    });
    let changed: Vec<String> = report
        .changed()
        .map(|check| {
            let was = check.changed.as_ref().map_or("", |changed| changed.was.name());
            format!("{} is {}, not {was}", check.id, check.status.name())
        })
        .collect();
    let told =
        if changed.is_empty() { "none of them is another than kube-bench's".to_owned() } else { changed.join("; ") };
    tell(report, format!("--strict: {judged} of {} checks are of a well-known form: {told}", converted.checks.len()));
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
