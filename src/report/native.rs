//! The whole model as JSON, which [`read`](super::read) reads back: the version of the model first.

use std::io::{self, Write};

use model::Report;
use redact::Masked;
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter};

use super::{Options, escape};

/// Writes the report as the model has it, whole, whatever the options say.
///
/// # Errors
///
/// What the writer answers.
pub fn write(report: &Masked<Report>, _: Options, out: &mut dyn Write) -> io::Result<()> {
    let mut printer = serde_json::Serializer::with_formatter(&mut *out, Plain(PrettyFormatter::with_indent(b" ")));
    (**report).serialize(&mut printer).map_err(io::Error::from)?;
    writeln!(out)
}

/// JSON over several lines, in which deceptive characters are escapes. To a parser it is the same.
struct Plain(PrettyFormatter<'static>);

impl Formatter for Plain {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        escape::json(fragment, b"", out)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}
