//! The node to check: this machine, a mounted file system or a recording.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;

use anyhow::anyhow;

use crate::node::{Disk, Launcher, Live, Recorded, reading, refuse_other_processes};
use ::probe::Node;

use super::failure::Failure;
use super::options::{ExecOptions, NodeOptions};
use super::regular_file;

/// The most bytes read from a recording.
const MOST_BYTES: u64 = 64 << 20;

/// The value of `--proc` for a node that is not running.
const NO_PROC: &str = "none";

/// A node of any kind, usable from any thread.
pub(super) type AnyNode = Arc<dyn Node + Send + Sync>;

/// Where a node's answers come from.
pub(super) enum Place {
    /// A running machine.
    Live(Arc<Live>),
    /// The file system of a machine that is not running.
    Disk(Arc<Disk>),
    /// A recording, held in memory.
    Recording,
}

impl Place {
    /// Returns the directories below which all examined files are.
    ///
    /// # Errors
    ///
    /// If no more file descriptors are available.
    pub(super) fn directories(&self) -> io::Result<Vec<OwnedFd>> {
        match self {
            Self::Live(live) => live.directories(),
            Self::Disk(disk) => disk.directories(),
            Self::Recording => Ok(Vec::new()),
        }
    }
}

/// The node, and the path it is read from.
pub(super) struct TargetNode {
    pub(super) node: AnyNode,
    pub(super) place: Place,
    pub(super) seen_from: String,
}

/// Opens the node of these options.
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
                // Some errors end with a more specific hint.
                let hint = if error.ends_with(')') { "" } else { " (correct it there, or record the node again)" };
                Failure::Usage(anyhow!("{error}{hint}"))
            })?;
            Ok(TargetNode { node: Arc::new(node), place: Place::Recording, seen_from: name })
        }
        None => {
            let place = options.place();
            let seen_from = shown(&options.root);
            if place.proc == Path::new(NO_PROC) {
                let disk = reading(&options.root, || Disk::open(place)).map_err(Failure::system)?;
                let disk = Arc::new(disk);
                return Ok(TargetNode { node: Arc::<Disk>::clone(&disk), place: Place::Disk(disk), seen_from });
            }
            let node = reading(&options.root, || {
                let node = Live::open(place.clone())?;
                refuse_other_processes(&place).map(|()| node)
            });
            let node = node.map_err(Failure::system)?;
            let node = Arc::new(if exec.allow_exec { node.allow_programs(Launcher::own()) } else { node });
            Ok(TargetNode { node: Arc::<Live>::clone(&node), place: Place::Live(node), seen_from })
        }
    }
}

/// Returns the error that no component of Kubernetes or etcd was found on the node.
pub(super) fn empty(seen_from: &str) -> Failure {
    Failure::System(anyhow!(
        "{seen_from}: not a node: no kubelet, kube-proxy, etcd or control-plane component found, neither running nor \
         installed (run as root in the node's PID namespace, with the node's / as --root, or accept it with --allow-empty)"
    ))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
