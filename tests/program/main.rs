//! The program from outside, and what lies beside it: the command line, reports, documentation, schemas, Jobs.
//!
//! One program for many suites: each would be linked with everything anew. `cargo test --test program cli::` runs one.

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
