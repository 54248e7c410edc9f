//! `who-can`: who may do something, and by which bindings.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::options::{ExecOptions, JsonOptions, Verbosity};

use super::options::{ClusterOptions, Origin};

// The options of `who-can`.
#[derive(Debug, Args)]
pub(in crate::cli) struct WhoCanOptions {
    /// The verb, such as get, create or impersonate
    #[arg(value_name = "VERB", required_unless_present = "batch")]
    verb: Option<String>,
    /// The resource (pods, pods/exec, deployments.apps) or URL (/healthz)
    #[arg(value_name = "RESOURCE", required_unless_present = "batch")]
    resource: Option<String>,
    /// Ask for this namespace [default: all namespaces]
    #[arg(short = 'n', long, value_name = "NAME")]
    namespace: Option<String>,
    /// Ask for the object of this name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Answer yes or no for this user
    #[arg(long = "as", value_name = "USER")]
    user: Option<String>,
    /// The user's groups (repeatable)
    #[arg(long = "as-group", value_name = "GROUP", requires = "user")]
    groups: Vec<String>,
    /// Answer the questions of this file, a line of JSON each (- for standard input)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["verb", "resource", "namespace", "name", "user"])]
    batch: Option<PathBuf>,
    #[command(flatten)]
    json: JsonOptions,
    #[command(flatten)]
    cluster: ClusterOptions,
    #[command(flatten)]
    exec: ExecOptions,
}

impl WhoCanOptions {
    /// Whether the API server is asked.
    pub(in crate::cli) fn asks_api(&self) -> bool {
        matches!(self.cluster.origin(), Ok(Some(Origin::Api)))
    }
}

/// Says who may do it.
pub(in crate::cli) fn run(_options: &WhoCanOptions, _verbosity: &Verbosity) -> Result<ExitCode, Failure> {
    Ok(ExitCode::SUCCESS)
}
