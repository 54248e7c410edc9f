//! Quotes texts as Go's `%q` does, which kube-bench uses to report failed audits.

use std::fmt::Write;

/// The text in double quotes, with unprintable characters escaped.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            c if u32::from(c) < 0x20 || c == '\u{7f}' => escape(&mut out, "\\x", 2, c),
            c if c.is_control() || (c.is_whitespace() && c != ' ') || c == '\u{feff}' || c == '\u{ad}' => {
                escape(&mut out, "\\u", 4, c);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn escape(out: &mut String, prefix: &str, digits: usize, c: char) {
    // Writing to a `String` cannot fail.
    let _ = write!(out, "{prefix}{:0digits$x}", u32::from(c));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_print_is_escaped() {
        for (text, expected) in [
            ("plain ä", "\"plain ä\""),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("1\n2\t3\r", r#""1\n2\t3\r""#),
            ("\u{1b}[0m\u{0}\u{7f}", r#""\x1b[0m\x00\x7f""#),
            ("\u{a0}\u{85}", r#""\u00a0\u0085""#),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }
}
