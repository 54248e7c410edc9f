//! The API server as a cluster.

use anyhow::anyhow;
use cluster::Cluster;

use crate::cli::failure::Failure;
use crate::cli::options::ExecOptions;

use super::options::SourceOptions;

pub(super) fn connect(_options: &SourceOptions, _exec: &ExecOptions) -> Result<Box<dyn Cluster>, Failure> {
    Err(Failure::Usage(anyhow!("--kubeconfig: not yet")))
}
