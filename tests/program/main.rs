//! Tests of the program from outside, and of its companions: the command line, reports, documentation, schemas, Jobs.
//!
//! All suites share one program, because linking each separately would be slow. `cargo test --test program cli::` runs
//! one of them.

#![allow(clippy::disallowed_methods, reason = "tests make nodes, and read what was made")]

#[path = "../synthetic/mod.rs"]
mod synthetic;

#[cfg(feature = "cluster")]
mod aws;
mod bad_input;
mod cli;
#[cfg(feature = "cluster")]
mod cluster;
mod custom_rules;
mod docs;
mod manifests;
mod report;
mod sandbox;
mod schemas;
