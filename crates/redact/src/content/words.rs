//! Secrets within one line of any format.

use std::borrow::Cow;

use super::names::{expects_secret, is_secret, says_nothing};
use crate::MASK;
use crate::scan::{Manner, Next};
use crate::text::masked;

const AUTHORIZATION: &[u8] = b"authorization";

/// Masks the secrets of a line.
pub(super) fn mask(line: &str) -> String {
    flags(&assignments(&headers(&masked(line, Manner::Line))))
}

/// Masks what follows `Bearer` and `Basic`, if the line contains `authorization`.
fn headers(line: &str) -> Cow<'_, str> {
    let is_about = line.as_bytes().windows(AUTHORIZATION.len()).any(|word| word.eq_ignore_ascii_case(AUTHORIZATION));
    if is_about { Cow::Owned(authorization(line)) } else { Cow::Borrowed(line) }
}

/// Masks the credentials that follow `Bearer` and `Basic`.
pub(super) fn authorization(text: &str) -> String {
    after(&after(text, "bearer "), "basic ")
}

/// Masks each word that follows `scheme`, which is in lower case.
fn after(text: &str, scheme: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut masked = String::with_capacity(text.len());
    let mut end = 0;
    for (place, _) in lower.match_indices(scheme) {
        let start = place + scheme.len();
        if start < end {
            continue;
        }
        let word = until(text.get(start..).unwrap_or_default(), is_break);
        if !word.is_empty() {
            masked.push_str(text.get(end..start).unwrap_or_default());
            masked.push_str(MASK);
            end = start + word.len();
        }
    }
    masked + text.get(end..).unwrap_or_default()
}

/// Masks assignments: `NAME=value`, `--name=value`, `name = "value"`.
fn assignments(line: &str) -> String {
    let part = |start: usize, end: usize| line.get(start..end).unwrap_or_default();
    let mut masked = String::with_capacity(line.len());
    let (mut kept, mut at) = (0, 0);
    let mut bare = Next::default();
    while let Some(sign) = line.get(at..).and_then(|rest| rest.find('=')).map(|found| at + found) {
        let name = part(at, sign).trim_end_matches([' ', '\t']).rsplit(|letter| !is_name(letter)).next();
        at = sign + 1;
        let name = name.unwrap_or_default();
        // Most names are harmless, so their values, which may be very long, are not scanned.
        if !expects_secret(name) {
            continue;
        }
        let start = sign + 1 + until(part(sign + 1, line.len()), |letter| !matches!(letter, ' ' | '\t')).len();
        let quote = part(start, line.len()).chars().next().filter(|letter| matches!(letter, '"' | '\''));
        let (start, value) = match quote {
            Some(quote) => (start + 1, until(part(start + 1, line.len()), |letter| letter == quote)),
            None => {
                let end = bare.from(start, |start| start + until(part(start, line.len()), is_break).len());
                (start, part(start, end).trim_end_matches([',', ']', '}']))
            }
        };
        if is_secret(name, value) {
            masked.push_str(part(kept, start));
            masked.push_str(MASK);
            kept = start + value.len();
            at = kept;
        }
    }
    masked + part(kept, line.len())
}

/// Masks the values of flags: `--name value`, `"--name", "value"`.
fn flags(line: &str) -> String {
    let mut masked = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("--") {
        masked.push_str(before);
        masked.push_str("--");
        let name = until(after, |letter| !is_name(letter));
        masked.push_str(name);
        rest = after.get(name.len()..).unwrap_or_default();
        if !expects_secret(name) {
            continue;
        }
        let gap = until(rest, |letter| !matches!(letter, ' ' | '\t' | ',' | '"' | '\'' | '\\'));
        let value = rest.get(gap.len()..).unwrap_or_default();
        let is_list = gap.contains(',');
        let value = match gap.chars().next_back().filter(|letter| matches!(letter, '"' | '\'')) {
            Some(quote) => until(value, |letter| letter == quote),
            None => until(value, |letter| is_break(letter) || (is_list && matches!(letter, ',' | ']'))),
        };
        let value = value.trim_end_matches('\\');
        if gap.contains([' ', '\t', ',']) && !value.starts_with('-') && !says_nothing(value) {
            masked.push_str(gap);
            masked.push_str(MASK);
            rest = rest.get(gap.len() + value.len()..).unwrap_or_default();
        }
    }
    masked + rest
}

/// Whether a line ends in a secret flag whose value is on the next line: `--token \`.
pub(super) fn goes_on(line: &str) -> bool {
    let line = line.trim_end().strip_suffix('\\').map(str::trim_end);
    let last = line.and_then(|line| line.rsplit([' ', '\t', '"', '\'']).next());
    last.and_then(super::flag).is_some_and(|(name, value)| value.is_none() && expects_secret(name))
}

/// Whether the character may be part of the name of a flag or variable.
pub(super) fn is_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_')
}

/// Whether an unquoted value ends at this character.
fn is_break(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '"' | '\'' | '`')
}

/// Returns the start of `text` up to the first character for which `is_end` holds.
fn until(text: &str, is_end: impl Fn(char) -> bool) -> &str {
    text.find(is_end).and_then(|end| text.get(..end)).unwrap_or(text)
}
