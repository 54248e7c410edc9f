//! Tests of the engine through its public API: what nodes answer, how definitions are read, and what checks find.
//!
//! All suites share one program, because linking each separately would be slow. `cargo test --test engine golden::`
//! runs one of them.

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
