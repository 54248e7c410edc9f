//! `--config-dir`: a directory of kube-bench's rule files is run as it is.
//!
//! With `--compat`, or under the name `kube-bench`, the outputs hold what kube-bench's hold and nothing else, and the exit
//! codes are its own.

mod auditor;
mod benchmark;
mod convert;
mod directory;
mod known;
mod lint;
mod programs;
mod strict;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::anyhow;

use crate::kube_bench::choice::Choice;
use crate::kube_bench::{
    Auditor, Directory, Native, Order, Remark, Report, Selection, Targets, Which, report, reported, run as run_rules,
};
use crate::node::{Remembered, is_root};
use crate::report::Format;
use audit_shell::is_of_bash;
use model::{Benchmark, Host, Kubernetes, Notice, Run};
use probe::{Answer, Node, Observed, Question};
use redact::{Masked, mask_output};

use super::arguments::{Command, Options};
use super::failure::Failure;
use super::lint::counted;
use super::output::Outputs;
use super::run::{command, machine_id, now};
use super::{notice, target_node};

use auditor::WithShell;
use directory::{found, open};

pub(super) use convert::run as convert;
pub(super) use lint::run as lint;

/// Refuses a directory of rule files where it means nothing.
pub(super) fn refuse(options: &Options, command: &Command) -> Result<(), Failure> {
    let takes_one = matches!(
        command,
        Command::Run
            | Command::Lint { .. }
            | Command::Convert { .. }
            | Command::Record { .. }
            | Command::Version
            | Command::Completions { .. }
    );
    if takes_one || (options.config_dir.is_none() && options.config.is_none()) {
        return Ok(());
    }
    Err(Failure::Usage(anyhow!(
        "--config-dir, --config: rule files of kube-bench can be run, recorded for, linted and converted, nothing else (leave them out)"
    )))
}

/// Whether rule files are run, and not the built-in benchmarks: where they are named, and in the place of kube-bench where
/// they lie where it looks for them.
pub(super) fn is_asked_for(options: &Options) -> bool {
    is_named(options) || (options.compat && found(options).is_some())
}

/// Whether a directory of rule files, or its settings, are named.
pub(super) fn is_named(options: &Options) -> bool {
    options.config_dir.is_some() || options.config.is_some()
}

/// Runs the rule files of the directory that the options name, all targets of which are run if `all` says so and no other
/// are named.
pub(super) fn run(options: &Options, all: bool) -> Result<ExitCode, Failure> {
    let outputs = Outputs::of(options)?;
    let (directory, unlisted) = open(options)?;
    let target = target_node::open(options)?;
    let (seen_from, started) = (target.seen_from.clone(), now());
    let node = Remembered::new(&*target.node);
    let auditor: Box<dyn Auditor> =
        if options.allow_exec { Box::new(WithShell::new(options)?) } else { Box::new(Native::default()) };
    let mut notices = Vec::new();
    let Choice { which, detected, .. } = benchmark::chosen(options, &directory, &node, &mut notices)?;
    let targets = match named(&options.targets) {
        targets if !targets.is_empty() => Targets::Named(targets),
        _ if all => Targets::All,
        _ => Targets::Here,
    };
    let order = Order { which, detected, targets, selection: selection(options) };
    let mut report = run_rules(&directory, &order, &node, &*auditor).map_err(refused)?;
    report.warnings.splice(0..0, unlisted);
    report.notices = notices;
    if options.strict {
        strict::judge(&directory, &node, target.seen_from, &mut report)?;
    }
    if !options.compat {
        // The notices may tell what audits printed; kube-bench tells everything.
        report.notices.iter_mut().for_each(|notice| notice.text = mask_output(&notice.text).into_owned());
    }
    report.notices.extend(remarkable(options, &report));
    for warning in &report.warnings {
        notice::beside_output(options, &warning.to_string());
    }
    for told in &report.notices {
        notice::beside_output(options, &told.text);
    }
    let ran_on = ran_on(options, &directory, &node, seen_from, started, &report);
    let ours = Masked::new(reported(&report, ran_on));
    outputs.write(&|format, style, out| match as_kube_bench(format) {
        Some(write) if options.compat => write(&report, &exact(*style), out),
        _ => format.write(&ours, style, out),
    })?;
    let failed = report.totals().fail > 0;
    Ok(if failed { ExitCode::from(options.exit_code) } else { ExitCode::SUCCESS })
}

/// A writer of kube-bench's.
type Exact = fn(&Report, &report::Options, &mut dyn Write) -> io::Result<()>;

/// What writes exactly what kube-bench writes; none of a format that it does not have.
fn as_kube_bench(format: Format) -> Option<Exact> {
    match format {
        Format::Text => Some(report::text),
        Format::Json => Some(report::json),
        Format::Junit => Some(report::junit),
        Format::Native => None,
    }
}

fn exact(style: crate::report::Options) -> report::Options {
    report::Options {
        results: !style.noresults,
        remediations: !style.noremediations,
        summary: !style.nosummary,
        totals: !style.nototals,
        test_output: style.include_test_output,
    }
}

