//! The cluster's side of the command line.

pub(super) mod options;
pub(super) mod pod_security;
pub(super) mod record;
pub(super) mod run;
pub(super) mod source;
pub(super) mod who_can;

mod api;
mod batch;
