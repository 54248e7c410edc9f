//! Formats the difference between two texts: changed lines with their numbers, truncated to a readable length.

use std::fmt::Write as _;

/// The most changed lines shown from each side.
const SHOWN: usize = 12;
/// The most characters shown from a line.
const WIDTH: usize = 200;

/// Returns the changed lines; `None` if the texts are equal.
pub(crate) fn changes(was: &str, is: &str) -> Option<String> {
    if was == is {
        return None;
    }
    // Split so that a missing final line break counts as a difference.
    let (was, is): (Vec<&str>, Vec<&str>) = (was.split('\n').collect(), is.split('\n').collect());
    let same_before = was.iter().zip(&is).take_while(|(was, is)| was == is).count();
    let rest = was.len().min(is.len()) - same_before;
    let same_after = was.iter().rev().zip(is.iter().rev()).take(rest).take_while(|(was, is)| was == is).count();
    let mut text = String::new();
    for (sign, lines) in [('-', &was), ('+', &is)] {
        let changed = lines.get(same_before..lines.len() - same_after).unwrap_or_default();
        for (index, line) in changed.iter().take(SHOWN).enumerate() {
            let line: String = line.chars().take(WIDTH).collect();
            let _ = writeln!(text, "{sign} {:>5} {line}", same_before + index + 1);
        }
        if let Some(more) = changed.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            let _ = writeln!(text, "{sign}       … {more} lines more");
        }
    }
    Some(text)
}

#[test]
fn changed_lines_are_shown_with_their_numbers() {
    assert_eq!(changes("a\nb\n", "a\nb\n"), None);
    assert_eq!(changes("a\nb\nc\n", "a\nx\nc\n").as_deref(), Some("-     2 b\n+     2 x\n"));
    assert_eq!(changes("a\nc\n", "a\nb\nc\n").as_deref(), Some("+     2 b\n"));
    assert_eq!(changes("a", "a\n").as_deref(), Some("+     2 \n"));
    assert_eq!(changes("a\na\n", "a\n").as_deref(), Some("-     2 a\n"));
    let long = "x\n".repeat(40);
    assert!(changes(&long, "").is_some_and(|text| text.contains("… 28 lines more")));
}
