//! `record`: writes a recording of what the checks read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::Args;

use crate::collect;
use crate::detect;
use crate::node::{commit, reading, remarks};
use crate::run::{BenchmarkChoice, ProfileChoice, RunRequest, assay, check_names_in_any, is_empty, recorded};
use ::definitions::Definitions;
use ::definitions::SharedText;
use ::definitions::benchmark::Component;

#[cfg(feature = "cluster")]
use super::cluster::{options::RecordClusterOptions, record as record_cluster};
use super::failure::Failure;
use super::kube_bench::Look;
use super::options::{
    BenchmarkOptions, CheckOptions, EmptyOptions, ExecOptions, GivenChoice, NodeOptions, RuleOptions, TargetOptions,
    Verbosity,
};
use super::output_file::{self, Access};
use super::phases::{self, Job, Looked};
use super::{definitions, kube_bench, notice, output, run, target_node};

// The options of `record`.
#[derive(Debug, Args)]
pub(super) struct RecordOptions {
    /// Write the recording to this file instead of standard output
    #[arg(short = 'o', long)]
    #[arg(
        long_help = "Write the recording to this file, for its owner alone (mode 0600), instead of standard output \
                     (-); symbolic links are not followed"
    )]
    file: Option<PathBuf>,
    /// With --config-dir: record whole files and command lines, with likely secrets masked
    #[arg(long)]
    #[arg(
        long_help = "With --config-dir: record whole files and command lines, which its rule files read. Only what looks \
                     like a secret is masked"
    )]
    with_contents: bool,
    #[command(flatten)]
    benchmark: BenchmarkOptions,
    #[command(flatten)]
    targets: TargetOptions,
    #[command(flatten)]
    checks: CheckOptions,
    #[command(flatten)]
    pub(super) node: NodeOptions,
    #[command(flatten)]
    pub(super) exec: ExecOptions,
    #[cfg(feature = "cluster")]
    #[command(flatten)]
    pub(super) cluster: RecordClusterOptions,
    #[command(flatten)]
    empty: EmptyOptions,
    #[command(flatten)]
    rules: RuleOptions,
}

/// Records what the chosen benchmark reads on the node, or what all benchmarks read if none is chosen.
pub(super) fn run(options: &'static RecordOptions, verbosity: &'static Verbosity) -> Result<ExitCode, Failure> {
    #[cfg(feature = "cluster")]
    if let Some(file) = &options.cluster.cluster {
        return phases::without_node(move || record_cluster::record(&options.cluster, file, &options.exec, verbosity));
    }
    phases::carry_out(&options.node, &options.exec, move || {
        let file = output::named(options.file.as_deref());
        if let Some(file) = &file {
            reading(file, || output::refuse(options.node.node.as_deref(), file))?;
        }
        let definitions = definitions::of(&options.rules.definitions)?;
        match (options.rules.rule_files.are_named(), options.with_contents) {
            (true, false) => return Err(Failure::Usage(anyhow!(WITHOUT_CONTENTS))),
            (false, true) => {
                return Err(Failure::Usage(anyhow!(
                    "--with-contents: records what rule files read (give --config-dir too)"
                )));
            }
            _ => {}
        }
        Ok(Recorder { options, verbosity, file, definitions })
    })
}

/// The job of `record`.
struct Recorder {
    options: &'static RecordOptions,
    verbosity: &'static Verbosity,
    file: Option<PathBuf>,
    definitions: &'static Definitions,
}

impl Job for Recorder {
    fn components(&self) -> Option<&BTreeMap<SharedText, Component>> {
        Some(&self.definitions.library.components)
    }

    fn written(&self) -> Vec<PathBuf> {
        self.file.iter().cloned().collect()
    }

    fn read(&self) -> Vec<PathBuf> {
        kube_bench::read(&self.options.rules.rule_files)
    }

    fn notes(&self) -> bool {
        true
    }

