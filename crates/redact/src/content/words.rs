//! Secrets within a line, whatever the line belongs to.

use super::names::{expects_secret, is_secret, says_nothing};
use crate::MASK;
use crate::forms;

/// The line with its secrets masked.
pub(super) fn mask(line: &str) -> String {
    flags(&assignments(&headers(&forms::mask(line))))
}

/// `Bearer …`, and `Basic …` where it is about authorization.
fn headers(line: &str) -> String {
    if line.to_ascii_lowercase().contains("authorization") { authorization(line) } else { after(line, &["bearer "]) }
}

/// What authorizes somebody, with what follows `Bearer` and `Basic` masked.
pub(super) fn authorization(text: &str) -> String {
    after(text, &["bearer ", "basic "])
}

/// The text with the words masked that follow these.
fn after(text: &str, schemes: &[&str]) -> String {
    let mut masked = text.to_owned();
    for scheme in schemes {
        let mut from = 0;
        while let Some(place) = masked.get(from..).and_then(|rest| rest.to_ascii_lowercase().find(scheme)) {
            from += place + scheme.len();
            let word = until(masked.get(from..).unwrap_or_default(), is_break).len();
            if word > 0 {
                masked.replace_range(from..from + word, MASK);
            }
        }
    }
    masked
}

/// `NAME=value`, `--name=value`.
fn assignments(line: &str) -> String {
    let mut masked = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('=') {
        masked.push_str(before);
        masked.push('=');
        rest = after;
        let name = before.rsplit(|letter| !is_name(letter)).next().unwrap_or_default();
        let quote = after.chars().next().filter(|letter| matches!(letter, '"' | '\''));
        let (opening, value) = match quote {
            Some(quote) => {
                let value = after.get(1..).unwrap_or_default();
                (1, until(value, |letter| letter == quote))
            }
            None => (0, until(after, is_break).trim_end_matches([',', ']', '}'])),
        };
        if is_secret(name, value) {
            masked.extend(quote);
            masked.push_str(MASK);
            rest = after.get(opening + value.len()..).unwrap_or_default();
        }
    }
    masked + rest
}

/// `--name value`, `"--name", "value"`.
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

/// Whether a line ends in a flag of a secret, which stands on the next line: `--token \`.
pub(super) fn goes_on(line: &str) -> bool {
    let line = line.trim_end().strip_suffix('\\').map(str::trim_end);
    let last = line.and_then(|line| line.rsplit([' ', '\t', '"', '\'']).next());
    last.and_then(super::flag).is_some_and(|(name, value)| value.is_none() && expects_secret(name))
}

/// What the names of flags and variables are made of.
pub(super) fn is_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_')
}

/// Whether a value that is not in quotes ends here.
fn is_break(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '"' | '\'' | '`')
}

/// The begin of `text` up to the first letter that is an end.
fn until(text: &str, is_end: impl Fn(char) -> bool) -> &str {
    text.find(is_end).and_then(|end| text.get(..end)).unwrap_or(text)
}
