//! The node that is checked: this one, or a recording.

use std::fs;
use std::path::Path;

use anyhow::anyhow;

use crate::node::{Live, LiveOptions, Recorded};
use crate::probe::Node;

use super::arguments::Options;
use super::failure::Failure;
use super::system_error;

/// The node, and where it is seen from.
pub(super) struct TargetNode {
    pub(super) node: Box<dyn Node>,
    pub(super) seen_from: String,
}

/// Opens the node that the options name.
pub(super) fn open(options: &Options) -> Result<TargetNode, Failure> {
    match &options.node {
        Some(file) => {
            let name = file.display().to_string();
            let text = fs::read_to_string(file).map_err(|error| {
                let why = system_error::in_words(&error);
                Failure::Usage(anyhow!("{name}: {why} (give a recorded node, as kube-assay record writes it)"))
            })?;
            let node = Recorded::parse(&name, &text)
                .map_err(|error| Failure::Usage(anyhow!("{error} (correct it there, or record the node again)")))?;
            Ok(TargetNode { node: Box::new(node), seen_from: name })
        }
        None => {
            let live = LiveOptions { root: options.root.clone(), proc: options.proc.clone() };
            let node = Live::open(live).map_err(Failure::system)?;
            Ok(TargetNode { node: Box::new(node), seen_from: shown(&options.root) })
        }
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
