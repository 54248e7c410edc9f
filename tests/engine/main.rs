//! The engine through its public API: what nodes answer, what definitions mean, and what is found.
//!
//! One program for many suites: each would be linked with everything anew. `cargo test --test engine golden::` runs one.

#[path = "../verdicts/mod.rs"]
#[expect(dead_code, reason = "shared with the tests of rule files, which use all of it")]
mod verdicts;

#[path = "../fuzzed/mod.rs"]
mod fuzzed;

#[cfg(feature = "cluster")]
mod clusters;
mod conformance;
mod definitions;
mod facts;
mod golden;
mod mutations;
mod node;
mod properties;
mod recordings;
