//! The native format: the whole model as JSON, which [`read`](super::read) reads back. The schema version comes first.

use std::io::{self, Write};

use model::Report;
use redact::Masked;

use super::{Options, printer};

/// Writes the whole model, whatever the options say.
///
/// # Errors
///
/// If the writer fails.
pub fn write(reports: &[Masked<Report>], _: Options, out: &mut dyn Write) -> io::Result<()> {
    for report in reports {
        printer::pretty(&**report, out)?;
        writeln!(out)?;
    }
    Ok(())
}
