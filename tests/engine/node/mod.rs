//! Questions to live and recorded nodes, including every kind of bad input.

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
