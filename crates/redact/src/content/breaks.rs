//! Line breaks: a text is masked with one kind of line break, and gets its own back.

use yaml::RARE_BREAKS;

/// Applies a change to a text in which every line break is `\n`, then restores the original breaks; returns none if the
/// change did not preserve the lines.
///
/// Readers disagree about the rare line breaks, so the change is applied twice: with them as breaks and without.
pub(super) fn unified(text: &str, change: impl Fn(&str) -> String) -> Option<String> {
    if text.contains(RARE_BREAKS) {
        let changed = with(text, |letter| letter == '\n' || letter == '\r' || RARE_BREAKS.contains(&letter), &change)?;
        return with(&changed, |letter| matches!(letter, '\n' | '\r'), &change);
    }
    with(text, |letter| matches!(letter, '\n' | '\r'), &change)
}

fn with(text: &str, is_break: impl Fn(char) -> bool, change: impl Fn(&str) -> String) -> Option<String> {
    let mut lines = String::with_capacity(text.len());
    let mut breaks = Vec::new();
    let mut rest = text;
    while let Some(place) = rest.find(&is_break) {
        let (line, tail) = rest.split_at(place);
        let length = if tail.starts_with("\r\n") { 2 } else { tail.chars().next().map_or(1, char::len_utf8) };
        lines.push_str(line);
        lines.push('\n');
        breaks.push(tail.get(..length)?);
        rest = tail.get(length..)?;
    }
    lines.push_str(rest);
    let changed = change(&lines);
    if changed == lines {
        return Some(text.to_owned());
    }
    let mut own = String::with_capacity(changed.len());
    let mut breaks = breaks.into_iter();
    for line in changed.split_inclusive('\n') {
        match line.strip_suffix('\n') {
            Some(line) => {
                own.push_str(line);
                own.push_str(breaks.next()?);
            }
            None => own.push_str(line),
        }
    }
    breaks.next().is_none().then_some(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_keeps_its_own_break() {
        let upper = |text: &str| text.to_uppercase();
        for (text, expected) in [
            ("", ""),
            ("a", "A"),
            ("a\nb", "A\nB"),
            ("a\r\nb\rc\n\rd\r\n", "A\r\nB\rC\n\rD\r\n"),
            ("a\u{85}b\u{2028}c\u{2029}\r", "A\u{85}B\u{2028}C\u{2029}\r"),
        ] {
            assert_eq!(unified(text, upper).as_deref(), Some(expected));
        }
        assert_eq!(unified("a\r\nb", |text| text.replace('\n', " ")), None, "a line too few");
        assert_eq!(unified("a\r\nb", |text| text.replace('\n', "\n\n")), None, "a line too many");
    }
}
