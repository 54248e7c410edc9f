//! Values of secret names: `name=value`, `name: value`, `"name": ["value"]`.

use std::ops::Range;

use super::{Manner, Scan, first, is_blank};
use crate::MASK;
use crate::secrecy::{Secrecy, hides, is_member, may_be_member, secrecy};

/// How many backslashes may escape a quote, as in JSON nested in JSON.
const MOST_ESCAPES: usize = 8;
/// The longest name of a variable, in bytes.
const LONGEST_NAME: usize = 128;
/// How many closing brackets, braces and commas behind a value are excluded from it.
const MOST_ENDS: usize = 16;
/// The shortest signature in a URL, in bytes.
const SHORTEST: usize = 16;

/// The parameters by which URLs are signed.
const SIGNATURES: [&str; 2] = ["sig", "signature"];

impl Scan<'_> {
    /// Returns the value of `name=value` or `name: value` if the name is a secret's.
    pub(super) fn named(&mut self, sign: usize) -> Option<Range<usize>> {
        let colon = self.byte(sign) == Some(b':');
        let name = self.name_before(sign)?;
        let key = self.part(name.clone());
        // `/run/token: permission denied` is about a file, `secrets: …` about the resource kind.
        let is_plural = colon && key.ends_with('s') && !key.ends_with("pass");
        let is_sentence = || {
            let begin = self.byte(self.behind_blanks(sign + 1));
            !begin.is_some_and(|begin| matches!(begin, b'=' | b'[' | b'"' | b'\'' | b'\\'))
        };
        if is_plural || (colon && self.byte_before(name.start) == Some(b'/') && is_sentence()) {
            return None;
        }
        let is_header = key.eq_ignore_ascii_case("authorization");
        let known = match key {
            "name" => {
                self.variable(sign);
                return None;
            }
            "value" if std::mem::take(&mut self.in_variable) => Secrecy::Secret,
            _ => secrecy(key),
        };
        // Most names are harmless, so their values, which may be very long, are not scanned.
        if known == Secrecy::Open && !is_header {
            return self.special(sign, colon, key);
        }
        let is_begin = self.manner != Manner::Line && name.start <= self.indentation_end();
        let is_whole_line = colon && (is_header || is_begin);
        let value = self.value(sign, is_whole_line);
        let is_hidden =
            if is_header { self.has_blank_inside(value.clone()) } else { hides(known, self.part(value.clone())) };
        is_hidden.then_some(value)
    }

    /// Records whether the value of the variable named here is a secret.
    fn variable(&mut self, sign: usize) {
        let value = self.value(sign, false);
        self.in_variable = value.len() <= LONGEST_NAME && is_secret_name(self.part(value));
    }

    /// Returns a value that only its name and format together show to be a secret.
    fn special(&mut self, sign: usize, colon: bool, key: &str) -> Option<Range<usize>> {
        let name = key.trim_start_matches('-');
        let is_option = name.len() < key.len();
        let is = |known: &[&str]| known.iter().any(|known| name.eq_ignore_ascii_case(known));
        if !colon && (is(&SIGNATURES) || has_end(name, "-signature")) {
            let value = self.value(sign, false);
            let shown = self.part(value.clone());
            let length = shown.bytes().take(SHORTEST).take_while(|byte| *byte != b'&').count();
            let end = first(self.bytes, value.start, |byte| matches!(byte, b'&' | b'#')).min(value.end);
            return (length == SHORTEST).then_some(value.start..end);
        }
        if !colon && is_option && super::command::is_pair_option(name) {
            let value = self.value(sign, false);
            return super::command::is_pair(self.part(value.clone())).then_some(value);
        }
        if is_option || !may_be_member(name) {
            return None;
        }
        let value = self.value(sign, false);
        is_member(name, self.part(value.clone())).then_some(value)
    }

    /// Returns the name that ends before this byte, skipping blanks and quotes (also escaped ones, as in JSON within a
    /// text).
    pub(super) fn name_before(&self, end: usize) -> Option<Range<usize>> {
        let before = self.bytes.get(..end)?;
        let is_gap = |byte: &u8| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'\\');
        let end = before.iter().rposition(|byte| !is_gap(byte))? + 1;
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let start = before.get(..end)?.iter().rposition(|byte| !is_name(byte)).map_or(0, |last| last + 1);
        (start < end).then_some(start..end)
    }

    /// Returns where the leading blanks, quotes and list dashes of the current line end.
    fn indentation_end(&mut self) -> usize {
        self.indentation.byte(self.bytes, self.line, |byte| !matches!(byte, b' ' | b'\t' | b'-' | b'"' | b'\''))
    }

    /// Returns the value behind a sign: the quoted text, the list, the rest of the line or the word.
    fn value(&mut self, sign: usize, is_whole_line: bool) -> Range<usize> {
        let colon = self.byte(sign) == Some(b':');
        // Some assignments have longer signs: `:=`, `=>`, `==`.
        let is_sign = |byte| matches!(byte, b'=' | b'>');
        let behind = if self.byte(sign + 1).is_some_and(is_sign) {
            first(self.bytes, sign + 1, |byte| !is_sign(byte))
        } else {
            sign + 1
        };
        let start = self.behind_blanks(behind);
        match self.byte(start) {
            Some(quote @ (b'"' | b'\'')) => start + 1..self.closing_quote(start + 1, quote),
            // An escaped quote, as in JSON within a text.
            Some(b'\\') => {
                let quote = first(self.bytes, start, |byte| byte != b'\\');
                if quote - start <= MOST_ESCAPES && self.byte(quote) == Some(b'"') {
                    quote + 1..self.closing_escaped(start..quote + 1)
                } else {
                    start..self.bare_end(start)
                }
            }
            // A list is one value. A mapping is not: its entries are inspected on their own.
            Some(b'[') if colon => {
                let end = self.bracket.byte(self.bytes, start + 1, |byte| matches!(byte, b']' | b'{' | b'\n'));
                if self.byte(end) == Some(b'{') { start..start } else { start + 1..end }
            }
            Some(b'{') if colon => start..start,
            // A YAML block: the end of its lines is not known without parsing, so the rest of the text is its value.
            Some(b'|' | b'>') if colon && self.manner == Manner::Line => start..start,
            Some(b'|' | b'>') if colon => start..self.bytes.len(),
            _ if is_whole_line => start..self.line_end(start),
            _ => start..self.value_end(start),
        }
    }

    /// Returns where an unquoted value ends, excluding trailing commas, brackets and braces.
    fn value_end(&mut self, start: usize) -> usize {
        let end = self.bare_end(start);
        let is_end = |byte: &&u8| matches!(byte, b',' | b']' | b'}');
        let tail = self.bytes.get(start.max(end.saturating_sub(MOST_ENDS))..end).unwrap_or_default();
        end - tail.iter().rev().take_while(is_end).count()
    }

    /// Returns where the quoted text that starts at this byte ends, skipping quotes after a backslash.
    fn closing_quote(&self, start: usize, quote: u8) -> usize {
        let mut is_escaped = false;
        first(self.bytes, start, |byte| {
            let ends = byte == quote && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            ends
        })
    }

    /// Returns where the text behind this escaped quote ends: at the next quote with as many backslashes.
    fn closing_escaped(&self, quote: Range<usize>) -> usize {
        let escapes = quote.len() - 1;
        let mut seen = 0;
        let end = first(self.bytes, quote.end, |byte| {
            if byte == b'\\' {
                seen += 1;
                return false;
            }
            std::mem::take(&mut seen) == escapes && byte == b'"'
        });
        if end == self.bytes.len() { end } else { end - escapes }
    }

    /// Whether a value consists of several words, the last of which is not yet masked.
    fn has_blank_inside(&mut self, value: Range<usize>) -> bool {
        let bytes = self.bytes;
        let blank = self.blank.byte(bytes, value.start, |byte| matches!(byte, b' ' | b'\t'));
        let is_inside = blank < value.end && self.filled.byte(bytes, blank, |byte| !is_blank(byte)) < value.end;
        is_inside && !self.part(value).ends_with(MASK)
    }
}

/// Whether the value of a variable of this name is a secret; the name ends at a backslash.
fn is_secret_name(name: &str) -> bool {
    secrecy(name.split('\\').next().unwrap_or_default()) != Secrecy::Open
}

fn has_end(name: &str, end: &str) -> bool {
    name.len().checked_sub(end.len()).and_then(|at| name.get(at..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}
