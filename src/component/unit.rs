//! Parses systemd units: the assignments of a unit file and its drop-ins, in the order in which systemd applies them.
//!
//! Source: <https://www.freedesktop.org/software/systemd/man/latest/systemd.syntax.html>.

use std::str::Chars;
use std::sync::Arc;

use probe::{Cause, Reason};

/// Settings whose words systemd does not unquote: a quoted address is invalid to it.
const WITHOUT_QUOTES: [&str; 2] = ["IPAddressAllow", "IPAddressDeny"];

/// The maximum number of assignments in a unit and its drop-ins.
const MOST: usize = 20_000;

/// A systemd unit, as configured by its files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unit {
    assignments: Vec<Assignment>,
}

/// An assignment in a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The section, without brackets.
    pub section: Arc<str>,
    /// The setting's name.
    pub name: String,
    /// The value; empty if the assignment resets earlier ones.
    pub value: String,
    /// The file's path.
    pub file: Arc<str>,
    /// The line on which the assignment starts, from 1.
    pub line: usize,
}

/// The assignments of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assigned<'u> {
    /// There is no assignment.
    Never,
    /// The last assignment resets all earlier ones.
    Emptied(&'u Assignment),
    /// The assignments since the last reset, in order, at least one. For a list all of them count, otherwise the last
    /// one.
    As(Vec<&'u Assignment>),
}

impl Unit {
    /// Adds the assignments of a file, which follow those of earlier files.
    ///
    /// # Errors
    ///
    /// Returns a reason if a section header has no closing bracket, for which systemd rejects the whole unit, or if
    /// there are too many assignments.
    pub fn add(&mut self, file: &str, bytes: &[u8]) -> Result<(), Reason> {
        let file: Arc<str> = Arc::from(file);
        for part in parts(bytes) {
            match part {
                Part::Assigned { .. } if self.assignments.len() == MOST => {
                    let detail = format!("one line more than the {MOST} settings that are read of a unit");
                    return Err(Reason::new(Cause::TooLarge, &*file, detail));
                }
                Part::Assigned { assignment, .. } => {
                    self.assignments.push(Assignment { file: Arc::clone(&file), ..assignment });
                }
                Part::BrokenHead { line } => {
                    let detail = format!("line {line}: the head of a section without its closing bracket (correct it)");
                    return Err(Reason::new(Cause::Malformed, &*file, detail));
                }
            }
        }
        Ok(())
    }

    /// Iterates over all assignments in a section, in order.
    pub fn section(&self, name: &str) -> impl Iterator<Item = &Assignment> {
        self.assignments.iter().filter(move |assignment| &*assignment.section == name)
    }

    /// Returns the assignments of `SECTION.NAME`.
    pub fn read(&self, key: &str) -> Assigned<'_> {
        let (section, name) = key.split_once('.').unwrap_or(("", key));
        let mut assigned = Assigned::Never;
        for assignment in self.section(section).filter(|assignment| assignment.name == name) {
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
    /// Returns the key: `Service.Restart`.
    pub fn key(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }

    /// Whether the assignment has this key.
    pub fn is(&self, key: &str) -> bool {
        key.strip_prefix(&*self.section).and_then(|rest| rest.strip_prefix('.')) == Some(self.name.as_str())
    }

    /// Splits the value into words. Quotes and C-style escapes are resolved if systemd does so for this setting.
    pub fn words(&self) -> Vec<String> {
        if WITHOUT_QUOTES.contains(&self.name.as_str()) {
            return self.value.split_ascii_whitespace().map(str::to_owned).collect();
        }
        let mut words = Vec::new();
        let mut word: Option<String> = None;
        let mut quote = None;
        let mut letters = self.value.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => word.get_or_insert_default().extend(escaped(&mut letters)),
                _ if quote == Some(letter) => quote = None,
                '"' | '\'' if quote.is_none() => {
                    quote = Some(letter);
                    word.get_or_insert_default();
                }
                _ if letter.is_ascii_whitespace() && quote.is_none() => words.extend(word.take()),
                _ => word.get_or_insert_default().push(letter),
            }
        }
        words.extend(word);
        words
    }
}

/// Consumes an escape sequence behind its backslash and returns the character; none at the end of the text.
fn escaped(letters: &mut Chars<'_>) -> Option<char> {
    let letter = letters.next()?;
    let (digits, radix) = match letter {
        'a' => return Some('\u{7}'),
        'b' => return Some('\u{8}'),
        'f' => return Some('\u{c}'),
        'n' => return Some('\n'),
        'r' => return Some('\r'),
        't' => return Some('\t'),
        'v' => return Some('\u{b}'),
        's' => return Some(' '),
        'x' => (letters.as_str().get(..2), 16),
        'u' => (letters.as_str().get(..4), 16),
        'U' => (letters.as_str().get(..8), 16),
        // The first of three octal digits is this character itself.
        '0'..='3' => {
            let rest = letters.as_str().get(..2).filter(|rest| rest.bytes().all(|digit| digit.is_ascii_digit()));
            let code = rest.and_then(|rest| u32::from_str_radix(&format!("{letter}{rest}"), 8).ok());
            return Some(code.and_then(|code| take(letters, 2, code)).unwrap_or(letter));
        }
        _ => return Some(letter),
    };
    let code = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
    let code = code.and_then(|digits| Some((digits.len(), u32::from_str_radix(digits, radix).ok()?)));
    Some(code.and_then(|(count, code)| take(letters, count, code)).unwrap_or(letter))
}

