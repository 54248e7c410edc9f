//! `run`: check a node.

use std::process::ExitCode;

use anyhow::anyhow;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::finding::secret::mask_text;
use crate::finding::{Assay, Notice};
use crate::node::{Remembered, is_root};
use crate::report;
use crate::run::{
    BenchmarkChoice, NO_COMPONENT, PROCESS_IGNORED, ProfileChoice, RequestError, RunRequest, assay, benchmark_of,
};
use ::definitions::Definitions;
use ::definitions::benchmark::{Benchmark, Library, Target};
use probe::Node;

use super::arguments::Options;
use super::elsewhere::Elsewhere;
use super::failure::Failure;
use super::output::Outputs;
use super::{definitions, notice, target_node};

/// Checks the node that the options name.
pub(super) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let outputs = Outputs::of(options)?;
    let definitions = definitions::of(options)?;
    let target = target_node::open(options)?;
    let node = Remembered::new(&*target.node);
    let order = order(options, target.seen_from)?;
    let mut assay = carry_out(options, &node, &definitions, &order)?;
    if options.node.is_none() && !is_root() {
        assay.notices.push(Notice {
            code: "not-root",
            text: "this user: not root, so what only root may read is not known (run it as root)".to_owned(),
        });
    }
    refuse_empty(options, &assay)?;
    finish(options, &outputs, &assay)
}

/// Refuses to report on what is no node, which would look like a node without faults.
fn refuse_empty(options: &Options, assay: &Assay) -> Result<(), Failure> {
    let told = |code| assay.notices.iter().filter(move |notice| notice.code == code);
    if options.allow_empty || told(NO_COMPONENT).next().is_none() {
        return Ok(());
    }
    // No report holds them now.
    for ignored in told(PROCESS_IGNORED) {
        notice::alone(options, &mask_text(&ignored.text));
    }
    Err(target_node::empty(&mask_text(&assay.root)))
}

/// Carries out an order, with what may be asked beside the node.
pub(super) fn carry_out(
    options: &Options,
    node: &dyn Node,
    definitions: &Definitions,
    order: &RunRequest,
) -> Result<Assay, Failure> {
    let elsewhere = Elsewhere::new(options, node);
    let mut assay = assay(node, definitions, order, &|census| elsewhere.ask(census)).map_err(Failure::usage)?;
    assay.notices.extend(elsewhere.notices());
    Ok(assay)
}

/// Writes the reports, tells the notices, and decides the exit code.
pub(super) fn finish(options: &Options, outputs: &Outputs, assay: &Assay) -> Result<ExitCode, Failure> {
    if notice::is_heard(options) {
        // What a node holds is shown here as in the reports: without secrets.
        let shown = assay.masked();
        for told in &shown.notices {
            notice::beside_output(options, &told.text);
        }
        if options.is_verbose() {
            let Assay { benchmark, benchmark_digest, version_evidence, .. } = shown;
            notice::beside_output(options, &format!("benchmark {benchmark} ({benchmark_digest}): {version_evidence}"));
        }
    }
    outputs.write(&|format, style, out| report::write(format, assay, style, out))?;
    let failed = assay.summary().fail > 0;
    Ok(if failed { ExitCode::from(options.exit_code) } else { ExitCode::SUCCESS })
}

/// How the options choose the benchmark.
fn benchmark_choice(options: &Options) -> Result<BenchmarkChoice, Failure> {
    Ok(match (&options.benchmark, &options.version) {
        (Some(name), _) => BenchmarkChoice::Named(name.clone()),
        (None, Some(version)) => {
            let version = version.parse().map_err(|error| anyhow!("--version {error}"));
            BenchmarkChoice::ForVersion(version.map_err(Failure::Usage)?)
        }
        (None, None) => BenchmarkChoice::Detected,
    })
}

/// The benchmark that the options choose, where they do, of which alone something is told.
pub(super) fn chosen_benchmark<'d>(options: &Options, library: &'d Library) -> Result<Option<&'d Benchmark>, Failure> {
    let mut notices = Vec::new();
    let chosen = benchmark_of(library, &benchmark_choice(options)?, &mut notices).map_err(Failure::usage)?;
    for told in notices {
        notice::alone(options, &told.text);
    }
    Ok(chosen)
}

/// The order that the options give.
pub(super) fn order(options: &Options, root: String) -> Result<RunRequest, Failure> {
    let benchmark = benchmark_choice(options)?;
    let named = |names: &[String]| -> Vec<String> {
        names.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
    };
    let targets = named(&options.targets).iter().map(|name| target(name)).collect::<Result<Vec<_>, _>>()?;
    let set = |names: &[String]| named(names).into_iter().collect();
    Ok(RunRequest {
        benchmark,
        profile: match options.profile.as_deref() {
            None => ProfileChoice::Detected,
            Some("none") => ProfileChoice::None,
            Some(name) => ProfileChoice::Named(name.to_owned()),
        },
        targets: (!targets.is_empty()).then_some(targets),
        checks: set(&options.check),
        groups: set(&options.group),
        skip: set(&options.skip),
        without_scored: !options.scored,
        without_unscored: !options.unscored,
        node_name: options.node_name.clone().filter(|name| !name.is_empty()),
        root,
        started: now(),
        could_ask_kubelet: !options.allow_exec && options.node.is_none(),
    })
}

/// What else users call two of the targets.
const OTHER_NAMES: [&str; 2] = ["worker", "control-plane"];

fn target(name: &str) -> Result<Target, Failure> {
    name.parse().map_err(|name| {
        let known = Target::ALL.iter().map(|target| target.name().to_owned()).chain(OTHER_NAMES.map(str::to_owned));
        Failure::usage(RequestError::Unknown { kind: "target", name, within: None, known: known.collect() })
    })
}

/// The time, to the second (RFC 3339, UTC).
fn now() -> String {
    // Only years of more than four digits cannot be written down.
    OffsetDateTime::now_utc().truncate_to_second().format(&Rfc3339).unwrap_or_default()
}
