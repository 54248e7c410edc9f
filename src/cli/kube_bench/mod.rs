//! `--config-dir`: runs a directory of kube-bench's rule files unchanged.
//!
//! With `--compat`, or under the name `kube-bench`, the outputs contain exactly what kube-bench's contain, and the exit
//! codes are its own.

#[cfg(feature = "cluster")]
mod api_server;
mod arguments;
mod auditor;
mod benchmark;
mod convert;
mod directory;
mod known;
mod lint;
mod programs;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::anyhow;

use crate::embedded;
use crate::kube_bench::choice::{Choice, Told};
use crate::kube_bench::{
    Auditor, Directory, Native, Remark, Report, RulesRequest, Selection, Targets, Which, judge_by_controls,
    refuse_unknown, report, reported, run as run_rules,
};
use crate::node::{commit, is_root};
use crate::report::Format;
use crate::run::TOLD;
use audit_shell::is_of_bash;
use definitions::SharedText;
use definitions::benchmark::Component;
use definitions::benchmark::suggestion::cut;
use model::{Benchmark, Host, Kubernetes, Notice, Run};
use probe::{Answer, Node, Observed, Question};
use redact::{Bounds, Masked, mask_output};

use super::counted::counted;
use super::failure::Failure;
use super::options::{BenchmarkOptions, CheckOptions, ReportOptions, RuleFileOptions, TargetOptions, Verbosity, named};
use super::output::Outputs;
use super::phases::{self, Job, Looked};
use super::run::{RunOptions, choose, machine_id, now, put_node, unanswered};
use super::{containment, notice};

use self::directory::{found, open, refused};
use auditor::WithShell;

#[cfg(feature = "cluster")]
pub(super) use api_server::is_asked as asks_api_server;
pub(super) use arguments::{Arguments, Command, is_compatible, whole_command};
pub(super) use convert::ConvertOptions;
pub(super) use convert::run as convert;
pub(super) use lint::run as lint;

/// Whether rule files are run instead of the built-in benchmarks: if they are named or, with kube-bench's command line,
/// if they are in one of its usual directories.
pub(super) fn is_asked_for(options: &RunOptions) -> bool {
    let rule_files = &options.rules.rule_files;
    rule_files.are_named() || (options.compatibility.compat && found(rule_files).is_some())
}

/// Runs the rule files of the directory that the options name. With `all`, every target is run if none is named.
pub(super) fn run(options: &'static RunOptions, verbosity: &'static Verbosity, all: bool) -> Result<ExitCode, Failure> {
    if options.profile.profile.as_deref().is_some_and(|profile| profile != "none") {
        return Err(Failure::Usage(anyhow!(
            "--profile: belongs to the built-in benchmarks (leave it out with --config-dir; --skip skips checks)"
        )));
    }
    let ReportOptions { junit_fail_on, junit_strict, pretty, show, only, remediations, .. } = &options.report;
    for (name, is_given) in [
        ("--junit-fail-on", junit_fail_on.is_some()),
        ("--junit-strict", *junit_strict),
        ("--pretty", *pretty),
        ("--show", !show.is_empty()),
        ("--only", !only.is_empty()),
        ("--remediations", *remediations),
    ] {
        if options.compatibility.compat && is_given {
            return Err(Failure::Usage(anyhow!("{name}: cannot be used with --compat (leave one of them out)")));
        }
    }
    phases::carry_out(&options.node, &options.exec, move || {
        let outputs = Outputs::of(&options.report, verbosity, options.node.node.as_deref())?;
        let selection = selection(&options.checks)?;
        let (directory, unlisted) = open(&options.rules.rule_files)?;
        let auditor: Box<dyn Auditor + Send + Sync> = if options.exec.allow_exec {
            Box::new(WithShell::new(&options.node, options.exec_limit.time())?)
        } else {
            Box::new(Native::default())
        };
        // Processes are needed to detect the benchmark, and to judge as the built-in checks do.
        let asks = options.compatibility.strict || benchmark::named(&options.benchmark()?).is_none();
        #[cfg(feature = "cluster")]
        let api = api_server::ask(options);
        #[cfg(not(feature = "cluster"))]
        let api = OfApi::default();
        let started = now();
        Ok(RulesJob { options, verbosity, all, outputs, selection, directory, unlisted, auditor, asks, api, started })
    })
}