    fn look(&self, node: &Looked, seen_from: &str) -> Result<ExitCode, Failure> {
        let mut told = Vec::new();
        let recording = recording(self, node, seen_from, &mut told)?;
        if commit() {
            if node.is_incomplete() {
                tell(self.verbosity, self.file.as_deref(), INCOMPLETE);
            }
            for text in told {
                tell(self.verbosity, self.file.as_deref(), &text);
            }
            for (_, text) in remarks() {
                tell(self.verbosity, self.file.as_deref(), &text);
            }
            if self.options.with_contents {
                notice::alone(self.verbosity, WITH_CONTENTS);
            }
        }
        match &self.file {
            None => output::text(&recording),
            Some(file) => {
                output::deliver(file, || {
                    output_file::write(file, Access::Private, &|out| out.write_all(recording.as_bytes()))
                })?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

/// Returns the recording; notices about it are added to `told`.
fn recording(recorder: &Recorder, node: &Looked, seen_from: &str, told: &mut Vec<String>) -> Result<String, Failure> {
    let Recorder { options, definitions, .. } = recorder;
    let library = &definitions.library;
    let text = |whole| recorded(node, library, whole).to_yaml().context("recording").map_err(Failure::System);
    // First the questions of detection, so that a run on the recording detects the same, then those of every wanted
    // benchmark. The results do not matter here: the node caches the answers.
    let cluster_directory = options.node.cluster_directory()?;
    let mut inventory = collect::take_inventory(node, &definitions.library);
    inventory.administer(node, cluster_directory.as_deref()).map_err(Failure::usage)?;
    if is_empty(&inventory) && !options.empty.allow_empty {
        return Err(target_node::empty(seen_from));
    }
    detect::platform(node, &inventory);
    if let Some(detected) = detect::version(node, &inventory) {
        detect::other_versions(node, &inventory, detected.version);
    } else {
        detect::ask_kubelets(node, &inventory);
    }
    if options.rules.rule_files.are_named() {
        kube_bench::look_at_platform(node);
        let look = Look {
            rule_files: &options.rules.rule_files,
            benchmark: &options.benchmark,
            targets: &options.targets,
            checks: &options.checks,
        };
        kube_bench::look(&look, node, &mut |text| told.push(text.to_owned()))?;
        return text(true);
    }
    let GivenChoice { choice: benchmark, further, variable: benchmark_variable } = options.benchmark.choice()?;
    let mut request = RunRequest {
        benchmark,
        benchmark_variable,
        further,
        profile: ProfileChoice::None,
        targets: options.targets.targets()?,
        cluster_directory,
        ..run::request(seen_from.to_owned())
    };
    options.checks.put_into(&mut request)?;
    let requests: Vec<RunRequest> = match &request.benchmark {
        // A name that one benchmark lacks may exist in another; it is wrong only if no benchmark has it.
        BenchmarkChoice::Detected => {
            check_names_in_any(definitions, &request).map_err(Failure::usage)?;
            library.benchmarks.values().filter_map(|benchmark| request.within(benchmark)).collect()
        }
        BenchmarkChoice::Named(name) => {
            let named = [name].into_iter().chain(&request.further).filter_map(|name| library.benchmark(name));
            let all = named.flat_map(|benchmark| benchmark.targets.iter().map(|index| index.target));
            let targets = request.targets.clone().unwrap_or_else(|| all.collect());
            vec![RunRequest { targets: Some(targets), ..request }]
        }
        BenchmarkChoice::ForVersion(_) => vec![request],
    };
    // Needed to judge a cluster that is checked together with the recording.
    collect::pod_security(node, &inventory);
    collect::access(node, &inventory);
    let mut checked = 0;
    for request in requests {
        let report = assay(node, definitions, &request).map_err(Failure::usage)?;
        checked += report.checks().count();
    }
    if checked == 0 {
        told.push(
            "record: the selection holds no check, so only what shows the platform and version is recorded \
             (see --targets, --check, --group, --scored and --unscored)"
                .to_owned(),
        );
    }
    text(false)
}

/// The error for recording rule files without `--with-contents`.
const WITHOUT_CONTENTS: &str = "record: rule files read whole files and command lines, but a recording holds excerpts \
                                (give --with-contents to record them whole, with likely secrets masked)";

/// The notice that the recording omits data.
const INCOMPLETE: &str = "record: this node has more data than a recording can hold; checks that need the omitted part \
                          are unknown when the recording is checked";

/// The notice that the recording contains whole files.
const WITH_CONTENTS: &str = "record: the recording holds whole files and command lines of this node, with only what looks \
                             like a secret masked (review it before you share it)";

/// Prints a notice, with respect to a recording that may go to standard output.
fn tell(verbosity: &Verbosity, file: Option<&Path>, text: &str) {
    if file.is_some() { notice::alone(verbosity, text) } else { notice::beside_output(verbosity, text) }
}
