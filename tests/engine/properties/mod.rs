//! Properties that hold for any node.

#![allow(clippy::disallowed_methods, reason = "tests make nodes, and read what was made")]

mod chaos;
mod evaluation;
mod fuzzed;
mod roots;
