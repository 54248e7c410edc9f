//! `run`: check a node.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::anyhow;
use model::{Command, Notice, Report};
use redact::{Masked, mask_text};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::assay::{
    BenchmarkChoice, NO_COMPONENT, Order, OrderError, PROCESS_IGNORED, ProfileChoice, assay, benchmark_of,
};
use crate::node::{Remembered, is_root};
use crate::report::Summary;
use ::definitions::Definitions;
use ::definitions::benchmark::{Benchmark, Library, Target};
use probe::{Answer, Location, Node, Observed, Question};

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
    let mut order = order(options, target.seen_from)?;
    order.machine_id = machine_id(&node);
    let mut report = carry_out(options, &node, &definitions, &order)?;
    if options.node.is_none() && !is_root() {
        report.run.notices.push(Notice {
            code: "not-root".into(),
            text: "this user: not root, so what only root may read is not known (run it as root)".to_owned(),
        });
    }
    refuse_empty(options, &report)?;
    finish(options, &outputs, report)
}

/// Refuses to report on what is no node, which would look like a node without faults.
fn refuse_empty(options: &Options, report: &Report) -> Result<(), Failure> {
    let told = |code| report.run.notices.iter().filter(move |notice| notice.code == code);
    if options.allow_empty || told(NO_COMPONENT).next().is_none() {
        return Ok(());
    }
    // No report holds them now.
    for ignored in told(PROCESS_IGNORED) {
        notice::alone(options, &mask_text(&ignored.text));
    }
    Err(target_node::empty(&mask_text(&report.run.root)))
}

/// Carries out an order, with what may be asked beside the node.
pub(super) fn carry_out(
    options: &Options,
    node: &dyn Node,
    definitions: &Definitions,
    order: &Order,
) -> Result<Report, Failure> {
    let elsewhere = Elsewhere::new(options, node);
    let mut report = assay(node, definitions, order, &|census| elsewhere.ask(census)).map_err(Failure::usage)?;
    report.run.notices.extend(elsewhere.notices());
    Ok(report)
}

/// Writes the reports, tells the notices, and decides the exit code.
pub(super) fn finish(options: &Options, outputs: &Outputs, mut report: Report) -> Result<ExitCode, Failure> {
    report.run.finished = now();
    let report = Masked::new(report);
    if notice::is_heard(options) {
        let run = &report.run;
        for told in &run.notices {
            notice::beside_output(options, &told.text);
        }
        if options.is_verbose() {
            let (benchmark, version) = (&run.benchmark, &run.kubernetes.evidence);
            notice::beside_output(options, &format!("benchmark {} ({}): {version}", benchmark.name, benchmark.digest));
        }
    }
    outputs.write(&|format, style, out| format.write(&report, style, out))?;
    let failed = Summary::from(&*report).fail > 0;
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
pub(super) fn order(options: &Options, root: String) -> Result<Order, Failure> {
    let benchmark = benchmark_choice(options)?;
    let named = |names: &[String]| -> Vec<String> {
        names.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
    };
    let targets = named(&options.targets).iter().map(|name| target(name)).collect::<Result<Vec<_>, _>>()?;
    let set = |names: &[String]| named(names).into_iter().collect();
    let command = command("run", options);
    Ok(Order {
        command,
        machine_id: None,
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

/// What was asked for: the choices that say what is checked, and by what.
pub(super) fn command(name: &str, options: &Options) -> Command {
    let mut choices: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut chosen = |name: &str, values: Vec<String>| {
        if !values.is_empty() {
            choices.insert(name.to_owned(), values);
        }
    };
    let path = |path: &Path| path.display().to_string();
    chosen("benchmark", options.benchmark.iter().cloned().collect());
    chosen("version", options.version.iter().cloned().collect());
    chosen("profile", options.profile.iter().cloned().collect());
    chosen("node-name", options.node_name.iter().cloned().collect());
    chosen("targets", options.targets.clone());
    chosen("check", options.check.clone());
    chosen("group", options.group.clone());
    chosen("skip", options.skip.clone());
    for (name, is_chosen) in [("scored", options.scored), ("unscored", options.unscored)] {
        chosen(name, (!is_chosen).then(|| is_chosen.to_string()).into_iter().collect());
    }
    for (name, is_chosen) in [("allow-exec", options.allow_exec), ("strict", options.strict)] {
        chosen(name, is_chosen.then(|| is_chosen.to_string()).into_iter().collect());
    }
    chosen("node", options.node.iter().map(|node| path(node)).collect());
    for (name, default, chosen_path) in [("root", "/", &options.root), ("proc", "/proc", &options.proc)] {
        let is_other = chosen_path != Path::new(default);
        chosen(name, is_other.then(|| path(chosen_path)).into_iter().collect());
    }
    chosen("config-dir", options.config_dir.iter().map(|directory| path(directory)).collect());
    chosen("config", options.config.iter().map(|file| path(file)).collect());
    Command { name: name.to_owned(), choices }
}

/// The digest of the node's machine id, from which nobody can tell the id; none where it has none.
///
/// Recordings hold no machine id.
pub(super) fn machine_id(node: &dyn Node) -> Option<String> {
    let question = Question::Content(Location::node("/etc/machine-id"));
    let Observed::Present(Answer::Content(content)) = node.ask(&question) else { return None };
    let id = content.bytes.trim_ascii();
    // Before the first boot of an image it is `uninitialized`.
    if id.len() != 32 || !id.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let digest = Sha256::digest([b"kube-assay machine-id:", id].concat());
    let mut hexadecimal = String::new();
    for byte in digest {
        // Writing to a String cannot fail.
        let _ = write!(hexadecimal, "{byte:02x}");
    }
    Some(hexadecimal)
}

/// What else users call two of the targets.
const OTHER_NAMES: [&str; 2] = ["worker", "control-plane"];

fn target(name: &str) -> Result<Target, Failure> {
    name.parse().map_err(|name| {
        let known = Target::ALL.iter().map(|target| target.name().to_owned()).chain(OTHER_NAMES.map(str::to_owned));
        Failure::usage(OrderError::Unknown { kind: "target", name, within: None, known: known.collect() })
    })
}

/// The time, to the second (RFC 3339, UTC).
pub(super) fn now() -> String {
    // Only years of more than four digits cannot be written down.
    OffsetDateTime::now_utc().truncate_to_second().format(&Rfc3339).unwrap_or_default()
}
