//! What a systemd unit says: the lines of its file and drop-ins, in the order in which systemd takes them.
//!
//! Source: <https://www.freedesktop.org/software/systemd/man/latest/systemd.syntax.html>.

use std::sync::Arc;

use crate::probe::{Cause, Why};

/// Settings whose words systemd takes as they are: a quoted one is no address to it.
const WITHOUT_QUOTES: [&str; 2] = ["IPAddressAllow", "IPAddressDeny"];

/// A systemd unit, as far as its files say what it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unit {
    assignments: Vec<Assignment>,
}

/// One assignment of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The section, without its brackets.
    pub section: String,
    /// The name of the setting.
    pub name: String,
    /// Its value; empty where the assignment takes back what was said before.
    pub value: String,
    /// The file.
    pub file: Arc<str>,
    /// The line on which the assignment begins, from 1.
    pub line: usize,
}

/// What a unit says of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assigned<'u> {
    /// Nothing.
    Never,
    /// This one takes back what was said before, and nothing comes after it.
    Emptied(&'u Assignment),
    /// These, in order: all of them count for a list, the last one for any other setting. There is at least one.
    As(Vec<&'u Assignment>),
}

impl Unit {
    /// Adds what a file says to what the files before it say.
    ///
    /// # Errors
    ///
    /// Malformed, where a section's head is cut short: systemd refuses the whole unit then.
    pub fn add(&mut self, file: &str, bytes: &[u8]) -> Result<(), Why> {
        let file: Arc<str> = Arc::from(file);
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let mut section: Option<String> = None;
        for (line, text) in logical_lines(bytes) {
            let text = text.trim();
            if let Some(head) = text.strip_prefix('[') {
                let Some(name) = head.strip_suffix(']') else {
                    let detail = format!("line {line}: the head of a section without its closing bracket (correct it)");
                    return Err(Why::new(Cause::Malformed, &*file, detail));
                };
                section = Some(name.to_owned());
                continue;
            }
            // systemd passes over lines without "=" and those before the first section.
            let (Some(section), Some((name, value))) = (&section, text.split_once('=')) else { continue };
            self.assignments.push(Assignment {
                section: section.clone(),
                name: name.trim().to_owned(),
                value: value.trim().to_owned(),
                file: Arc::clone(&file),
                line,
            });
        }
        Ok(())
    }

    /// What it says of `SECTION.NAME`.
    pub fn read(&self, key: &str) -> Assigned<'_> {
        let (section, name) = key.split_once('.').unwrap_or(("", key));
        let mut assigned = Assigned::Never;
        for assignment in self.assignments.iter().filter(|known| known.section == section && known.name == name) {
            assigned = match assigned {
                _ if assignment.value.is_empty() => Assigned::Emptied(assignment),
                Assigned::As(mut earlier) => {
                    earlier.push(assignment);
                    Assigned::As(earlier)
                }
                Assigned::Never | Assigned::Emptied(_) => Assigned::As(vec![assignment]),
            };
        }
        assigned
    }
}

impl Assignment {
    /// The words of the value: quotes hold words together, where systemd reads them for this setting.
    pub fn words(&self) -> Vec<String> {
        if WITHOUT_QUOTES.contains(&self.name.as_str()) {
            return self.value.split_ascii_whitespace().map(str::to_owned).collect();
        }
        let mut words = Vec::new();
        let mut word: Option<String> = None;
        let mut quote = None;
        for letter in self.value.chars() {
            match (quote, letter) {
                (Some(open), _) if letter == open => quote = None,
                (None, '"' | '\'') => {
                    quote = Some(letter);
                    word.get_or_insert_default();
                }
                (None, _) if letter.is_ascii_whitespace() => words.extend(word.take()),
                _ => word.get_or_insert_default().push(letter),
            }
        }
        words.extend(word);
        words
    }
}

/// The lines of a file with those joined that a backslash continues, each with the number of its first one.
///
/// Comments are left out, also between the parts of a continued line; so are lines that are no UTF-8, as systemd does.
fn logical_lines(bytes: &[u8]) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let mut begun: Option<(usize, String)> = None;
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let Ok(line) = std::str::from_utf8(line) else { continue };
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.trim_start().starts_with(['#', ';']) {
            continue;
        }
        let (number, mut text) = begun.take().unwrap_or((index + 1, String::new()));
        // A backslash before the last one makes that an ordinary letter.
        let backslashes = line.len() - line.trim_end_matches('\\').len();
        if backslashes % 2 == 1 {
            text.push_str(line.strip_suffix('\\').unwrap_or(line));
            text.push(' ');
            begun = Some((number, text));
        } else {
            text.push_str(line);
            lines.push((number, text));
        }
    }
    lines.extend(begun);
    lines
}

