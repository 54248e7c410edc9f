//! Makes untrusted text safe to display: one line, without control characters, of bounded length.

use std::fmt::Write;

/// The most characters of a name that are shown.
const LONGEST_NAME: usize = 253;
/// The most characters of a message that are shown.
const LONGEST_MESSAGE: usize = 300;

/// An untrusted name, with control characters and direction marks escaped, truncated if too long.
pub fn name(text: &str) -> String {
    shown(text, LONGEST_NAME)
}

/// An untrusted message, on one line.
pub fn message(text: &str) -> String {
    shown(text.trim(), LONGEST_MESSAGE)
}

/// Some names, for a hint: `a, b, c`, at most ten.
pub fn names<'a>(all: impl Iterator<Item = &'a str>) -> String {
    let mut all = all.map(name);
    let listed: Vec<String> = all.by_ref().take(10).collect();
    let more = all.count();
    let listed = listed.join(", ");
    if more == 0 { listed } else { format!("{listed} and {more} more") }
}

fn shown(text: &str, longest: usize) -> String {
    let mut shown = String::new();
    for (index, character) in text.chars().enumerate() {
        if index == longest {
            shown.push('…');
            break;
        }
        if character.is_control() || is_invisible(character) {
            let _ = write!(shown, "{}", character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Whether a character is invisible or affects others: direction marks, line separators, zero-width spaces.
const fn is_invisible(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_others_leaves_its_line() {
        let table = [
            ("alice", "alice"),
            ("a\nb\u{1b}[2J", r"a\nb\u{1b}[2J"),
            ("a\u{202e}b\u{200b}", r"a\u{202e}b\u{200b}"),
            ("größe", "größe"),
            ("\u{85}", r"\u{85}"),
        ];
        for (text, expected) in table {
            assert_eq!(name(text), expected);
        }
        assert_eq!(name(&"x".repeat(100_000)).chars().count(), LONGEST_NAME + 1);
        assert_eq!(message("  two\nlines \n"), r"two\nlines");
    }

    #[test]
    fn many_names_are_counted() {
        assert_eq!(names(["a", "b"].into_iter()), "a, b");
        assert_eq!(names((0..12).map(|_| "a")), "a, a, a, a, a, a, a, a, a, a and 2 more");
    }
}
