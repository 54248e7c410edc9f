//! `aws-evidence-commands`: prints the script that collects AWS evidence for a cluster.

use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::output;

// The options of `aws-evidence-commands`.
#[derive(Debug, Args)]
pub(in crate::cli) struct AwsEvidenceCommandsOptions {
    /// The cluster's name; by default the script's second argument
    #[arg(long, value_name = "NAME")]
    cluster_name: Option<String>,
    /// The cluster's region; by default that of the AWS CLI
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
}

/// Prints the script.
pub(in crate::cli) fn run(options: &AwsEvidenceCommandsOptions) -> Result<ExitCode, Failure> {
    let script = aws::script(options.cluster_name.as_deref(), options.region.as_deref());
    output::text(&script.map_err(|error| Failure::Usage(anyhow!("{error}")))?)
}
