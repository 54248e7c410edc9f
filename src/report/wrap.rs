//! Text in lines of a bounded width.

/// How far a line is indented that is a command or YAML, to be copied as it is.
pub const VERBATIM: &str = "    ";

/// The lines of a text, none wider than `width` characters unless a single word is. Line breaks of the text stay, and so do
/// lines that begin with [`VERBATIM`].
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    text.trim_end().lines().flat_map(|line| hung(line, [0, 0], width)).map(|(_, line)| line).collect()
}

/// A line in as many lines as it takes, each with its line break: the first indented by so much, and the others. None is
/// wider than `width` characters unless a single word is; spaces between words stay where the line goes on.
///
/// In a very narrow terminal, text matters more than the layout, and little is indented.
pub fn hanging(line: &str, indents: [usize; 2], width: usize) -> String {
    let mut text = String::new();
    for (indent, line) in hung(line, indents, width) {
        text.push_str(&" ".repeat(if line.is_empty() { 0 } else { indent }));
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// The same lines, each with how far it is indented. One that begins with [`VERBATIM`] stays as it is.
pub fn hung(line: &str, indents: [usize; 2], width: usize) -> Vec<(usize, String)> {
    let [first, next] = narrowed(indents, width);
    if line.starts_with(VERBATIM) {
        return vec![(first, line.trim_end().to_owned())];
    }
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut current = String::new();
    let (mut indent, mut columns, mut spaces) = (first, 0, 0);
    for part in line.trim().split(' ') {
        // Where several spaces follow each other, nothing is between them.
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

/// A text in lines none of which is wider than `width` characters, unless a single word is: each line goes on below itself,
/// set in a little.
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

/// The room that is left beside an indent, where there is so much.
const LEAST: usize = 16;

/// How far lines are indented in so many columns: the first, and the others.
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
