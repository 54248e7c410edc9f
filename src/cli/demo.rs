//! `demo`: checks a built-in recording of a node.

use std::process::ExitCode;

use crate::node::Recorded;
use crate::run::{RunRequest, assay};

use clap::Args;

use super::failure::Failure;
use super::options::{
    BenchmarkOptions, CheckOptions, DefinitionOptions, NodeNameOptions, ProfileOptions, ReportOptions, TargetOptions,
    Verbosity, requested,
};
use super::output::Outputs;
use super::{definitions, run};

// The options of `demo`.
#[derive(Debug, Args)]
pub(super) struct DemoOptions {
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
    node_name: NodeNameOptions,
    #[command(flatten)]
    definitions: DefinitionOptions,
}

/// A recording of an EKS Anywhere control plane with external etcd.
const NODE: &str = include_str!("../../golden/nodes/eks-anywhere-control-plane.yaml");
const NAME: &str = "golden/nodes/eks-anywhere-control-plane.yaml";

/// Checks the recorded node as `run` would check this one.
pub(super) fn run(options: &DemoOptions, verbosity: &Verbosity) -> Result<ExitCode, Failure> {
    let outputs = Outputs::of(&options.report, verbosity, None)?;
    let definitions = definitions::of(&options.definitions)?;
    let node = Recorded::parse(NAME, NODE).map_err(Failure::system)?;
    let mut request = RunRequest {
        targets: options.targets.targets()?,
        node_name: options.node_name.given()?,
        ..requested(options.benchmark.choice()?, &options.profile, run::request(NAME.to_owned()))?
    };
    options.checks.put_into(&mut request)?;
    // No question reaches this machine: the recording answers all of them.
    request.command = run::command("demo", &request);
    let report = assay(&node, definitions, &request).map_err(Failure::usage)?;
    run::finish(&options.report, verbosity, &outputs, report)
}
