//! What should be so: benchmarks and their controls, and the profiles that say what a platform leaves out.
//!
//! A definition never touches a node, and knows nothing but YAML. The build script loads our own definitions with this
//! crate, refuses a mistake there and then, and embeds a compact form of them in the program.

pub mod benchmark;
pub mod profile;
mod set;

pub use set::{Definitions, load_with};
