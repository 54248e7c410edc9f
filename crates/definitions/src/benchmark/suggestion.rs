//! "Did you mean": the known name closest to a misspelt one. No suggestion is better than a wrong one.

use std::borrow::Cow;

use sorting::Sorting;

/// The most known names that a hint lists.
const LISTED: usize = 32;

/// The most characters of a name that are compared and shown. No known name is longer.
const LONGEST: usize = 100;

/// Formats a name for a message: quoted, on one line, with control characters escaped, truncated to 100 characters.
pub fn quoted(name: &str) -> String {
    format!("{:?}", cut(name))
}

/// Truncates a name to 100 characters, without quoting or escaping it.
pub fn cut(name: &str) -> Cow<'_, str> {
    match name.char_indices().nth(LONGEST) {
        None => Cow::Borrowed(name),
        Some((end, _)) => Cow::Owned(format!("{}...", name.get(..end).unwrap_or_default())),
    }
}

/// Returns the known name that `text` was probably meant to be.
pub fn nearest<'k>(text: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    // The comparison takes time proportional to the product of both lengths.
    if text.chars().nth(LONGEST).is_some() {
        return None;
    }
    known.into_iter().filter_map(|name| slips(text, name).map(|slips| (slips, name))).min().map(|(_, name)| name)
}

/// Returns a hint for an unknown name: the closest known name, or the choices if there are few.
pub fn hint<'k>(text: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(name) = nearest(text, known.iter().copied()) {
        return Some(format!("did you mean {name:?}?"));
    }
    (!known.is_empty() && known.len() <= LISTED).then(|| format!("one of: {}", known.join(", ")))
}

/// Returns the number of typing errors between `text` and `name`; `None` if `text` is too different to be a
/// misspelling.
fn slips(text: &str, name: &str) -> Option<usize> {
    // A different digit is a different number, not a slip; only the order of digits and the separators may be wrong.
    if digits(text) != digits(name) {
        return None;
    }
    // A correct part must not make up for a wrong one: each part must be close enough on its own.
    let parts = |name| -> Vec<&str> { str::split(name, parting(text)).collect() };
    let (typed, meant) = (parts(text), parts(name));
    if typed.len() != meant.len() {
        return None;
    }
    typed.into_iter().zip(meant).map(|(typed, meant)| slips_in_part(typed, meant)).sum()
}

/// Allows one error per three characters, and at least one: `fals` is close to `false`, `pass` is not close to `fail`.
fn slips_in_part(typed: &str, meant: &str) -> Option<usize> {
    let slips = strsim::damerau_levenshtein(typed, meant);
    let limit = (typed.chars().count() / 3).max(1);
    (slips == 0 || slips <= limit && slips < meant.chars().count()).then_some(slips)
}

fn digits(text: &str) -> Vec<char> {
    let mut digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
    digits.order();
    digits
}

/// Returns the separators of this kind of name. In a number, the dots themselves may be misplaced.
fn parting(text: &str) -> &'static [char] {
    if text.contains(|c: char| c.is_ascii_digit()) { &['/'] } else { &['/', '.'] }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 13] = [
        "1.1",
        "1.2.6",
        "1.2.9",
        "1.4",
        "2.1",
        "4.1.9",
        "apiserver/anonymous-auth",
        "apiserver/profiling",
        "apiserver.manifest",
        "cis-1.11",
        "cis-1.12",
        "eks-al2023",
        "false",
    ];

    #[test]
    fn slips_of_the_fingers_are_seen() {
        for (typed, meant) in [
            ("12.6", "1.2.6"),
            ("1.2,6", "1.2.6"),
            ("apiserver/anonymos-auth", "apiserver/anonymous-auth"),
            ("apiservr/anonymous-auht", "apiserver/anonymous-auth"),
            ("apiserver.manifesto", "apiserver.manifest"),
            ("cis-1.21", "cis-1.12"),
            ("cis1.11", "cis-1.11"),
            ("eks-al2032", "eks-al2023"),
            ("fals", "false"),
        ] {
            assert_eq!(nearest(typed, KNOWN), Some(meant), "{typed}");
        }
    }

    #[test]
    fn whatever_is_shown_is_short_and_harmless() {
        assert_eq!(quoted("a b"), "\"a b\"");
        assert_eq!(quoted("a\n\u{1b}[31m\u{202e}"), r#""a\n\u{1b}[31m\u{202e}""#);
        let long = quoted(&"x".repeat(1_000_000));
        assert!(long.chars().count() < 110 && long.ends_with("...\""), "{long}");
        assert_eq!(quoted(&"é".repeat(100)).chars().count(), 102);
        assert_eq!(nearest(&"a".repeat(1_000_000), KNOWN), None);
    }

    #[test]
    fn what_is_something_else_is_not_taken_for_a_slip() {
        for typed in
            ["1", "1.2", "1.2.99", "1.3", "9.1.1", "9.9.9", "apiserver/foo", "apiserver.foo", "cis-1.13", "x", ""]
        {
            assert_eq!(nearest(typed, KNOWN), None, "{typed}");
        }
    }
}
