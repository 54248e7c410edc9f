//! `cluster`: checks a cluster without any of its nodes.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use definitions::Definitions;
use definitions::benchmark::{Benchmark, Platform, Target};
use redact::mask_text;

use crate::cli::failure::Failure;
use crate::cli::options::{
    BenchmarkOptions, CheckOptions, DefinitionOptions, ExecOptions, ProfileOptions, ReportOptions, TargetOptions,
    Verbosity, requested,
};
use crate::cli::output::Outputs;
use crate::cli::{definitions as defined, run as node_run};
use crate::node::Recorded;
use crate::policies::{SaidByAws, Seen};
use crate::run::{BenchmarkChoice, Beside, NO_COMPONENT, RunRequest, assay_within, benchmark_of};

use super::aws::AwsOptions;
use super::options::ClusterOptions;
use super::source;

// The options of `cluster`.
#[derive(Debug, Args)]
#[command(mut_arg("kubeconfig", |option| option.hide_short_help(false)))]
#[command(mut_arg("cluster", |option| option.hide_short_help(false)))]
pub(in crate::cli) struct ClusterRunOptions {
    #[command(flatten)]
    cluster: ClusterOptions,
    #[command(flatten)]
    aws: AwsOptions,
    #[command(flatten)]
    benchmark: BenchmarkOptions,
    #[command(flatten)]
    profile: ProfileOptions,
    #[command(flatten)]
    targets: TargetOptions,
    #[command(flatten)]
    checks: CheckOptions,
    #[command(flatten)]
    report: ReportOptions,
    #[command(flatten)]
    pub(in crate::cli) exec: ExecOptions,
    #[command(flatten)]
    definitions: DefinitionOptions,
}

impl ClusterRunOptions {
    /// Whether the API server is queried.
    pub(in crate::cli) fn asks_api(&self) -> bool {
        self.cluster.asks_api()
    }

    fn recording(&self) -> Option<&PathBuf> {
        self.cluster.cluster.as_ref()
    }
}

/// An empty recording: the cluster is judged by its objects alone.
const NO_NODE: &str = "form: 3\n";

/// Checks the cluster of these options.
pub(in crate::cli) fn run(options: &ClusterRunOptions, verbosity: &Verbosity) -> Result<ExitCode, Failure> {
    let outputs = Outputs::of(&options.report, verbosity, options.recording().map(PathBuf::as_path))?;
    let definitions = defined::of(&options.definitions)?;
    // With AWS evidence, no cluster is required.
    let origin = match options.aws.aws_evidence {
        Some(_) => options.cluster.origin()?,
        None => Some(options.cluster.required()?),
    };
    let mut request = requested(options.benchmark.choice()?, &options.profile, node_run::request(String::new()))?;
    request.targets = options.targets.targets()?;
    refuse_targets_of_nodes(request.targets.as_deref().unwrap_or_default())?;
    options.checks.put_into(&mut request)?;
    let evidence = options.aws.evidence()?;
    let seen = match origin {
        Some(origin) => {
            let cluster = source::open(&options.cluster, &origin, &options.exec)?;
            Some(Seen::of(&*cluster, source::today()?).map_err(|why| Failure::System(anyhow::anyhow!("{why}")))?)
        }
        None => None,
    };
    let aws = evidence.map(|evidence| SaidByAws::of(evidence, seen.as_ref()));
    let is_detected = matches!(request.benchmark, BenchmarkChoice::Detected);
    let mut request = of_cluster(request, seen.as_ref(), aws.as_ref(), definitions)?;
    request.command = node_run::command("cluster", &request);
    put_cluster(&mut request.command, &options.cluster, &options.aws);
    let node = Recorded::parse("cluster", NO_NODE).map_err(Failure::system)?;
    let beside = Beside { cluster: seen.as_ref().map(Seen::within), aws: aws.as_ref().map(SaidByAws::within) };
    let mut report = assay_within(&node, &beside, definitions, &request).map_err(Failure::usage)?;
    // No node was examined.
    report.run.notices.retain(|notice| notice.code != NO_COMPONENT && notice.code != "processes-unknown");
    report.run.platform = None;
    if is_detected {
        put_evidence(&mut report.run, &request.benchmark, seen.as_ref());
    }
    node_run::finish(&options.report, verbosity, &outputs, report)
}

/// Rejects targets that only a node can answer.
fn refuse_targets_of_nodes(targets: &[Target]) -> Result<(), Failure> {
    let is_of_node = |target: &&Target| matches!(target, Target::Master | Target::Etcd | Target::Node | Target::Admin);
    match targets.iter().find(is_of_node) {
        Some(target) => Err(Failure::Usage(anyhow::anyhow!(
            "--targets {target}: concerns nodes, not the cluster's objects (run kube-assay run --targets {target} on a \
             node)"
        ))),
        None => Ok(()),
    }
}

