//! `demo`: the main job, on a recorded node that is part of the program.

use std::process::ExitCode;

use crate::node::Recorded;

use super::arguments::Options;
use super::failure::Failure;
use super::output::Outputs;
use super::{definitions, run};

/// An EKS Anywhere control plane with external etcd.
const NODE: &str = include_str!("../../golden/nodes/eks-anywhere-control-plane.yaml");
const NAME: &str = "golden/nodes/eks-anywhere-control-plane.yaml";

/// Checks the recorded node as if it were this one.
pub(super) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let outputs = Outputs::of(options)?;
    let definitions = definitions::of(options)?;
    let node = Recorded::parse(NAME, NODE).map_err(Failure::system)?;
    let mut order = run::order(options, NAME.to_owned())?;
    order.could_ask_kubelet = false;
    // Nothing of this machine is asked: the recording answers alone.
    "demo".clone_into(&mut order.command.name);
    let report = crate::assay::assay(&node, &definitions, &order, &|_| None).map_err(Failure::usage)?;
    run::finish(options, &outputs, report)
}
