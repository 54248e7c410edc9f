//! Excerpts of files and command lines: what is read of them, on the lines on which it stands, and nothing else.
//!
//! Each kind of file has its own way to be cut down, and what is left is read by the same reader as the whole.

mod command_line;
mod document;
mod emit;
mod need;
mod service;
mod tree;

pub use command_line::{CommandLines, Sets, WITHHELD};
pub use document::document_excerpt;
pub use service::{arguments_excerpt, lines_excerpt, names_excerpt, unit_excerpt, variables_excerpt};
