//! `run`: check a node.

use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::finding::secret::mask_text;
use crate::finding::{Assay, Notice};
use crate::node::{Remembered, is_root};
use crate::report;
use crate::run::{BenchmarkChoice, NO_COMPONENT, PROCESS_IGNORED, RunRequest, assay, benchmark_of};
use ::definitions::benchmark::{Benchmark, Library};

use super::failure::Failure;
use super::options::{
    BenchmarkOptions, CheckOptions, CompatibilityOptions, EmptyOptions, ExecLimitOptions, ExecOptions, NodeNameOptions,
    NodeOptions, ProfileOptions, ReportOptions, RuleOptions, TargetOptions, Verbosity,
};
use super::output::Outputs;
use super::{definitions, notice, target_node};

// The options of `run`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Environment: KUBE_ASSAY_BENCHMARK, KUBE_ASSAY_VERSION, KUBE_ASSAY_PROFILE, KUBE_ASSAY_NODE_NAME"
)]
pub(super) struct Options {
    #[command(flatten)]
    pub(super) benchmark: BenchmarkOptions,
    #[command(flatten)]
    pub(super) profile: ProfileOptions,
    #[command(flatten)]
    pub(super) targets: TargetOptions,
    #[command(flatten)]
    pub(super) checks: CheckOptions,
    #[command(flatten)]
    pub(super) report: ReportOptions,
    #[command(flatten)]
    pub(super) node: NodeOptions,
    #[command(flatten)]
    pub(super) node_name: NodeNameOptions,
    #[command(flatten)]
    pub(super) empty: EmptyOptions,
    #[command(flatten)]
    pub(super) exec: ExecOptions,
    #[command(flatten)]
    pub(super) exec_limit: ExecLimitOptions,
    #[command(flatten)]
    pub(super) rules: RuleOptions,
    #[command(flatten)]
    pub(super) compatibility: CompatibilityOptions,
}

impl Options {
    /// Which benchmark or version is given, as kube-bench weighs it where that is replaced.
    pub(super) fn benchmark(&self) -> Result<BenchmarkOptions, Failure> {
        if self.compatibility.compat {
            self.benchmark.given_to_kube_bench()
        } else if self.rules.rule_files.are_named() {
            self.benchmark.given_for_rule_files()
        } else {
            self.benchmark.given()
        }
    }
}

/// Checks the node that the options name.
pub(super) fn run(options: &Options, verbosity: &Verbosity) -> Result<ExitCode, Failure> {
    if options.compatibility.strict {
        return Err(Failure::Usage(anyhow!(
            "--strict: the built-in benchmarks are always strict (leave it out, or name rule files with --config-dir)"
        )));
    }
    let outputs = Outputs::of(&options.report, options.node.node.as_deref())?;
    let mut request = RunRequest {
        benchmark: options.benchmark()?.typed_choice()?,
        profile: options.profile.choice()?,
        targets: options.targets.targets()?,
        node_name: options.node_name.given()?,
        ..request(String::new())
    };
    options.checks.put_into(&mut request)?;
    let definitions = definitions::of(&options.rules.definitions)?;
    let target = target_node::open(&options.node, &options.exec)?;
    let node = Remembered::new(&*target.node);
    request.root = target.seen_from;
    let mut assay = assay(&node, &definitions, &request).map_err(Failure::usage)?;
    if options.node.node.is_none() && !is_root() {
        assay.notices.push(Notice {
            code: "not-root",
            text: "this user: not root, so what only root may read is not known (run it as root)".to_owned(),
        });
    }
    refuse_empty(options, verbosity, &assay)?;
    finish(&options.report, verbosity, &outputs, &assay)
}

/// Refuses to report on what is no node, which would look like a node without faults.
fn refuse_empty(options: &Options, verbosity: &Verbosity, assay: &Assay) -> Result<(), Failure> {
    let told = |code| assay.notices.iter().filter(move |notice| notice.code == code);
    if options.empty.allow_empty || told(NO_COMPONENT).next().is_none() {
        return Ok(());
    }
    // No report holds them now.
    for ignored in told(PROCESS_IGNORED) {
        notice::alone(verbosity, &mask_text(&ignored.text));
    }
    Err(target_node::empty(&mask_text(&assay.root)))
}

/// Writes the reports, tells the notices, and decides the exit code.
pub(super) fn finish(
    options: &ReportOptions,
    verbosity: &Verbosity,
    outputs: &Outputs,
    assay: &Assay,
) -> Result<ExitCode, Failure> {
    if notice::is_heard(verbosity) {
        // What a node holds is shown here as in the reports: without secrets.
        let shown = assay.masked();
        for told in &shown.notices {
            notice::beside_output(verbosity, &told.text);
        }
        if verbosity.is_verbose() {
            let Assay { benchmark, benchmark_digest, version_evidence, .. } = shown;
            notice::beside_output(
                verbosity,
                &format!("benchmark {benchmark} ({benchmark_digest}): {version_evidence}"),
            );
        }
    }
    outputs.write(&|format, style, out| report::write(format, assay, style, out))?;
    let failed = assay.summary().fail > 0;
    Ok(if failed { ExitCode::from(options.exit_code) } else { ExitCode::SUCCESS })
}

/// The benchmark that is chosen, where one is, of which alone something is told.
pub(super) fn chosen_benchmark<'d>(
    choice: &BenchmarkChoice,
    verbosity: &Verbosity,
    library: &'d Library,
) -> Result<Option<&'d Benchmark>, Failure> {
    let mut notices = Vec::new();
    let chosen = benchmark_of(library, choice, &mut notices).map_err(Failure::usage)?;
    for told in notices {
        notice::alone(verbosity, &told.text);
    }
    Ok(chosen)
}

/// A request for what applies to the node that is seen from there, beginning now.
pub(super) fn request(root: String) -> RunRequest {
    RunRequest { root, started: now(), ..RunRequest::default() }
}

/// The time, to the second (RFC 3339, UTC).
fn now() -> String {
    // Only years of more than four digits cannot be written down.
    OffsetDateTime::now_utc().truncate_to_second().format(&Rfc3339).unwrap_or_default()
}
