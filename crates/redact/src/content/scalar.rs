//! A text of a document, written anew in the place of what stood there.

use std::fmt::Write;

use granit_parser::ScalarStyle;

use crate::MASK;

/// How a text stands in a document.
#[derive(Debug)]
pub(super) struct Written<'t> {
    /// The text as it stands there; of a block only its lines.
    pub(super) raw: &'t str,
    pub(super) style: ScalarStyle,
    /// Whether it lies in brackets or braces.
    pub(super) in_flow: bool,
    /// How far it is from the begin of its line.
    pub(super) column: usize,
}

impl Written<'_> {
    /// Whether it is a text on lines of its own, behind a `|` or `>`.
    pub(super) const fn is_block(&self) -> bool {
        matches!(self.style, ScalarStyle::Literal | ScalarStyle::Folded)
    }

    /// The lines of a block without their indentation.
    pub(super) fn block(&self) -> String {
        let unindented = |line: &str| {
            let blanks = line.bytes().take(self.column).take_while(|byte| *byte == b' ').count();
            line.get(blanks..).unwrap_or_default().to_owned()
        };
        let mut lines = self.raw.split('\n');
        let first = lines.next().map(str::to_owned);
        first.into_iter().chain(lines.map(unindented)).collect::<Vec<_>>().join("\n")
    }

    /// Other lines for a block, as many as it has; none where they are not.
    pub(super) fn with_block(&self, block: &str) -> Option<String> {
        if self.raw.matches('\n').count() != block.matches('\n').count() {
            return None;
        }
        // The last line may be the begin of one that is none of the block's.
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

    /// Another text of one line for a block; its other lines are emptied.
    pub(super) fn with_line(&self, line: &str) -> String {
        let others = self.raw.matches('\n').count();
        self.with_block(&format!("{line}{}", "\n".repeat(others))).unwrap_or_else(|| line.to_owned())
    }

    /// Another text, on as many lines: what stands around it stays on its line.
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
                    // Each of them has no more than four digits.
                    let _ = write!(quoted, "\\u{:04x}", u32::from(letter));
                }
                letter => quoted.push(letter),
            }
        }
        for line in self.raw.split('\n').skip(1) {
            // A line break behind a backslash is none of the text.
            quoted.push_str("\\\n");
            quoted.push_str(&if line.trim().is_empty() { last.clone() } else { blanks(line) });
        }
        quoted.push('"');
        quoted
    }
}

/// Whether a text can stand without quotes where another one did, of which parts were masked.
fn stays_plain(raw: &str, text: &str) -> bool {
    (text.starts_with('(') || text.chars().next() == raw.chars().next())
        && !text.contains(": ")
        && !text.contains(":\t")
        && !text.contains(" #")
        && !text.contains("\t#")
        && !text.ends_with([':', ' ', '\t'])
        && !text.contains(is_escaped)
}

/// What quotes alone do not let one write.
fn is_escaped(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}
