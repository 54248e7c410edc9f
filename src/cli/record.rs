//! `record`: write down what the checks look at.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use crate::collect;
use crate::detect;
use crate::node::{Budget, Essential, Remembered, record};
use crate::run::{BenchmarkChoice, ProfileChoice, RunRequest, assay, check_names_in_any, is_empty};
use probe::{Location, Node, Question};

use super::failure::Failure;
use super::kube_bench::Look;
use super::options::{
    BenchmarkOptions, CheckOptions, EmptyOptions, ExecOptions, NodeOptions, RuleOptions, TargetOptions, Verbosity,
};
use super::output_file::{self, Access};
use super::{definitions, kube_bench, notice, output, run, target_node};

// The options of `record`.
#[derive(Debug, Args)]
pub(super) struct RecordOptions {
    /// Write the recording to this file instead of standard output, which is also called -
    #[arg(short = 'o', long)]
    #[arg(
        long_help = "Write the recording to this file, for its owner alone (mode 0600), instead of standard output, which \
                     is also called -. A link is not followed: name the file itself"
    )]
    file: Option<PathBuf>,
    #[command(flatten)]
    benchmark: BenchmarkOptions,
    #[command(flatten)]
    targets: TargetOptions,
    #[command(flatten)]
    checks: CheckOptions,
    #[command(flatten)]
    node: NodeOptions,
    #[command(flatten)]
    exec: ExecOptions,
    #[command(flatten)]
    empty: EmptyOptions,
    #[command(flatten)]
    rules: RuleOptions,
}

/// Said where a node says more than is recorded.
const INCOMPLETE: &str =
    "record: this node says more than a recording holds; what is left out is unknown where the recording is checked";

/// Records the node: what the chosen benchmark looks at, or all of them where none is chosen.
pub(super) fn run(options: &RecordOptions, verbosity: &Verbosity) -> Result<ExitCode, Failure> {
    let file = output::named(options.file.as_deref());
    let file = file.as_deref();
    if let Some(file) = file {
        output::refuse(options.node.node.as_deref(), file)?;
    }
    let definitions = definitions::of(&options.rules.definitions)?;
    let target = target_node::open(&options.node, &options.exec)?;
    let node = Remembered::within(&*target.node, Budget::of_recording());
    let tell = |text: &str| tell(verbosity, file, text);
    // What detection looks at first, so that the recording can be detected again; then every benchmark that is wanted.
    // What comes of it is of no interest here: the node remembers what it was asked.
    let inventory = collect::take_inventory(&node, &definitions.library);
    if is_empty(&inventory) && !options.empty.allow_empty {
        return Err(target_node::empty(&target.seen_from));
    }
    detect::platform(&node, &inventory);
    if let Some(detected) = detect::version(&node, &inventory) {
        detect::other_versions(&node, &inventory, detected.version);
    } else {
        detect::ask_kubelets(&node, &inventory);
    }
    if options.rules.rule_files.are_named() {
        kube_bench::look_at_platform(&node);
        let rules = Remembered::new(&node);
        let look = Look {
            rule_files: &options.rules.rule_files,
            benchmark: &options.benchmark,
            targets: &options.targets,
            checks: &options.checks,
        };
        kube_bench::look(&look, &rules, &tell)?;
        let read: BTreeSet<Question> = rules.asked().into_iter().map(|(question, _)| question).collect();
        // Of what rule files read, nobody knows what matters to them.
        let essential = |location: &Location, bytes: &[u8]| {
            let is_read = read.contains(&Question::Content(location.clone()));
            if is_read { None } else { detect::essential(&inventory, location, bytes) }
        };
        if node.is_incomplete() {
            tell(INCOMPLETE);
        }
        return write(&node, &essential, file);
    }
    let mut request = RunRequest {
        benchmark: options.benchmark.choice()?,
        profile: ProfileChoice::None,
        targets: options.targets.targets()?,
        ..run::request(target.seen_from)
    };
    options.checks.put_into(&mut request)?;
    let library = &definitions.library;
    let requests: Vec<RunRequest> = match &request.benchmark {
        // What one benchmark lacks another has: a name is wrong where none has it.
        BenchmarkChoice::Detected => {
            check_names_in_any(library, &request).map_err(Failure::usage)?;
            library.benchmarks.values().filter_map(|benchmark| request.within(benchmark)).collect()
        }
        BenchmarkChoice::Named(name) => {
            let all = || library.benchmark(name).map(|benchmark| benchmark.targets.iter().map(|index| index.target));
            let targets = request.targets.clone().or_else(|| all().map(Iterator::collect));
            vec![RunRequest { targets, ..request }]
        }
        BenchmarkChoice::ForVersion(_) => vec![request],
    };
    let mut checked = 0;
    for request in requests {
        let report = assay(&node, &definitions, &request).map_err(Failure::usage)?;
        checked += report.checks().count();
    }
    if checked == 0 {
        tell(
            "record: what was chosen holds no check, so nothing is recorded but what tells the platform and the version \
             (see --targets, --check, --group, --scored and --unscored)",
        );
    }
    if node.is_incomplete() {
        tell(INCOMPLETE);
    }
    write(&node, &|location, bytes| detect::essential(&inventory, location, bytes), file)
}

/// Tells something beside the recording, which may be on standard output.
fn tell(verbosity: &Verbosity, file: Option<&Path>, text: &str) {
    if file.is_some() { notice::alone(verbosity, text) } else { notice::beside_output(verbosity, text) }
}

fn write<N: Node>(node: &Remembered<N>, essential: &Essential<'_>, file: Option<&Path>) -> Result<ExitCode, Failure> {
    let recording = record(node, essential).to_yaml().context("recording").map_err(Failure::System)?;
    match file {
        None => output::text(&recording),
        Some(file) => {
            output_file::write(file, Access::Private, &|out| out.write_all(recording.as_bytes()))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
