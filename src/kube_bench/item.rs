//! Evaluates one test item on the output of an audit.

use std::rc::Rc;

use regex::bytes::Captures;

use super::comparison::{compare, expression, is_plain};
use super::document;
use super::json_path::JsonPath;
use super::rules::Item;

/// The source of the text, which determines how an item is looked up in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// The audit: a flag.
    Audit,
    /// The configuration audit: a path in a document.
    Config,
    /// The environment audit: a variable.
    Environment,
}

/// The result of an item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ItemOutcome {
    /// Whether the item passes.
    pub(super) holds: bool,
    /// Whether the flag, path or variable was found.
    pub(super) found: bool,
    /// The text that was evaluated.
    pub(super) actual: Rc<str>,
    /// The expectation, as text.
    pub(super) expected: String,
}

/// Evaluates an item on a text; with `multiple`, line by line until one fails.
pub(super) fn judge(item: &Item, origin: Origin, multiple: bool, text: &Rc<str>) -> ItemOutcome {
    let mut outcome = ItemOutcome::default();
    for part in if multiple { text.split('\n').collect() } else { vec![&**text] } {
        outcome = judge_part(item, origin, part);
        if !outcome.holds {
            break;
        }
    }
    outcome.actual = text.clone();
    outcome
}

fn judge_part(item: &Item, origin: Origin, text: &str) -> ItemOutcome {
    let (name, value) = match origin {
        Origin::Audit => (&item.flag, flag(&item.flag, text)),
        Origin::Config => (&item.path, path(&item.path, text)),
        Origin::Environment => (&item.env, variable(&item.env, text)),
    };
    let Ok(value) = value else { return ItemOutcome::default() };
    let found = value.is_some();
    let (expected, holds) = match (item.set, value, &item.compare) {
        (true, Some(value), Some(wanted)) if !wanted.operator.is_empty() => {
            let comparison = compare(&wanted.operator, &value, &wanted.value, name);
            (comparison.expected, comparison.holds)
        }
        (true, ..) => (format!("'{name}' is present"), found),
        (false, ..) => (format!("'{name}' is not present"), !found),
    };
    ItemOutcome { holds, found, actual: Rc::default(), expected }
}

/// The value of a flag at its first occurrence, even within a longer word. `None` if it does not occur.
fn flag(flag: &str, text: &str) -> Result<Option<String>, NotFit> {
    if text.is_empty() || flag.is_empty() || !text.contains(flag) {
        return Ok(None);
    }
    let (mention, value) = match plain_value(flag, text) {
        Some(value) => (flag.to_owned(), value.to_owned()),
        None => {
            let expression = expression(&format!(r"({flag})(=|: *)*([^\s]*) *")).map_err(|_| NotFit)?;
            let captures = expression.captures(text.as_bytes()).ok_or(NotFit)?;
            (part(&captures, 1), part(&captures, 3))
        }
    };
    Ok(Some(match value.as_str() {
        "" if flag.starts_with("--") => "true".to_owned(),
        "" => mention,
        _ => value,
    }))
}

/// The value after the first occurrence of a plain flag, as the regular expression would find it.
fn plain_value<'t>(flag: &str, text: &'t str) -> Option<&'t str> {
    if !is_plain(flag) {
        return None;
    }
    let (_, mut behind) = text.split_once(flag)?;
    loop {
        behind = if let Some(rest) = behind.strip_prefix('=') {
            rest
        } else if let Some(rest) = behind.strip_prefix(':') {
            rest.trim_start_matches(' ')
        } else {
            break;
        };
    }
    let end = behind.find(|c: char| matches!(c, '\t'..='\r' | ' ')).unwrap_or(behind.len());
    behind.get(..end)
}

fn part(captures: &Captures<'_>, index: usize) -> String {
    captures.get(index).map(|part| String::from_utf8_lossy(part.as_bytes()).into_owned()).unwrap_or_default()
}

/// The value at a path of a document; `None` if it is empty.
fn path(path: &str, text: &str) -> Result<Option<String>, NotFit> {
    let document = document::read(text).map_err(|_| NotFit)?;
    let value = JsonPath::parse(path).and_then(|path| path.find(&document)).map_err(|_| NotFit)?;
    Ok(Some(value).filter(|value| !value.is_empty()))
}

/// The value of a variable, in output with one per line. `None` if it is unset or empty.
fn variable(name: &str, text: &str) -> Result<Option<String>, NotFit> {
    if text.is_empty() || name.is_empty() {
        return Ok(None);
    }
    let expression = expression(&format!(r"{name}=.*(?:$|\n)")).map_err(|_| NotFit)?;
    let line = expression.find(text.as_bytes()).map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned());
    let value = line.map(|line| line.replacen('\n', "", 1).replacen(&format!("{name}="), "", 1));
    Ok(value.filter(|value| !value.is_empty()))
}

