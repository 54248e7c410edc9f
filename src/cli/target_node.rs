//! The node that is checked: this one, or a recording.

use std::path::Path;

use anyhow::anyhow;

use crate::node::{Disk, Launcher, Live, Recorded, refuse_other_processes};
use ::probe::Node;

use super::failure::Failure;
use super::options::{ExecOptions, NodeOptions};
use super::regular_file;

/// The most bytes that are read of a recording.
const MOST_BYTES: u64 = 64 << 20;

/// What `--proc` is given for a node that does not run.
const NO_PROC: &str = "none";

/// The node, and where it is seen from.
pub(super) struct TargetNode {
    pub(super) node: Box<dyn Node>,
    pub(super) seen_from: String,
}

/// Opens the node that the options name.
pub(super) fn open(options: &NodeOptions, exec: &ExecOptions) -> Result<TargetNode, Failure> {
    match &options.node {
        Some(file) => {
            let name = file.display().to_string();
            let text = regular_file::read_at_most(file, MOST_BYTES)
                .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "is not UTF-8 text".to_owned()))
                .map_err(|why| {
                    Failure::Usage(anyhow!("{name}: {why} (give a recorded node, as kube-assay record writes it)"))
                })?;
            let node = Recorded::parse(&name, &text).map_err(|error| {
                let error = error.to_string();
                // Some know better what to do.
                let hint = if error.ends_with(')') { "" } else { " (correct it there, or record the node again)" };
                Failure::Usage(anyhow!("{error}{hint}"))
            })?;
            Ok(TargetNode { node: Box::new(node), seen_from: name })
        }
        None => {
            let place = options.place();
            let node: Box<dyn Node> = if place.proc == Path::new(NO_PROC) {
                Box::new(Disk::open(place).map_err(Failure::system)?)
            } else {
                let node = Live::open(place.clone()).map_err(Failure::system)?;
                refuse_other_processes(&place).map_err(Failure::system)?;
                Box::new(if exec.allow_exec { node.allow_programs(Launcher::own()) } else { node })
            };
            Ok(TargetNode { node, seen_from: shown(&options.root) })
        }
    }
}

/// That nothing of Kubernetes or etcd is on the node that is seen from there.
pub(super) fn empty(seen_from: &str) -> Failure {
    Failure::System(anyhow!(
        "{seen_from}: no node: no kubelet, kube-proxy, etcd or control-plane component found, neither running nor \
         installed (run it as root in the node's PID namespace, with the node's / as --root; --allow-empty reports on it \
         all the same)"
    ))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