/// What rule files were run on, for the report.
fn ran_on(
    options: &Options,
    directory: &Directory,
    node: &dyn Node,
    root: String,
    started: String,
    report: &Report,
) -> Run {
    let name = options.node_name.clone().filter(|name| !name.is_empty());
    let name = name.or_else(|| match node.ask(&Question::HostName) {
        Observed::Present(Answer::Text(name)) => Some(name),
        _ => None,
    });
    let detected = report.controls.first().map(|controls| controls.detected_version.clone());
    let version = detected.filter(|version| version != "none");
    let warnings = report.warnings.iter().map(|warning| Notice::new("rule-file", warning.to_string()));
    Run {
        tool: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command: command("run", options),
        host: Host { name: name.unwrap_or_default(), machine_id: machine_id(node) },
        root,
        platform: None,
        kubernetes: Kubernetes {
            evidence: if version.is_some() { "the node" } else { "not detected" }.to_owned(),
            version,
        },
        benchmark: Benchmark {
            name: report.benchmark.clone(),
            title: format!("rule files of {}", directory.name()),
            digest: directory.digest(),
            evidence: "given with --config-dir".to_owned(),
        },
        profile: None,
        targets: Vec::new(),
        notices: warnings.chain(report.notices.iter().cloned()).collect(),
        started,
        finished: now(),
    }
}

/// Asks a node everything that audits which are interpreted look at, of the benchmark that the options name, or of all;
/// `tell` is told what should be known of that.
pub(super) fn look(options: &Options, node: &dyn Node, tell: &dyn Fn(&str)) -> Result<(), Failure> {
    let (directory, unlisted) = open(options)?;
    for remark in unlisted {
        tell(&remark.to_string());
    }
    // Every report names the node.
    let _ = node.ask(&Question::HostName);
    let wanted = named(&options.targets);
    let chosen = match benchmark::named(options) {
        Some(which) => vec![(which, wanted)],
        None => of_each(&directory, &wanted)?,
    };
    for (which, targets) in chosen {
        let targets = if targets.is_empty() { Targets::All } else { Targets::Named(targets) };
        let order = Order { which, detected: String::new(), targets, selection: selection(options) };
        run_rules(&directory, &order, node, &Native::default()).map_err(refused)?;
    }
    Ok(())
}

/// Asks a node everything by which the benchmark and the targets are chosen.
pub(super) fn look_at_platform(node: &dyn Node) {
    known::by_evidence(node);
}

/// Every benchmark of a directory with those of the targets that it has; where some are wanted, those that have any.
fn of_each(directory: &Directory, wanted: &[String]) -> Result<Vec<(Which, Vec<String>)>, Failure> {
    let (mut chosen, mut known) = (Vec::new(), BTreeSet::new());
    for name in directory.benchmarks() {
        let which = Which::Benchmark(name.to_owned());
        if wanted.is_empty() {
            chosen.push((which, Vec::new()));
            continue;
        }
        // No target can be chosen of what is not mapped.
        let mut targets = directory.mapped_targets(name).unwrap_or_default();
        known.extend(targets.iter().cloned());
        targets.retain(|target| wanted.contains(target));
        if !targets.is_empty() {
            chosen.push((which, targets));
        }
    }
    let unknown: Vec<&str> = wanted.iter().filter(|name| !known.contains(*name)).map(String::as_str).collect();
    if unknown.is_empty() {
        return Ok(chosen);
    }
    let known: Vec<String> = known.into_iter().collect();
    Err(Failure::Usage(anyhow!(
        "--targets {}: in no benchmark of the directory (there are {})",
        unknown.join(","),
        known.join(", ")
    )))
}

/// What keeps the rule files from being run.
pub(super) fn refused(remark: Remark) -> Failure {
    Failure::usage(remark)
}

/// What should be known of a run: what keeps checks from being known.
fn remarkable(options: &Options, report: &Report) -> Vec<Notice> {
    let mut notices = Vec::new();
    let mut note = |code, text: String| notices.push(Notice::new(code, text));
    let checks = report.controls.iter().flat_map(|controls| &controls.groups).flat_map(|group| &group.checks);
    if checks.clone().next().is_none() {
        let text = "checks: none was run, since what was chosen holds none (see --targets, --check, --group, --scored and \
                    --unscored)";
        note("nothing-chosen", text.to_owned());
    }
    let mut by_command: BTreeMap<&str, usize> = BTreeMap::new();
    for check in checks {
        match check.not_run.as_ref().map(Option::as_deref) {
            Some(Some(command)) => *by_command.entry(command).or_default() += 1,
            Some(None) => {
                note("audit-not-run", format!("{}:{}: check {}: {}", check.file, check.line, check.id, check.reason));
            }
            None => {}
        }
    }
    for (command, checks) in by_command {
        let verb = if checks == 1 { "is" } else { "are" };
        let checks = counted(checks, "check");
        note(
            "command-not-run",
            format!("{command}: not run, so {checks} {verb} unknown (allow processes with --allow-exec)"),
        );
    }
    for (command, checks) in report.missing_commands() {
        let checks = counted(checks, "check");
        let text = if is_of_bash(command) {
            format!(
                "[[ … ]]: bash's conditional command, not one of POSIX sh; what the shell says of it counts as output in \
                 {checks} (write [ … ] instead, or call bash)"
            )
        } else {
            format!("{command}: not found, and what the shell says of that counts as output in {checks} (install it)")
        };
        note("command-not-found", text);
    }
    if options.node.is_none() && !is_root() {
        let text = "this user: not root, so what only root may read is not known (run it as root)";
        note("not-root", text.to_owned());
    }
    notices
}

fn selection(options: &Options) -> Selection {
    let set = |names: &[String]| -> BTreeSet<String> { named(names).into_iter().collect() };
    Selection {
        checks: set(&options.check),
        groups: set(&options.group),
        skip: set(&options.skip),
        scored: options.scored,
        unscored: options.unscored,
    }
}

fn named(names: &[String]) -> Vec<String> {
    names.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}
