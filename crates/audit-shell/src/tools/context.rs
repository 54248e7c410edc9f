//! The context of a program's execution: arguments, streams, messages.

use crate::budget::{Run, Stop};
use crate::state::Shell;
use crate::streams::Streams;
use crate::view::Lack;

/// The number of lines that can be listed without counting against the limit.
const FREE_LINES: usize = 100_000;

/// The context of a program's execution.
pub(crate) struct Context<'c, 'n> {
    /// The name it was started as.
    pub(crate) name: Vec<u8>,
    pub(crate) arguments: Vec<Vec<u8>>,
    pub(crate) shell: &'c mut Shell<'n>,
    pub(crate) streams: &'c Streams,
}

impl Context<'_, '_> {
    /// Prints bytes.
    pub(super) fn print(&self, bytes: &[u8]) -> Run<()> {
        self.streams.output.write(bytes, &self.shell.budget)
    }

    /// Prints a line.
    pub(super) fn line(&self, bytes: &[u8]) -> Run<()> {
        self.print(bytes)?;
        self.print(b"\n")
    }

    /// Prints an error message with the program's name.
    pub(super) fn complain(&self, message: &[u8]) -> Run<()> {
        let line = [&self.name, b": ".as_slice(), message, b"\n"].concat();
        self.streams.errors.write(&line, &self.shell.budget)
    }

    /// Prints an error message and the hint to `--help`.
    pub(super) fn usage(&self, message: &str) -> Run<()> {
        self.complain(message.as_bytes())?;
        let name = String::from_utf8_lossy(&self.name);
        self.streams.errors.write(format!("Try '{name} --help' for more information.\n").as_bytes(), &self.shell.budget)
    }

    /// The error for a use that is not supported.
    pub(super) fn refuse(&self, what: &str) -> Stop {
        let (line, name) = (self.shell.line, String::from_utf8_lossy(&self.name).into_owned());
        Stop::Refused(format!("line {line}: {name}: {what} is not interpreted"))
    }

    /// The lines of a text, for random access.
    #[expect(clippy::naive_bytecount, reason = "the compiler makes it fast enough, without another crate")]
    pub(super) fn all_lines<'b>(&self, bytes: &'b [u8]) -> Run<Vec<&'b [u8]>> {
        let many = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
        // With this many lines, the list itself takes significant memory.
        if many > FREE_LINES {
            self.shell.budget.bytes(many.saturating_mul(size_of::<&[u8]>()))?;
        }
        Ok(lines(bytes).0.collect())
    }

    /// The content of a file; `-` is standard input.
    pub(super) fn content(&self, path: &[u8]) -> Run<Result<Vec<u8>, Lack>> {
        let bytes = if path == b"-" { Ok(self.streams.input.rest()) } else { self.shell.node.content(path)? };
        if let Ok(bytes) = &bytes {
            self.shell.budget.look(bytes.len())?;
        }
        Ok(bytes)
    }
}

/// The lines of a text, and whether the last one ends with a line break.
pub(super) fn lines(bytes: &[u8]) -> (impl Iterator<Item = &[u8]>, bool) {
    let ended = bytes.is_empty() || bytes.ends_with(b"\n");
    let body = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let count = if bytes.is_empty() { 0 } else { usize::MAX };
    (body.split(|byte| *byte == b'\n').take(count), ended)
}

/// A name quoted as in GNU's messages.
pub(super) fn quoted(name: &[u8]) -> Vec<u8> {
    let plain = !name.iter().any(|byte| *byte < b' ' || *byte == b'\'');
    if plain {
        return [b"'", name, b"'"].concat();
    }
    if !name.iter().any(|byte| *byte < b' ' || matches!(byte, b'"' | b'$' | b'`' | b'\\')) {
        return [b"\"", name, b"\""].concat();
    }
    let mut text = b"'".to_vec();
    for byte in name {
        match byte {
            b'\n' => text.extend(b"'$'\\n''"),
            b'\t' => text.extend(b"'$'\\t''"),
            b'\'' => text.extend(b"'\\''"),
            byte => text.push(*byte),
        }
    }
    text.push(b'\'');
    text
}
