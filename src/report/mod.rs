//! Findings as people and machines read them: one file a format, each a view that only reads a finished run.
//!
//! A report writes to what it is given and touches nothing else. Secrets are masked, and whatever a node holds is
//! escaped, in every format.

mod format;
pub mod json;
pub mod junit;
mod options;
mod phrases;
pub mod text;

use std::io::{self, Write};

use crate::finding::Assay;

pub use crate::finding::escape;
pub use format::{Format, UnknownFormat};
pub use options::Options;

/// Writes a run in this format.
///
/// # Errors
///
/// What the writer answers.
pub fn write(format: Format, assay: &Assay, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => text::write(assay, options, out),
        Format::Json => json::write(assay, options, out),
        Format::Junit => junit::write(assay, out),
    }
}
