//! Detection of lines within quotes, in one pass and without a parser. It may be wrong where a plain multi-line scalar
//! contains quote characters, so the parser verifies the result.

use std::collections::BTreeSet;

/// Returns the lines, from 1, that begin inside a quoted scalar, unless it is within brackets or braces.
pub(super) fn lines_within_quotes(text: &str) -> BTreeSet<usize> {
    let mut lexer = Lexer { bytes: text.as_bytes(), at: 0, line: 1, flow: 0, block: None, lines: BTreeSet::new() };
    while lexer.at < text.len() && lexer.take_line() {}
    lexer.lines
}

struct Lexer<'t> {
    bytes: &'t [u8],
    at: usize,
    line: usize,
    /// The number of open brackets and braces.
    flow: usize,
    /// The minimum indentation of the lines of the current block scalar.
    block: Option<usize>,
    lines: BTreeSet<usize>,
}

impl Lexer<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    fn ends_word(&self, at: usize) -> bool {
        self.byte(at).is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
    }

    fn skip(&mut self, is_part: impl Fn(u8) -> bool) {
        while self.byte(self.at).is_some_and(&is_part) {
            self.at += 1;
        }
    }

    fn skip_line(&mut self) {
        self.skip(|byte| byte != b'\n');
    }

    /// Consumes a line, including the lines on which its quoted scalars continue. Returns whether there may be another.
    fn take_line(&mut self) -> bool {
        let mut begin = self.at;
        self.skip(|byte| byte == b' ');
        let indentation = self.at - begin;
        if let Some(least) = self.block {
            if self.ends_word(self.at) || indentation >= least {
                self.skip_line();
            } else {
                self.block = None;
            }
        }
        // The column of the line's last key or list item, and of the word that may become a key.
        let (mut parent, mut word) = (None, None);
        let mut is_start = true;
        while let Some(byte) = self.byte(self.at).filter(|byte| *byte != b'\n') {
            let column = self.at.checked_sub(begin);
            let is_apart = self.at == begin || self.byte(self.at - 1).is_some_and(|byte| matches!(byte, b' ' | b'\t'));
            self.at += 1;
            match byte {
                b' ' | b'\t' | b'\r' => {}
                b'#' if is_apart => self.skip_line(),
                b'"' | b'\'' if is_start => {
                    (word, is_start) = (column, false);
                    let line = self.line;
                    if !self.quoted(byte) {
                        return false;
                    }
                    if line != self.line {
                        // Keys are single-line, so columns on this line no longer matter.
                        begin = self.at;
                    }
                }
                b'[' | b'{' if is_start => self.flow += 1,
                b']' | b'}' if self.flow > 0 => (self.flow, is_start) = (self.flow - 1, false),
                b',' if self.flow > 0 => is_start = true,
                b'-' if column == Some(0) && self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(b"--")) => {
                    self.at += 2;
                }
                b'-' | b'?' if is_start && self.flow == 0 && self.ends_word(self.at) => parent = column,
                b':' if self.flow > 0 || self.ends_word(self.at) => (parent, is_start) = (word.or(parent), true),
                b'&' | b'!' | b'*' if is_start => self.skip(|byte| !byte.is_ascii_whitespace()),
                b'|' | b'>' if is_start && self.flow == 0 => {
                    self.block = Some(parent.map_or(0, |parent| parent + 1));
                    self.skip_line();
                }
                _ => {
                    if is_start {
                        word = column;
                    }
                    is_start = false;
                }
            }
        }
        self.at += 1;
        self.line += 1;
        true
    }

    /// Consumes a quoted scalar. Returns whether it is closed.
    fn quoted(&mut self, quote: u8) -> bool {
        let (first, mut at) = (self.line, self.at);
        let mut line = first;
        let mut within = Vec::new();
        while let Some(byte) = self.byte(at) {
            at += 1;
            match byte {
                b'\\' if quote == b'"' && self.byte(at) != Some(b'\n') => at += 1,
                b'\'' if quote == b'\'' && self.byte(at) == Some(b'\'') => at += 1,
                b'\n' => {
                    line += 1;
                    within.push(line);
                }
                _ if byte == quote => {
                    if self.flow == 0 {
                        self.lines.extend(within);
                    }
                    (self.at, self.line) = (at, line);
                    return true;
                }
                _ => {}
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_within_quotes_are_told_from_others() {
        for (text, expected) in [
            ("a: \"x\ny\nz\"\nb: 1\n", &[2, 3][..]),
            ("a: 'it''s\ny' # \"\nb: \"\n\nx\"\n", &[2, 4, 5]),
            ("- \"x\\\"\ny\"\n- - 'z\n  z'\n", &[2, 4]),
            ("a: |\n  \"x\n  y\nb: >-\n  'z\n\n  z\nc: \"d\ne\"\n", &[9]),
            ("- a: |\n   'x\n  b: \"y\nz\"\n", &[4]),
            ("a: it's\nb: x \"y\nc: z\"\n", &[]),
            ("a: {b: \"x\ny\", c: ['z\nz']}\nd: &e !f \"x\ny\"\n", &[5]),
            ("# \"\na: 1 # '\nb: a#'\n", &[]),
            ("--- \"x\ny\"\n", &[2]),
            ("? \"x\ny\"\n: \"z\nz\"\n", &[2, 4]),
            ("a: \"x\ny\nb: 1\n", &[]),
            ("\"a\": \"b\nc\"\n\"d\":\n  \"e\nf\"\n", &[2, 5]),
            ("", &[]),
        ] {
            assert_eq!(lines_within_quotes(text).into_iter().collect::<Vec<_>>(), expected, "{text}");
        }
    }
}
