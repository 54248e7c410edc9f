//! The subcommands and options for clusters.

pub(super) mod aws;
pub(super) mod aws_evidence_commands;
pub(super) mod options;
pub(super) mod pod_security;
pub(super) mod record;
pub(super) mod run;
pub(super) mod source;
pub(super) mod who_can;

mod api;
mod batch;
