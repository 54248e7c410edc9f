//! The node that is checked: this one, or a recording.

use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::node::{Live, LiveOptions, Recorded};
use crate::probe::Node;

use super::arguments::Options;
use super::failure::Failure;

/// The node, and where it is seen from.
pub(super) struct TargetNode {
    pub(super) node: Box<dyn Node>,
    pub(super) seen_from: String,
}

/// Opens the node that the options name.
pub(super) fn open(options: &Options) -> Result<TargetNode, Failure> {
    match &options.node {
        Some(file) => {
            let text = fs::read_to_string(file).with_context(|| file.display().to_string()).map_err(Failure::Usage)?;
            let name = file.display().to_string();
            let node = Recorded::parse(&name, &text).map_err(Failure::usage)?;
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