/// The text or the item is malformed: kube-bench then has no expectation, and the item fails.
struct NotFit;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kube_bench::rules::Compare;

    fn item(flag: &str, set: bool, compare: Option<(&str, &str)>) -> Item {
        Item {
            flag: flag.to_owned(),
            path: "{.a}".to_owned(),
            env: "A".to_owned(),
            set,
            compare: compare
                .map(|(operator, value)| Compare { operator: operator.to_owned(), value: value.to_owned() }),
        }
    }

    #[test]
    fn plain_flags_have_the_value_that_the_expression_finds() {
        let expression = expression(r"(--a)(=|: *)*([^\s]*) *").expect("an expression");
        for text in [
            "--a",
            "--a=",
            "--a=1 2",
            "--a==:  =x",
            "x--ab c",
            "--a:\tb",
            "--a: b\nc",
            "--a:=",
            "--a \n",
            "--a\u{e9}=1",
        ] {
            let found = expression.captures(text.as_bytes()).expect("it is mentioned");
            assert_eq!(plain_value("--a", text).map(str::to_owned), Some(part(&found, 3)), "{text:?}");
        }
        assert_eq!(plain_value("a.b", "a.b=1"), None);
    }

    #[test]
    fn flags_are_found_as_parts_of_a_text() {
        for (name, text, value) in [
            ("--a", "x --a=1 --a=2", Some("1")),
            ("--a", "x --ab=1", Some("b=1")),
            ("--a", "x --a y", Some("true")),
            ("--a", "x --a", Some("true")),
            ("a", "a: b", Some("b")),
            ("a", "a:   b c", Some("b")),
            ("a", "a==b", Some("b")),
            ("root:root", "root:root", Some("root:root")),
            ("--a", "x --b", None),
            ("", "x", None),
            ("--a", "", None),
        ] {
            let found = flag(name, text).unwrap_or_else(|_| panic!("{name} in {text}"));
            assert_eq!(found.as_deref(), value, "{name} in {text}");
        }
        assert!(flag("(", "a ( b").is_err(), "no expression");
        assert!(flag("a.b[c]", "a.b[c]").is_err(), "the expression does not fit its own text");
    }

    #[test]
    fn variables_are_found_in_lines() {
        for (text, value) in
            [("X=1\nA=2\nB=3", Some("2")), ("A=", None), ("A=\nB=1", None), ("BA=5", Some("B5")), ("", None)]
        {
            let found = variable("A", text).unwrap_or_else(|_| panic!("{text}"));
            // The name is not anchored: in BA=5, A is found too.
            let value = if text == "BA=5" { Some("5") } else { value };
            assert_eq!(found.as_deref(), value, "{text}");
        }
    }

    #[test]
    fn items_are_judged_as_in_kube_bench() {
        let equal = Some(("eq", "1"));
        for (item, origin, multiple, text, holds, found, expected) in [
            (item("a", true, equal), Origin::Audit, false, "a=1 \n\n", true, true, "'a' is equal to '1'"),
            (item("a", true, equal), Origin::Audit, false, "b", false, false, "'a' is present"),
            (item("a", true, None), Origin::Audit, false, "a", true, true, "'a' is present"),
            (item("a", false, equal), Origin::Audit, false, "a=1", false, true, "'a' is not present"),
            (item("a", false, None), Origin::Audit, false, "", true, false, "'a' is not present"),
            (item("a", true, equal), Origin::Audit, true, "a=1\na=1", true, true, "'a' is equal to '1'"),
            (item("a", true, equal), Origin::Audit, true, "a=1\na=2\nx", false, true, "'a' is equal to '1'"),
            (item("a", true, equal), Origin::Config, false, "a: 1", true, true, "'{.a}' is equal to '1'"),
            (item("a", true, equal), Origin::Config, false, "a: b: c", false, false, ""),
            (item("a", false, equal), Origin::Config, false, "a: {b: c}", false, false, ""),
            (item("a", true, equal), Origin::Environment, false, "A=1", true, true, "'A' is equal to '1'"),
        ] {
            let actual: Rc<str> = text.trim_end_matches([' ', '\n']).into();
            let outcome = ItemOutcome { holds, found, actual: actual.clone(), expected: expected.to_owned() };
            assert_eq!(judge(&item, origin, multiple, &actual), outcome, "{text}");
        }
    }
}
