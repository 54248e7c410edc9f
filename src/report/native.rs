//! The whole model as JSON, which [`read`](super::read) reads back: the version of the model first.

use std::io::{self, Write};

use model::Report;
use redact::Masked;

use super::{Options, printer};

/// Writes the report as the model has it, whole, whatever the options say.
///
/// # Errors
///
/// What the writer answers.
pub fn write(reports: &[Masked<Report>], _: Options, out: &mut dyn Write) -> io::Result<()> {
    for report in reports {
        printer::pretty(&**report, out)?;
        writeln!(out)?;
    }
    Ok(())
}
