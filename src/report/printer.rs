//! JSON in which deceptive characters are escaped, since it is also shown on terminals and embedded in XML. To a parser
//! it is the same.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{Formatter, PrettyFormatter};

use super::escape;

/// The buffer size in bytes. The serializer writes a few bytes at a time, and each write would call an unknown writer.
const PIECES: usize = 4 << 10;

/// Prints a value on one line.
///
/// # Errors
///
/// If the writer fails.
pub fn compact(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(PIECES, out);
    value.serialize(&mut Serializer::with_formatter(&mut out, Compact))?;
    out.flush()
}

/// Prints a value indented, on several lines.
///
/// # Errors
///
/// If the writer fails.
pub fn pretty(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(PIECES, out);
    value.serialize(&mut Serializer::with_formatter(&mut out, Pretty(PrettyFormatter::with_indent(b" "))))?;
    out.flush()
}

/// A long text. The serializer examines each byte of a string on its own; these it leaves to the formatter, as bytes, which
/// only the formatters of this file print as a string.
#[derive(Debug)]
pub struct Text<'a>(pub Cow<'a, str>);

impl Text<'_> {
    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0.as_bytes())
    }
}

fn write_text<W: ?Sized + Write>(out: &mut W, text: &[u8]) -> io::Result<()> {
    out.write_all(b"\"")?;
    escape::json_text(text, out)?;
    out.write_all(b"\"")
}

struct Compact;

impl Formatter for Compact {
    fn write_byte_array<W: ?Sized + Write>(&mut self, out: &mut W, value: &[u8]) -> io::Result<()> {
        write_text(out, value)
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        escape::json(fragment, b"", out)
    }
}

struct Pretty(PrettyFormatter<'static>);

impl Formatter for Pretty {
    fn write_byte_array<W: ?Sized + Write>(&mut self, out: &mut W, value: &[u8]) -> io::Result<()> {
        write_text(out, value)
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(value: &impl Serialize) -> String {
        let mut out = Vec::new();
        compact(value, &mut out).expect("memory");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn a_text_looks_like_any_string() {
        let same = |text: &str| assert_eq!(printed(&Text::from(text)), printed(&text), "{text:?}");
        for c in ('\0'..='\u{3000}').chain(['\u{fffe}', '🙂', '\u{e0041}', '\u{10ffff}']) {
            // At each place of a word, and after the last whole one.
            for place in 0..9 {
                same(&format!("{}{c}{}", "~".repeat(place), "abcdefg !x".repeat(2)));
            }
        }
        same("");
        same("\"\\\n\r\t\u{8}\u{c}\u{1b}\u{7f}é\u{7f}北\u{202e}\"\"x");
        same("On the node:\n    systemctl restart \"kubelet\"\n");
    }
}
