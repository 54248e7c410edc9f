//! Finds the secrets of a text by their names and formats, in one pass and in linear time.
//!
//! A scan stops only at the few bytes without which there is no secret (`=`, `:`, `.`, `$` …), called signs, and
//! inspects their surroundings. To stay linear, no forward search is repeated from the same place ([`Next`]), backward
//! searches end at the previous sign, and a secret that was found is skipped.

mod command;
mod credentials;
mod escapes;
mod named;
mod next;
mod scheme;
#[cfg(test)]
mod tests;
mod token;

use std::ops::Range;

pub(crate) use command::Line;
pub(crate) use escapes::unescaped;
pub(crate) use next::Next;
use next::first;

/// The kind of a text, where that makes a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// A sentence: any word may follow `--token`.
    Sentence,
    /// A command line, or the output of a command: the value of `--token` follows it.
    Command,
    /// Like `Command`, but a single line of several: the caller handles values that span lines.
    Line,
}

/// The result of a scan.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    /// The byte ranges of the secrets, in order and disjoint.
    pub(crate) places: Vec<Range<usize>>,
    /// Whether the text contains escape sequences (`\u0070`), which may hide more secrets.
    pub(crate) has_escapes: bool,
}

/// Returns the secrets of a text.
pub(crate) fn secrets(text: &str, manner: Manner) -> Secrets {
    let mut scan = Scan { text, bytes: text.as_bytes(), manner, ..Scan::default() };
    scan.run();
    Secrets { places: scan.places, has_escapes: scan.has_escapes }
}

/// Whether each byte is a sign.
const SIGNS: [bool; 256] = {
    let signs = b"=:-_.$@IJLRbB,\n\r\\";
    let mut table = [false; 256];
    let mut index = 0;
    while index < signs.len() {
        table[signs[index] as usize] = true;
        index += 1;
    }
    table
};

/// The state of a scan.
#[derive(Debug)]
struct Scan<'t> {
    text: &'t str,
    bytes: &'t [u8],
    manner: Manner,
    places: Vec<Range<usize>>,
    has_escapes: bool,
    /// The start of the current line.
    line: usize,
    /// The value of the last variable named is a secret.
    in_variable: bool,
    /// The command whose options are being read.
    command: command::Search<'t>,
    /// Remembered positions: the ends of words, with and without backquotes as an end, of lines, of tokens and of
    /// base64.
    word: Next,
    bare_word: Next,
    line_end: Next,
    indentation: Next,
    token: Next,
    base64: Next,
    item: Next,
    hash: Next,
    bracket: Next,
    blank: Next,
    dashes: Next,
    filled: Next,
    dots: [Next; 2],
    url: credentials::Urls,
}

impl Default for Scan<'_> {
    fn default() -> Self {
        let next = Next::default();
        Self {
            text: "",
            bytes: &[],
            manner: Manner::Sentence,
            places: Vec::new(),
            has_escapes: false,
            line: 0,
            in_variable: false,
            command: command::Search::default(),
            word: next,
            bare_word: next,
            line_end: next,
            indentation: next,
            token: next,
            base64: next,
            item: next,
            hash: next,
            bracket: next,
            blank: next,
            dashes: next,
            filled: next,
            dots: [next; 2],
            url: credentials::Urls::default(),
        }
    }
}

impl<'t> Scan<'t> {
    fn run(&mut self) {
        let mut at = 0;
        while let Some(length) =
            self.bytes.get(at..).and_then(|rest| rest.iter().position(|byte| SIGNS[usize::from(*byte)]))
        {
            let sign = at + length;
            at = sign + 1;
            if let Some(place) = self.look(sign) {
                at = at.max(place.end);
                self.push(place);
            }
        }
    }

    /// Returns the secret that a sign belongs to.
    fn look(&mut self, sign: usize) -> Option<Range<usize>> {
        match *self.bytes.get(sign)? {
            b'=' => self.named(sign),
            b':' => self.colon(sign),
            b'-' => self.dash(sign),
            b'_' => self.prefixed(sign, token::UNDERSCORE).or_else(|| self.beside_name(sign)),
            b'.' => self.dot(sign),
            b'$' => self.crypt(sign),
            b'@' => self.data_source(sign),
            b'I' | b'R' => self.capital(sign),
            b'J' | b'L' => self.encoded(sign),
            b'b' | b'B' => self.scheme(sign),
            b',' => self.comma(sign),
            b'\\' => {
                self.has_escapes |= self.byte(sign + 1).is_some_and(|byte| matches!(byte, b'u' | b'U' | b'x' | b'/'));
                None
            }
            // A line break.
            _ => {
                let goes_on = sign.checked_sub(1).and_then(|before| self.byte(before)) == Some(b'\\');
                self.command.line(sign + 1, goes_on);
                self.line = sign + 1;
                None
            }
        }
    }

    /// Adds a secret, merging it with those it overlaps.
    fn push(&mut self, mut place: Range<usize>) {
        while let Some(last) = self.places.pop_if(|last| last.end > place.start) {
            place = place.start.min(last.start)..place.end.max(last.end);
        }
        self.places.push(place);
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    fn byte_before(&self, at: usize) -> Option<u8> {
        at.checked_sub(1).and_then(|before| self.byte(before))
    }

    fn part(&self, place: Range<usize>) -> &'t str {
        self.text.get(place).unwrap_or_default()
    }

    fn starts(&self, at: usize, with: &str) -> bool {
        self.bytes.get(at..).is_some_and(|rest| rest.starts_with(with.as_bytes()))
    }

    /// Returns where the word ends: at a blank, a quote or a backquote.
    fn word_end(&mut self, at: usize) -> usize {
        self.word.byte(self.bytes, at, |byte| is_blank(byte) || matches!(byte, b'"' | b'\'' | b'`'))
    }

    /// Returns where an unquoted value ends: at a blank or a quote.
    fn bare_end(&mut self, at: usize) -> usize {
        self.bare_word.byte(self.bytes, at, |byte| is_blank(byte) || matches!(byte, b'"' | b'\''))
    }

    /// Returns where the line ends.
    fn line_end(&mut self, at: usize) -> usize {
        self.line_end.byte(self.bytes, at, |byte| matches!(byte, b'\n' | b'\r'))
    }

    /// Returns where the characters of a token end.
    fn token_end(&mut self, at: usize) -> usize {
        self.token.byte(self.bytes, at, |byte| !is_token(byte))
    }

    /// Returns where the characters of base64 end.
    fn base64_end(&mut self, at: usize) -> usize {
        self.base64.byte(self.bytes, at, |byte| !is_base64(byte))
    }

    /// Returns where blanks end. They are not remembered: each is skipped only once per sign.
    fn behind_blanks(&self, at: usize) -> usize {
        first(self.bytes, at, |byte| !matches!(byte, b' ' | b'\t'))
    }
}

const fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

/// Whether the byte may be part of a token.
const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

/// Whether the byte may be part of base64, in either alphabet.
const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-')
}