/// The API server's answers, queried before rights are dropped; empty if it was not queried.
#[derive(Debug, Default)]
struct OfApi {
    /// The version, with the platform in its suffix.
    told: Option<Told>,
    /// Why an answer is missing.
    notices: Vec<Notice>,
}

/// The job of a run with rule files.
struct RulesJob {
    options: &'static RunOptions,
    verbosity: &'static Verbosity,
    all: bool,
    outputs: Outputs,
    selection: Selection,
    directory: Directory,
    unlisted: Vec<Remark>,
    auditor: Box<dyn Auditor + Send + Sync>,
    /// Whether processes are searched for.
    asks: bool,
    api: OfApi,
    started: String,
}

impl Job for RulesJob {
    fn components(&self) -> Option<&BTreeMap<SharedText, Component>> {
        self.asks.then(|| &embedded::shared().library.components)
    }

    fn written(&self) -> Vec<PathBuf> {
        self.outputs.files().map(Path::to_owned).collect()
    }

    fn read(&self) -> Vec<PathBuf> {
        read(&self.options.rules.rule_files)
    }

    fn look(&self, node: &Looked, seen_from: &str) -> Result<ExitCode, Failure> {
        check(self, node, seen_from)
    }
}

/// Returns the directories of rule files that are still read during a run.
pub(super) fn read(options: &RuleFileOptions) -> Vec<PathBuf> {
    found(options).into_iter().collect()
}

fn check(job: &RulesJob, node: &Looked, seen_from: &str) -> Result<ExitCode, Failure> {
    let RulesJob { options, verbosity, outputs, directory, auditor, api, .. } = job;
    let mut notices = api.notices.clone();
    let server = api.told.as_ref();
    let Choice { which, detected, .. } = benchmark::chosen(options, directory, node, server, &mut notices)?;
    let targets = match options.targets.names() {
        targets if !targets.is_empty() => Targets::Named(targets),
        _ if job.all => Targets::All,
        _ => Targets::Here,
    };
    let request = RulesRequest { which, detected, targets, selection: job.selection.clone() };
    let mut report = run_rules(directory, &request, node, &**auditor).map_err(refused)?;
    report.warnings.splice(0..0, job.unlisted.iter().cloned());
    report.notices = notices;
    if options.compatibility.strict {
        judge_by_controls(&mut report, directory, node, seen_from.to_owned()).map_err(Failure::usage)?;
    }
    report.notices.extend(unanswered());
    if !options.compatibility.compat {
        // Notices may quote the output of audits, which kube-bench prints unmasked.
        report.notices.iter_mut().for_each(|notice| notice.text = mask_output(&notice.text).into_owned());
    }
    report.notices.extend(remarkable(options, &report));
    let ran_on = ran_on(options, directory, node, seen_from.to_owned(), job.started.clone(), &report)?;
    let mut ours = reported(&report, ran_on);
    outputs.keep(&mut ours);
    Bounds::default().run(&mut ours.run);
    let ours = Masked::new(ours);
    if commit() {
        for warning in &report.warnings {
            notice::beside_output(verbosity, &warning.to_string());
        }
        let has_them = outputs.prints_text() && !options.compatibility.compat;
        for told in report.notices.iter().filter(|_| verbosity.is_verbose() || !has_them) {
            notice::beside_output(verbosity, &told.text);
        }
        containment::tell(verbosity, &containment::in_force());
    }
    outputs.write(&|format, style, out| match as_kube_bench(format) {
        Some(write) if options.compatibility.compat => write(&report, &exact(*style), out),
        _ => format.write(&ours, style, out),
    })?;
    let failed = report.totals().fail > 0;
    Ok(if failed { ExitCode::from(options.report.exit_code) } else { ExitCode::SUCCESS })
}

