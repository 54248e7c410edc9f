//! Wraps text to a width.

/// The indentation of commands and YAML, which are not wrapped, so that they can be copied.
pub const VERBATIM: &str = "    ";

/// Returns the lines of a text, none wider than `width` characters unless a single word is. Keeps line breaks, and
/// lines that start with [`VERBATIM`].
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    text.trim_end().lines().flat_map(|line| hung(line, [0, 0], width)).map(|(_, line)| line).collect()
}

/// Wraps one line, the first part indented by `indents[0]`, the others by `indents[1]`, each with a line break. No line
/// is wider than `width` characters unless a single word is. Runs of spaces are kept within a line.
///
/// On a very narrow terminal, text matters more than layout, and the indents are reduced.
pub fn hanging(line: &str, indents: [usize; 2], width: usize) -> String {
    let mut text = String::new();
    for (indent, line) in hung(line, indents, width) {
        text.push_str(&" ".repeat(if line.is_empty() { 0 } else { indent }));
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// Wraps one line like [`hanging`]; returns each part with its indent. A line that starts with [`VERBATIM`] is not
/// wrapped.
pub fn hung(line: &str, indents: [usize; 2], width: usize) -> Vec<(usize, String)> {
    let [first, next] = narrowed(indents, width);
    if line.starts_with(VERBATIM) {
        return vec![(first, line.trim_end().to_owned())];
    }
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut current = String::new();
    let (mut indent, mut columns, mut spaces) = (first, 0, 0);
    for part in line.trim().split(' ') {
        // Between consecutive spaces, the part is empty.
        let mut words = part.split_whitespace().peekable();
        if words.peek().is_none() {
            spaces += 1;
            continue;
        }
        for word in words {
            let length = word.chars().count();
            let gap = if columns == 0 { 0 } else { spaces.max(1) };
            if columns > 0 && indent + columns + gap + length > width {
                lines.push((indent, std::mem::take(&mut current)));
                (indent, columns) = (next, 0);
            } else {
                current.extend(std::iter::repeat_n(' ', gap));
                columns += gap;
            }
            current.push_str(word);
            columns += length;
            spaces = 0;
        }
        spaces = 1;
    }
    lines.push((indent, current));
    lines
}

/// Wraps each line of a text that is wider than `width` characters; continuation lines are indented by two more
/// columns.
pub fn narrow(text: &str, width: usize) -> String {
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let wrap = |line: &str| {
        if line.chars().count() <= width {
            return format!("{line}\n");
        }
        hanging(line.trim_start_matches(' '), [indent(line), indent(line) + 2], width)
    };
    text.lines().map(wrap).collect()
}

/// The columns that remain beside an indent, if the terminal has as many.
const LEAST: usize = 16;

/// Limits the indents of the first and the other lines to this many columns.
fn narrowed([first, next]: [usize; 2], width: usize) -> [usize; 2] {
    let next = next.min(width.saturating_sub(LEAST).max(width / 3));
    [first.min(next), next]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_long_as_they_may_be() {
        let table: [(&str, &[&str]); 10] = [
            ("", &[]),
            ("one\n\ntwo  six\n", &["one", "", "two", "six"]),
            ("one", &["one"]),
            ("one two six", &["one two", "six"]),
            ("a-very-long-word and", &["a-very-long-word", "and"]),
            ("two  six", &["two", "six"]),
            ("a  b   c   d", &["a  b", "c   d"]),
            ("a\tb", &["a b"]),
            ("\u{e4} \u{f6} \u{fc} \u{e9}", &["\u{e4} \u{f6} \u{fc} \u{e9}"]),
            ("    --a  b --c", &["    --a  b --c"]),
        ];
        for (text, expected) in table {
            assert_eq!(wrapped(text, 7), expected, "{text:?}");
        }
    }

    #[test]
    fn what_goes_on_is_indented_as_far_as_there_is_room() {
        assert_eq!(hanging("one  two six", [0, 5], 15), "one  two six\n");
        assert_eq!(hanging("one  two six", [0, 4], 12), "one  two six\n");
        assert_eq!(hanging("one  two six", [0, 3], 11), "one  two\n   six\n");
        assert_eq!(hanging("one two six", [9, 9], 9), "   one\n   two\n   six\n");
        assert_eq!(hanging("one", [2, 4], 1), "one\n");
        assert_eq!(hanging("", [2, 4], 10), "\n");
        assert_eq!(narrow("one\n  two six ten\n\n", 10), "one\n  two six\n   ten\n\n");
    }
}
