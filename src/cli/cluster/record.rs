//! `record --cluster`: writes a recording of what the checks read from a cluster.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use cluster::lists;

use crate::cli::failure::Failure;
use crate::cli::options::{ExecOptions, Verbosity};
use crate::cli::output_file::{self, Access};
use crate::cli::{notice, output};
use crate::node::reading;

use super::options::{ClusterOptions, Origin, RecordClusterOptions};
use super::source;

/// The most bytes of a recording that can be read back.
const MOST_BYTES: usize = 64 << 20;

/// Records the cluster to a file (`-` for standard output).
pub(in crate::cli) fn record(
    options: &RecordClusterOptions,
    file: &Path,
    exec: &ExecOptions,
    verbosity: &Verbosity,
) -> Result<ExitCode, Failure> {
    let named = output::named(Some(file));
    let options = ClusterOptions { source: options.source.clone(), cluster: None };
    let origin = options.required()?;
    if let Some(file) = &named {
        let input = match &origin {
            Origin::Objects(path) => Some(path.as_path()),
            Origin::Api | Origin::Recording(_) => None,
        };
        reading(file, || output::refuse(input, file))?;
    }
    let cluster = source::open(&options, &origin, exec)?;
    let text = lists::record(&*cluster).context("recording").map_err(Failure::System)?;
    for remark in cluster.about().remarks {
        notice::alone(verbosity, &remark);
    }
    if text.len() > MOST_BYTES {
        return Err(Failure::System(anyhow!(
            "{}: the recording would be {} MiB, and at most {} can be read back (check the cluster itself)",
            file.display(),
            text.len() >> 20,
            MOST_BYTES >> 20
        )));
    }
    match &named {
        None => output::text(&text),
        Some(file) => {
            output::deliver(file, || {
                output_file::write(file, Access::Private, &|out| std::io::Write::write_all(out, text.as_bytes()))
            })?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