/// The options that select the audits to record.
pub(super) struct Look<'o> {
    pub(super) rule_files: &'o RuleFileOptions,
    pub(super) benchmark: &'o BenchmarkOptions,
    pub(super) targets: &'o TargetOptions,
    pub(super) checks: &'o CheckOptions,
}

/// A writer of one of kube-bench's formats.
type Exact = fn(&Report, &report::ReportStyle, &mut dyn Write) -> io::Result<()>;

/// Returns the writer of exactly kube-bench's output; none for a format that kube-bench lacks.
fn as_kube_bench(format: Format) -> Option<Exact> {
    match format {
        Format::Text => Some(report::text),
        Format::Json => Some(report::json),
        Format::Junit => Some(report::junit),
        Format::Native => None,
    }
}

fn exact(style: crate::report::Options) -> report::ReportStyle {
    report::ReportStyle {
        results: !style.noresults,
        remediations: !style.noremediations,
        summary: !style.nosummary,
        totals: !style.nototals,
        test_output: style.include_test_output,
    }
}

/// Describes the run, for the report.
fn ran_on(
    options: &RunOptions,
    directory: &Directory,
    node: &dyn Node,
    root: String,
    started: String,
    report: &Report,
) -> Result<Run, Failure> {
    let name = options.node_name.given()?.or_else(|| match node.ask(&Question::HostName) {
        Observed::Present(Answer::Text(name)) => Some(name),
        _ => None,
    });
    let detected = report.controls.first().map(|controls| controls.detected_version.clone());
    let version = detected.filter(|version| version != "none");
    let warnings = report.warnings.iter().map(|warning| Notice::new("rule-file", warning.to_string()));
    Ok(Run {
        tool: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command: asked(options)?,
        host: Host { name: name.unwrap_or_default(), machine_id: machine_id(node) },
        root,
        platform: None,
        kubernetes: Kubernetes {
            evidence: if version.is_some() { "the node" } else { "not detected" }.to_owned(),
            version,
        },
        cluster: None,
        benchmark: Benchmark {
            name: report.benchmark.clone(),
            title: format!("rule files of {}", directory.name()),
            digest: directory.digest(),
            evidence: "given with --config-dir".to_owned(),
        },
        further: Vec::new(),
        profile: None,
        targets: Vec::new(),
        sandbox: containment::in_force(),
        notices: warnings.chain(report.notices.iter().cloned()).collect(),
        started,
        finished: now(),
    })
}

/// Returns the subcommand and choices, for the report.
fn asked(options: &RunOptions) -> Result<model::Command, Failure> {
    let mut command = model::Command { name: "run".to_owned(), ..model::Command::default() };
    let given = options.benchmark()?;
    choose(&mut command, "benchmark", &given.benchmark);
    choose(&mut command, "version", &given.version);
    choose(&mut command, "targets", options.targets.names());
    let checks = &options.checks;
    for (name, chosen) in [("check", &checks.check), ("group", &checks.group), ("skip", &checks.skip)] {
        choose(&mut command, name, named(chosen));
    }
    choose(&mut command, "scored", (!checks.scored).then_some(false));
    choose(&mut command, "unscored", (!checks.unscored).then_some(false));
    choose(&mut command, "strict", options.compatibility.strict.then_some(true));
    let RuleFileOptions { config_dir, config } = &options.rules.rule_files;
    choose(&mut command, "config-dir", config_dir.iter().map(|directory| directory.display()));
    choose(&mut command, "config", config.iter().map(|file| file.display()));
    put_node(&mut command, &options.node, options.exec.allow_exec);
    Ok(command)
}

