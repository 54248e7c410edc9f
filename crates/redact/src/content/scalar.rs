//! Replaces a scalar of a document in place.

use std::fmt::Write;

use granit_parser::ScalarStyle;

use crate::MASK;

/// A scalar as it is written in a document.
#[derive(Debug)]
pub(super) struct Written<'t> {
    /// The source text of the scalar; for a block scalar, only its lines.
    pub(super) raw: &'t str,
    pub(super) style: ScalarStyle,
    /// Whether it is inside brackets or braces.
    pub(super) in_flow: bool,
    /// The column where it starts, from 0.
    pub(super) column: usize,
}

impl Written<'_> {
    /// Whether it is a block scalar, behind a `|` or `>`.
    pub(super) const fn is_block(&self) -> bool {
        matches!(self.style, ScalarStyle::Literal | ScalarStyle::Folded)
    }

    /// Returns the lines of a block scalar without indentation.
    pub(super) fn block(&self) -> String {
        let unindented = |line: &str| {
            let blanks = line.bytes().take(self.column).take_while(|byte| *byte == b' ').count();
            line.get(blanks..).unwrap_or_default().to_owned()
        };
        let mut lines = self.raw.split('\n');
        let first = lines.next().map(str::to_owned);
        first.into_iter().chain(lines.map(unindented)).collect::<Vec<_>>().join("\n")
    }

    /// Returns a block scalar with these lines instead; none if their number differs.
    pub(super) fn with_block(&self, block: &str) -> Option<String> {
        if self.raw.matches('\n').count() != block.matches('\n').count() {
            return None;
        }
        // The last line may be indentation that belongs to what follows the block.
        let behind = self.raw.rsplit('\n').next().filter(|line| line.trim().is_empty()).unwrap_or_default();
        let indentation = " ".repeat(self.column);
        let mut written = String::with_capacity(self.raw.len());
        for (index, line) in block.split('\n').enumerate() {
            if index > 0 {
                written.push('\n');
                written.push_str(if line.is_empty() { "" } else { &indentation });
            }
            written.push_str(line);
        }
        if block.ends_with('\n') {
            written.push_str(behind);
        }
        Some(written)
    }

    /// Returns a block scalar with this single line; its other lines become empty.
    pub(super) fn with_line(&self, line: &str) -> String {
        let others = self.raw.matches('\n').count();
        self.with_block(&format!("{line}{}", "\n".repeat(others))).unwrap_or_else(|| line.to_owned())
    }

    /// Returns the scalar with another text, on as many lines, so that everything around it stays on its line.
    pub(super) fn with(&self, text: &str) -> String {
        if self.is_block() {
            return self.with_line(MASK);
        }
        if !self.raw.contains('\n') {
            if self.style == ScalarStyle::Plain && !self.in_flow && stays_plain(self.raw, text) {
                return text.to_owned();
            }
            if self.style == ScalarStyle::SingleQuoted && !text.contains(is_escaped) {
                return format!("'{}'", text.replace('\'', "''"));
            }
        }
        let blanks =
            |line: &str| -> String { line.chars().take_while(|letter| matches!(letter, ' ' | '\t')).collect() };
        let last = blanks(self.raw.rsplit('\n').next().unwrap_or_default());
        let mut quoted = String::from('"');
        for letter in text.chars() {
            match letter {
                '"' | '\\' => quoted.extend(['\\', letter]),
                '\n' => quoted.push_str("\\n"),
                '\r' => quoted.push_str("\\r"),
                '\t' => quoted.push_str("\\t"),
                letter if is_escaped(letter) => {
                    // All of them have at most four hexadecimal digits.
                    let _ = write!(quoted, "\\u{:04x}", u32::from(letter));
                }
                letter => quoted.push(letter),
            }
        }
        for line in self.raw.split('\n').skip(1) {
            // An escaped line break does not belong to the text.
            quoted.push_str("\\\n");
            quoted.push_str(&if line.trim().is_empty() { last.clone() } else { blanks(line) });
        }
        quoted.push('"');
        quoted
    }
}

/// Whether a text can replace a plain scalar without quotes, parts of it being masked.
fn stays_plain(raw: &str, text: &str) -> bool {
    (text.starts_with('(') || text.chars().next() == raw.chars().next())
        && !text.contains(": ")
        && !text.contains(":\t")
        && !text.contains(" #")
        && !text.contains("\t#")
        && !text.ends_with([':', ' ', '\t'])
        && !text.contains(is_escaped)
}

/// Whether a character has to be written as an escape sequence.
fn is_escaped(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}
