//! Excerpts of files and command lines: only what is read of them, on the original lines.
//!
//! Each kind of file has its own kind of excerpt, which the same reader reads as it does the whole file.

mod command_line;
mod document;
mod emit;
mod need;
mod service;
mod tree;

pub use command_line::{CommandLines, Sets, WITHHELD};
pub use document::document_excerpt;
pub use service::{arguments_excerpt, lines_excerpt, names_excerpt, unit_excerpt, variables_excerpt};