/// Asks a node every question of the interpreted audits, for the benchmark that the options name or for all of them.
/// Remarks are passed to `tell`.
pub(super) fn look(options: &Look<'_>, node: &dyn Node, tell: &mut dyn FnMut(&str)) -> Result<(), Failure> {
    let selection = selection(options.checks)?;
    let given = options.benchmark.given_for_rule_files()?;
    let (directory, unlisted) = open(options.rule_files)?;
    for remark in unlisted {
        tell(&remark.to_string());
    }
    // Every report contains the node's name.
    let _ = node.ask(&Question::HostName);
    let wanted = options.targets.names();
    let chosen = match benchmark::named(&given) {
        Some(which) => {
            refuse_unknown(&directory, &which).map_err(|remark| benchmark::refused(&given, &remark))?;
            vec![(which, wanted)]
        }
        None => of_each(&directory, &wanted)?,
    };
    for (which, targets) in chosen {
        let targets = if targets.is_empty() { Targets::All } else { Targets::Named(targets) };
        let request = RulesRequest { which, detected: String::new(), targets, selection: selection.clone() };
        run_rules(&directory, &request, node, &Native::default()).map_err(refused)?;
    }
    Ok(())
}

/// Asks a node every question that the choice of the benchmark and the targets depends on.
pub(super) fn look_at_platform(node: &dyn Node) {
    known::by_evidence(node);
}

/// Returns every benchmark of a directory with its wanted targets; if any are wanted, only the benchmarks that have
/// some.
fn of_each(directory: &Directory, wanted: &[String]) -> Result<Vec<(Which, Vec<String>)>, Failure> {
    let (mut chosen, mut known) = (Vec::new(), BTreeSet::new());
    for name in directory.benchmarks() {
        let which = Which::Benchmark(name.to_owned());
        if wanted.is_empty() {
            chosen.push((which, Vec::new()));
            continue;
        }
        // A benchmark without mapped targets offers none to choose.
        let mut targets = directory.mapped_targets(name).unwrap_or_default();
        known.extend(targets.iter().cloned());
        targets.retain(|target| wanted.contains(target));
        if !targets.is_empty() {
            chosen.push((which, targets));
        }
    }
    let unknown: Vec<_> =
        wanted.iter().filter(|name| !known.contains(*name)).take(TOLD).map(|name| cut(name)).collect();
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

/// Returns notices of what left checks unknown.
fn remarkable(options: &RunOptions, report: &Report) -> Vec<Notice> {
    let mut notices = Vec::new();
    let mut note = |code, text: String| notices.push(Notice::new(code, text));
    let checks = report.controls.iter().flat_map(|controls| &controls.groups).flat_map(|group| &group.checks);
    if checks.clone().next().is_none() {
        let text = "checks: none run, since the selection is empty (see --targets, --check, --group, --scored and \
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
                "[[ ... ]]: bash's conditional command, not one of POSIX sh; the shell's message counts as output in \
                 {checks} (write [ ... ] instead, or call bash)"
            )
        } else {
            format!("{command}: not found, and the shell's message counts as output in {checks} (install it)")
        };
        note("command-not-found", text);
    }
    if options.node.node.is_none() && !is_root() {
        let text = "user: not root, so what only root can read is unknown (run as root)";
        note("not-root", text.to_owned());
    }
    notices
}

fn selection(options: &CheckOptions) -> Result<Selection, Failure> {
    options.refuse_both()?;
    if options.level.is_some() {
        return Err(Failure::Usage(anyhow!("--level: rule files have no levels (leave it out with --config-dir)")));
    }
    let set = |names: &[String]| -> BTreeSet<String> { named(names).into_iter().collect() };
    Ok(Selection {
        checks: set(&options.check),
        groups: set(&options.group),
        skip: set(&options.skip),
        scored: options.scored,
        unscored: options.unscored,
    })
}
