//! Options that select a cluster and how it is queried.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;
use kubernetes::{Environment, Source};

use crate::cli::failure::Failure;
use crate::cli::options::number;

const CLUSTER: &str = "Cluster";

// The source of the cluster's objects: an API server or files.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct SourceOptions {
    /// Query the API server of this kubeconfig
    #[arg(long, value_name = "FILE", hide_short_help = true, help_heading = CLUSTER)]
    pub(in crate::cli) kubeconfig: Option<PathBuf>,
    /// Use this context of the kubeconfig
    #[arg(long, value_name = "NAME", hide_short_help = true, help_heading = CLUSTER)]
    pub(in crate::cli) context: Option<String>,
    /// Read kubectl's JSON or YAML output from a file or directory
    #[arg(long, value_name = "PATH", hide_short_help = true, help_heading = CLUSTER)]
    pub(in crate::cli) cluster_objects: Option<PathBuf>,
    /// Do not verify the API server's certificate
    #[arg(long, hide_short_help = true, help_heading = CLUSTER)]
    pub(in crate::cli) insecure_skip_tls_verify: bool,
    /// Send the API server at most this many requests per second
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = number(1_u16..=1000), hide_short_help = true, help_heading = CLUSTER)]
    pub(in crate::cli) requests_per_second: u16,
}

// The source of the cluster's objects, including a recording.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct ClusterOptions {
    #[command(flatten)]
    pub(in crate::cli) source: SourceOptions,
    /// Read this recorded cluster, as written by record
    #[arg(long, value_name = "FILE", hide_short_help = true, help_heading = CLUSTER)]
    pub(in crate::cli) cluster: Option<PathBuf>,
}

// The source of the cluster's objects, and the file of the recording.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct RecordClusterOptions {
    #[command(flatten)]
    pub(in crate::cli) source: SourceOptions,
    /// Record the cluster instead of the node in this file
    #[arg(long, value_name = "FILE", help_heading = CLUSTER)]
    pub(in crate::cli) cluster: Option<PathBuf>,
}

impl RecordClusterOptions {
    /// Whether the API server is queried.
    pub(in crate::cli) fn asks_api(&self) -> bool {
        self.cluster.is_some() && ClusterOptions { source: self.source.clone(), cluster: None }.asks_api()
    }
}

/// The source of the objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum Origin {
    /// The API server.
    Api,
    /// A recorded cluster.
    Recording(PathBuf),
    /// The output of kubectl.
    Objects(PathBuf),
}

impl SourceOptions {
    /// Returns the API server and its credentials; `None` if neither the options nor the environment select one.
    pub(super) fn of_api(&self, environment: &Environment) -> Option<Source> {
        Source::find(self.kubeconfig.as_deref(), self.context.as_deref(), environment)
    }
}

impl ClusterOptions {
    /// Whether the command line names a cluster.
    pub(in crate::cli) fn is_named(&self) -> bool {
        let SourceOptions { kubeconfig, context, cluster_objects, .. } = &self.source;
        [kubeconfig, cluster_objects, &self.cluster].into_iter().any(Option::is_some) || context.is_some()
    }

    /// Whether the API server is queried.
    pub(in crate::cli) fn asks_api(&self) -> bool {
        matches!(self.origin(), Ok(Some(Origin::Api)))
    }

    /// Returns the source of the objects; `None` if neither an option nor the environment selects one. Root's own
    /// `~/.kube/config` is never used implicitly.
    ///
    /// # Errors
    ///
    /// If several are named.
    pub(in crate::cli) fn origin(&self) -> Result<Option<Origin>, Failure> {
        let named: Vec<&str> = [
            (self.source.kubeconfig.is_some() || self.source.context.is_some(), "--kubeconfig or --context"),
            (self.cluster.is_some(), "--cluster"),
            (self.source.cluster_objects.is_some(), "--cluster-objects"),
        ]
        .into_iter()
        .filter_map(|(is_named, name)| is_named.then_some(name))
        .collect();
        if let [first, second, ..] = named.as_slice() {
            return Err(Failure::Usage(anyhow!("{first} and {second}: each names a cluster (pass only one of them)")));
        }
        Ok(match (&self.cluster, &self.source.cluster_objects) {
            (Some(file), _) => Some(Origin::Recording(file.clone())),
            (None, Some(path)) => Some(Origin::Objects(path.clone())),
            (None, None) => self.source.of_api(&Environment::of_process()).map(|_| Origin::Api),
        })
    }

    /// Like [`origin`](Self::origin), for a subcommand that requires a cluster.
    ///
    /// # Errors
    ///
    /// If none or several are named.
    pub(in crate::cli) fn required(&self) -> Result<Origin, Failure> {
        self.origin()?.ok_or_else(|| {
            Failure::Usage(anyhow!(
                "cluster: none given (pass --kubeconfig, --cluster or --cluster-objects, or set KUBECONFIG)"
            ))
        })
    }
}
