//! Resolves escape sequences: JSON and YAML readers read `gh\u0070_…` as a token.

use std::ops::Range;

/// A text with its escape sequences resolved, and a mapping to the source.
#[derive(Debug)]
pub(crate) struct Unescaped {
    /// The resolved text.
    pub(crate) text: String,
    /// The byte offsets where each escape sequence starts and ends, in the resolved text and in the source.
    ends: Vec<(usize, usize)>,
}

/// Resolves the escape sequences of a text.
pub(crate) fn unescaped(source: &str) -> Unescaped {
    let mut unescaped = Unescaped { text: String::with_capacity(source.len()), ends: Vec::new() };
    let mut rest = source;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        unescaped.text.push_str(before);
        let begin = source.len() - escape.len();
        // In JSON within JSON, backslashes are escaped too.
        let backslashes = escape.len() - escape.trim_start_matches('\\').len();
        let length = match escape.get(backslashes - 1..).and_then(letter) {
            Some((letter, length)) => {
                unescaped.ends.push((unescaped.text.len(), begin));
                unescaped.text.push(letter);
                unescaped.ends.push((unescaped.text.len(), begin + backslashes - 1 + length));
                backslashes - 1 + length
            }
            None => {
                unescaped.text.push_str(escape.get(..backslashes).unwrap_or_default());
                backslashes
            }
        };
        rest = escape.get(length..).unwrap_or_default();
    }
    unescaped.text.push_str(rest);
    unescaped
}

/// Returns the character that an escape sequence at the start of a text stands for, and the sequence's length in bytes.
fn letter(escape: &str) -> Option<(char, usize)> {
    let digits = match escape.as_bytes().get(1)? {
        b'/' => return Some(('/', 2)),
        b'x' => 2,
        b'u' => 4,
        b'U' => 8,
        _ => return None,
    };
    let digits = escape.get(2..2 + digits)?;
    let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let letter = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
    letter.filter(|_| is_hexadecimal).map(|letter| (letter, 2 + digits.len()))
}

impl Unescaped {
    /// Returns the range in the source for a range of the resolved text, including whole escape sequences.
    pub(crate) fn in_source(&self, part: &Range<usize>) -> Range<usize> {
        self.place(part.start)..self.place(part.end)
    }

    fn place(&self, at: usize) -> usize {
        let before =
            self.ends.partition_point(|(end, _)| *end <= at).checked_sub(1).and_then(|index| self.ends.get(index));
        before.map_or(at, |(end, source_end)| source_end + (at - end))
    }
}
