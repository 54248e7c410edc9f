//! Questions put to live and recorded nodes, each bad input for real.

#![allow(clippy::disallowed_methods, reason = "tests make nodes, and read what was made")]

mod certificates;
mod files;
mod kubelet;
mod masking;
mod names;
mod prepared;
mod processes;
mod recordings;
mod round_trip;
pub(crate) mod support;
mod synthetic;
mod table;
