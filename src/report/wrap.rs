//! Text in lines of a bounded width.

/// How far a line is indented that is a command or YAML, to be copied as it is.
pub const VERBATIM: &str = "    ";

/// The lines of a text, none wider than `width` characters unless a single word is. Line breaks of the text stay, and so
/// do lines that begin with [`VERBATIM`].
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let wrap = |line: &str| {
        if line.starts_with(VERBATIM) { vec![line.trim_end().to_owned()] } else { line_wrapped(line, width) }
    };
    text.trim_end().lines().flat_map(wrap).collect()
}

fn line_wrapped(line: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut current = String::new();
    for word in line.split_whitespace() {
        if !current.is_empty() && current.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut current));
        }
        if !current.is_empty() {
            current.push(' ');
        }
        current.push_str(word);
    }
    lines.push(current);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_long_as_they_may_be() {
        let table: [(&str, &[&str]); 7] = [
            ("", &[]),
            ("one", &["one"]),
            ("one two six", &["one two", "six"]),
            ("a-very-long-word and", &["a-very-long-word", "and"]),
            ("one\n\ntwo  six\n", &["one", "", "two six"]),
            ("ä ö ü é", &["ä ö ü é"]),
            ("one:\n    --a  b --c\nsix", &["one:", "    --a  b --c", "six"]),
        ];
        for (text, expected) in table {
            assert_eq!(wrapped(text, 7), expected, "{text:?}");
        }
    }
}