/// A truth value as systemd reads it: `yes`, `on`, `1` …
pub fn parse_unit_boolean(text: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    match (is(&["1", "yes", "y", "true", "t", "on"]), is(&["0", "no", "n", "false", "f", "off"])) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What these texts, one after another, say of a setting, in one line.
    fn said(texts: &[&str], key: &str) -> String {
        let mut unit = Unit::default();
        for (index, text) in texts.iter().enumerate() {
            unit.add(&format!("/{index}"), text.as_bytes()).expect("these are units");
        }
        match unit.read(key) {
            Assigned::Never => "never".to_owned(),
            Assigned::Emptied(by) => format!("emptied at {}:{}", by.file, by.line),
            Assigned::As(all) => {
                let all: Vec<String> =
                    all.iter().map(|one| format!("{}:{} {}", one.file, one.line, one.value)).collect();
                all.join(", ")
            }
        }
    }

    #[test]
    fn lines_are_read_as_systemd_reads_them() {
        let table: [(&[&str], &str); 20] = [
            (&["[S]\nA=b"], "/0:2 b"),
            (&["[S]\n  A = b c  \n"], "/0:2 b c"),
            (&["[S]\nA=b\nA=c"], "/0:2 b, /0:3 c"),
            (&["[S]\nA=b", "[S]\nA=c"], "/0:2 b, /1:2 c"),
            (&["[S]\nA=b\nA=\nA=c"], "/0:4 c"),
            (&["[S]\nA=b", "[S]\nA=\n"], "emptied at /1:2"),
            (&["[S]\n#A=b\n ;A=c"], "never"),
            (&["[S]\na=b"], "never"),
            (&["[s]\nA=b"], "never"),
            (&["[S]\n[T]\nA=b"], "never"),
            (&["[S]\n[T]\n[S]\nA=b"], "/0:4 b"),
            (&["A=b"], "never"),
            (&["[S]\nA"], "never"),
            (&["[S]\nA=b \\\n  c"], "/0:2 b    c"),
            (&["[S]\nA=b \\\n# comment\n; another\nc"], "/0:2 b  c"),
            (&["[S]\nB=b\\\nA=c"], "never"),
            (&["[S]\nB=b\\\\\nA=c"], "/0:3 c"),
            (&["[S]\nA=b\\"], "/0:2 b"),
            (&["\u{feff}[S]\r\nA=b\r\n"], "/0:2 b"),
            (&[""], "never"),
        ];
        for (texts, expected) in table {
            assert_eq!(said(texts, "S.A"), expected, "{texts:?}");
        }
    }

    #[test]
    fn a_line_that_is_no_text_is_passed_over() {
        let mut unit = Unit::default();
        unit.add("/u", b"[S]\nA=\xff\nA=b\n").expect("systemd reads the rest");
        assert!(matches!(unit.read("S.A"), Assigned::As(all) if all.len() == 1 && all[0].line == 3));
    }

    #[test]
    fn a_broken_head_spoils_the_unit() {
        let why = Unit::default().add("/u", b"[S]\nA=b\n[T\n").expect_err("systemd refuses it");
        assert_eq!(why.to_string(), "/u: line 3: the head of a section without its closing bracket (correct it)");
    }

    #[test]
    fn words_are_held_together_by_quotes_where_systemd_reads_them() {
        let words = |name: &str, value: &str| {
            let (section, file) = ("Service".to_owned(), Arc::from("/u"));
            Assignment { section, name: name.to_owned(), value: value.to_owned(), file, line: 1 }.words()
        };
        assert_eq!(words("Environment", "\"A=b c\" D='e'f \"\""), ["A=b c", "D=ef", ""]);
        assert_eq!(words("Environment", "'a\"b' c"), ["a\"b", "c"]);
        assert_eq!(words("IPAddressDeny", "\"any\" ::1\t10.0.0.0/8"), ["\"any\"", "::1", "10.0.0.0/8"]);
    }

    #[test]
    fn truth_values_are_those_of_systemd() {
        for (text, expected) in [("Yes", Some(true)), ("on", Some(true)), ("f", Some(false)), ("OFF", Some(false))] {
            assert_eq!(parse_unit_boolean(text), expected, "{text}");
        }
        assert_eq!(parse_unit_boolean("strict"), None);
    }
}