/// Whether a benchmark has any of the requested targets; true if none are requested.
fn has_any(benchmark: Option<&Benchmark>, targets: Option<&Vec<Target>>) -> bool {
    targets.is_none_or(|targets| {
        benchmark.is_none_or(|benchmark| targets.iter().any(|target| benchmark.target(*target).is_some()))
    })
}

/// Completes the request with the benchmark and targets that the cluster determines.
fn of_cluster(
    request: RunRequest,
    seen: Option<&Seen>,
    aws: Option<&SaidByAws>,
    definitions: &Definitions,
) -> Result<RunRequest, Failure> {
    let mut notices = Vec::new();
    let library = &definitions.library;
    // AWS evidence alone implies an EKS cluster.
    let is_eks = seen.map_or(aws.is_some(), |seen| seen.distribution() == Some("eks"));
    let benchmark = match &request.benchmark {
        BenchmarkChoice::Detected if is_eks => {
            // The edition does not depend on the operating system of the nodes.
            library
                .benchmark_on(Platform::EksAl2023)
                .map(|benchmark| BenchmarkChoice::Named(benchmark.name.to_string()))
        }
        BenchmarkChoice::Detected => seen.and_then(Seen::version).map(BenchmarkChoice::ForVersion),
        _ => None,
    };
    let mut benchmark = benchmark.unwrap_or_else(|| request.benchmark.clone());
    let mut chosen = benchmark_of(definitions, &benchmark, &mut notices).map_err(Failure::usage)?;
    if matches!(request.benchmark, BenchmarkChoice::Detected) && !has_any(chosen, request.targets.as_ref()) {
        // Another benchmark may be the only one with these targets.
        benchmark = BenchmarkChoice::Detected;
        chosen = None;
    }
    let further = request.further.iter().filter_map(|name| library.benchmark(name));
    let mut of_chosen: Vec<Target> = chosen.into_iter().chain(further).flat_map(targets_of).collect();
    if of_chosen.is_empty() {
        of_chosen.push(Target::Policies);
    }
    let is_about_cluster_alone = request.targets.is_none();
    let targets = request.targets.unwrap_or(of_chosen);
    let source = seen.map(Seen::source).or_else(|| aws.and_then(SaidByAws::cluster_name)).unwrap_or("AWS evidence");
    let name = mask_text(source).into_owned();
    Ok(RunRequest {
        benchmark,
        targets: Some(targets),
        is_about_cluster_alone,
        node_name: Some(name.clone()),
        root: name,
        ..request
    })
}

/// Replaces the evidence of a benchmark that the cluster determined rather than an option.
fn put_evidence(run: &mut model::Run, benchmark: &BenchmarkChoice, seen: Option<&Seen>) {
    match (benchmark, seen) {
        (BenchmarkChoice::Named(_), _) => {
            "the newest edition for EKS".clone_into(&mut run.kubernetes.evidence);
            run.benchmark.evidence.clone_from(&run.kubernetes.evidence);
        }
        (BenchmarkChoice::ForVersion(version), Some(seen)) => {
            run.kubernetes.version = Some(version.to_string());
            seen.version_evidence().clone_into(&mut run.kubernetes.evidence);
            run.benchmark.evidence = format!("for Kubernetes {version}");
        }
        _ => {}
    }
}

/// Returns the targets of a benchmark that concern the cluster: its objects and, for a managed service, the control
/// plane that the provider runs.
fn targets_of(benchmark: &Benchmark) -> Vec<Target> {
    let has = |wanted: Target| benchmark.targets.iter().any(|index| index.target == wanted);
    let is_managed = !has(Target::Master);
    let of_cluster = [Target::Policies, Target::ManagedServices, Target::Cluster].map(|target| (target, true));
    [(Target::ControlPlane, is_managed)]
        .into_iter()
        .chain(of_cluster)
        .filter_map(|(target, wanted)| (wanted && has(target)).then_some(target))
        .collect()
}

/// Adds the options that select the cluster.
pub(in crate::cli) fn put_cluster(command: &mut model::Command, options: &ClusterOptions, aws: &AwsOptions) {
    let paths = [
        ("kubeconfig", &options.source.kubeconfig),
        ("cluster", &options.cluster),
        ("cluster-objects", &options.source.cluster_objects),
        ("aws-evidence", &aws.aws_evidence),
    ];
    for (name, path) in paths {
        node_run::choose(command, name, path.iter().map(|path| path.display()));
    }
    node_run::choose(command, "context", &options.source.context);
    node_run::choose(command, "insecure-skip-tls-verify", options.source.insecure_skip_tls_verify.then_some(true));
}
