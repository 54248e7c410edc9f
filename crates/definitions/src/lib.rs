//! Definitions: benchmarks with their controls, and profiles, which exclude checks or adjust parameters for a platform.
//!
//! This crate only parses YAML and never accesses a node. The build script loads the built-in definitions with it,
//! fails the build on any mistake, and embeds a compact form of them in the program.

pub mod benchmark;
mod compiled;
pub mod profile;
mod set;

pub use compiled::{SharedText, compile, read};
pub use set::{Definitions, load_with};
