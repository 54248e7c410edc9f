//! Text in lines of a bounded width.

/// How far a line is indented that is a command or YAML, to be copied as it is.
pub const VERBATIM: &str = "    ";

/// The lines of a text, none wider than `width` characters unless a single word is. Line breaks of the text stay, and so
/// do lines that begin with [`VERBATIM`]. Spaces between words stay where the line goes on.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let wrap = |line: &str| {
        if line.starts_with(VERBATIM) { vec![line.trim_end().to_owned()] } else { line_wrapped(line, width) }
    };
    text.trim_end().lines().flat_map(wrap).collect()
}

/// A line in as many lines as it takes, each with its line break: the first indented by so much, and the others.
///
/// In a very narrow terminal, text matters more than the layout, and little is indented.
pub fn hanging(line: &str, indents: [usize; 2], width: usize) -> String {
    let [first, next] = narrowed(indents, width);
    let mut text = String::new();
    for (number, line) in line_wrapped(line, width.saturating_sub(next).max(1)).iter().enumerate() {
        let indent = if number == 0 { first } else { next };
        text.push_str(&" ".repeat(if line.is_empty() { 0 } else { indent }));
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// How far lines are indented in so many columns: the first, and the others.
pub fn narrowed([first, next]: [usize; 2], width: usize) -> [usize; 2] {
    let next = next.min(width / 3);
    [first.min(next), next]
}

fn line_wrapped(line: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut current = String::new();
    let (mut columns, mut spaces) = (0, 0);
    for part in line.trim().split(' ') {
        // Between spaces.
        let mut words = part.split_whitespace().peekable();
        if words.peek().is_none() {
            spaces += 1;
            continue;
        }
        for word in words {
            let length = word.chars().count();
            let gap = if columns == 0 { 0 } else { spaces.max(1) };
            if columns > 0 && columns + gap + length > width {
                lines.push(std::mem::take(&mut current));
                columns = 0;
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
    lines.push(current);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_long_as_they_may_be() {
        let table: [(&str, &[&str]); 9] = [
            ("", &[]),
            ("one", &["one"]),
            ("one two six", &["one two", "six"]),
            ("a-very-long-word and", &["a-very-long-word", "and"]),
            ("one\n\ntwo  six\n", &["one", "", "two", "six"]),
            ("a  b   c   d", &["a  b", "c   d"]),
            ("a\tb", &["a b"]),
            ("ä ö ü é", &["ä ö ü é"]),
            ("one:\n    --a  b --c\nsix", &["one:", "    --a  b --c", "six"]),
        ];
        for (text, expected) in table {
            assert_eq!(wrapped(text, 7), expected, "{text:?}");
        }
    }

    #[test]
    fn what_goes_on_is_indented_as_far_as_there_is_room() {
        assert_eq!(hanging("one  two six", [0, 5], 15), "one  two\n     six\n");
        assert_eq!(hanging("one two six", [9, 9], 9), "   one\n   two\n   six\n");
        assert_eq!(hanging("one", [2, 4], 1), "one\n");
        assert_eq!(hanging("", [2, 4], 10), "\n");
    }
}