/// Returns the character with this code and consumes its digits; none if the code is not valid.
fn take(letters: &mut Chars<'_>, digits: usize, code: u32) -> Option<char> {
    let letter = char::from_u32(code).filter(|letter| *letter != '\0')?;
    for _ in 0..digits {
        letters.next();
    }
    Some(letter)
}

/// Returns an excerpt of a unit. `keep` returns the value to keep for each assignment, or none to omit it. Lines keep
/// their numbers; a continued assignment is joined into its first line.
pub fn essential_of_unit(bytes: &[u8], keep: impl Fn(&Assignment) -> Option<String>) -> Vec<u8> {
    let mut lines: Vec<String> = Vec::new();
    let mut put = |line: usize, text: String| {
        if lines.len() < line {
            lines.resize(line, String::new());
        }
        if let Some(place) = lines.get_mut(line - 1) {
            *place = text;
        }
    };
    for part in parts(bytes) {
        match part {
            Part::Assigned { head, assignment } => {
                if let Some(value) = keep(&assignment) {
                    put(head, format!("[{}]", assignment.section));
                    // A trailing backslash would continue the line.
                    let end = if continues(value.as_bytes()) { " " } else { "" };
                    put(assignment.line, format!("{}={value}{end}", assignment.name));
                }
            }
            Part::BrokenHead { line } => put(line, "[".to_owned()),
        }
    }
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect::<String>().into_bytes()
}

/// A relevant part of a unit file.
enum Part {
    /// An assignment, without its file yet, and the line of its section's header.
    Assigned { head: usize, assignment: Assignment },
    /// A section header without its closing bracket.
    BrokenHead { line: usize },
}

/// Returns the parts of a file, without lines that systemd ignores: those that are not valid UTF-8, those without `=`,
/// and those before the first section.
fn parts(bytes: &[u8]) -> Vec<Part> {
    let file: Arc<str> = Arc::from("");
    let mut section: Option<(usize, Arc<str>)> = None;
    let mut parts = Vec::new();
    for (line, text) in logical_lines(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)) {
        let Ok(text) = std::str::from_utf8(&text) else { continue };
        let text = text.trim();
        if let Some(head) = text.strip_prefix('[') {
            match head.strip_suffix(']') {
                // Every section has a shorter name.
                Some(name) => section = Some((line, Arc::from(&name[..name.floor_char_boundary(64)]))),
                None => parts.push(Part::BrokenHead { line }),
            }
        } else if let (Some((head, section)), Some((name, value))) = (&section, text.split_once('=')) {
            let (section, file) = (section.clone(), Arc::clone(&file));
            let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
            parts.push(Part::Assigned { head: *head, assignment: Assignment { section, name, value, file, line } });
        }
    }
    parts
}

/// Returns the lines of a file, joined where a backslash continues them, each with the number of its first line.
/// Comments are removed, even within a continued line.
fn logical_lines(bytes: &[u8]) -> Vec<(usize, Vec<u8>)> {
    let mut lines = Vec::new();
    let mut begun: Option<(usize, Vec<u8>)> = None;
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if matches!(line.trim_ascii_start(), [b'#' | b';', ..]) {
            continue;
        }
        let (number, mut text) = begun.take().unwrap_or((index + 1, Vec::new()));
        text.extend_from_slice(line);
        match text.last_mut() {
            Some(last) if continues(line) => {
                *last = b' ';
                begun = Some((number, text));
            }
            _ => lines.push((number, text)),
        }
    }
    lines.extend(begun);
    lines
}

/// Whether a line continues on the next one: a backslash that is itself escaped does not count.
fn continues(line: &[u8]) -> bool {
    line.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// Parses a boolean as systemd does: `yes`, `on`, `1` …
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

    /// Returns the assignments of a setting in these files, on one line.
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
        let mut unit = Unit::default();
        unit.add("/u", b"[S]\nA=a \\\n\xff\nA=b\n").expect("systemd reads the rest");
        assert!(matches!(unit.read("S.A"), Assigned::As(all) if all.len() == 1 && all[0].line == 4));
    }

    #[test]
    fn a_broken_head_spoils_the_unit() {
        let why = Unit::default().add("/u", b"[S]\nA=b\n[T\n").expect_err("systemd refuses it");
        assert_eq!(why.to_string(), "/u: line 3: the head of a section without its closing bracket (correct it)");
    }

    #[test]
    fn words_are_held_together_by_quotes_where_systemd_reads_them() {
        let words = |name: &str, value: &str| {
            let (section, file) = (Arc::from("Service"), Arc::from("/u"));
            Assignment { section, name: name.to_owned(), value: value.to_owned(), file, line: 1 }.words()
        };
        assert_eq!(words("Environment", "\"A=b c\" D='e'f \"\""), ["A=b c", "D=ef", ""]);
        assert_eq!(words("Environment", "'a\"b' c"), ["a\"b", "c"]);
        let escapes = r"a\sb \x41\102\u00e4\U0001f40b '\'' \xZZ \9 \ud800 \000 c\";
        assert_eq!(words("Environment", escapes), ["a b", "ABä🐋", "'", "xZZ", "9", "ud800", "000", "c"]);
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
