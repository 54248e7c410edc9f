//! Which variables of a pod's manifest need to be kept, so that the others are never shown.

use std::collections::BTreeSet;
use std::ops::Range;

use granit_parser::{Event, ScalarStyle};
use yaml::Events;

use super::document::{Document, DocumentValue, Located};

/// The manifest without the values of those variables whose names are not among `names`; every line stays where it is.
/// None where nothing is to be left out, or where leaving it out would change what the rest says.
pub fn essential_of_manifest(bytes: &[u8], names: &BTreeSet<String>) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut kept = String::with_capacity(text.len());
    let mut end = 0;
    for Value { place, is_block } in values(text, names) {
        kept.push_str(text.get(end..place.start)?);
        kept.push_str(&blank(text.get(place.clone())?, is_block));
        end = place.end;
    }
    kept.push_str(text.get(end..)?);
    if kept == text {
        return None;
    }
    let kept = kept.into_bytes();
    (rest(bytes, names)? == rest(&kept, names)?).then_some(kept)
}

/// An empty text on as many lines, each of them begun as before.
fn blank(value: &str, is_block: bool) -> String {
    let mut blank = String::from(if is_block { "" } else { "\"\"" });
    for line in value.split('\n').skip(1) {
        blank.push('\n');
        blank.extend(line.chars().take_while(char::is_ascii_whitespace));
    }
    blank
}

/// What the manifest says but for the values that are left out.
fn rest(bytes: &[u8], names: &BTreeSet<String>) -> Option<Located> {
    let mut root = Document::parse("", bytes).ok()?.root().clone();
    leave_out(&mut root, names);
    Some(root)
}

fn leave_out(node: &mut Located, names: &BTreeSet<String>) {
    match &mut node.value {
        DocumentValue::List(items) => items.iter_mut().for_each(|item| leave_out(item, names)),
        DocumentValue::Map(entries) => {
            for (key, value) in entries {
                match &mut value.value {
                    DocumentValue::List(items) if key == LIST => {
                        for item in items {
                            leave_out_of(item, names);
                        }
                    }
                    _ => leave_out(value, names),
                }
            }
        }
        _ => {}
    }
}

fn leave_out_of(variable: &mut Located, names: &BTreeSet<String>) {
    let is_wanted = variable.get("name").and_then(Located::text).is_some_and(|name| names.contains(name));
    if let DocumentValue::Map(entries) = &mut variable.value
        && !is_wanted
    {
        entries.retain(|(key, _)| key != "value");
    }
}

/// The key of the list of a container's variables.
const LIST: &str = "env";

/// A value that is left out.
struct Value {
    /// Its bytes.
    place: Range<usize>,
    /// Whether it stands on lines of its own, behind a `|` or `>` that is no part of these bytes.
    is_block: bool,
}

/// A list or mapping that has begun.
#[derive(Default)]
struct Open {
    is_mapping: bool,
    /// Whether it is the list of variables.
    is_list: bool,
    /// Whether it is one of them.
    is_variable: bool,
    /// The key whose value comes next.
    key: Option<String>,
    /// The variable's name.
    name: Option<String>,
    /// Its values; the last of them counts.
    values: Vec<Value>,
}

/// The values that are left out, in their order.
fn values(text: &str, names: &BTreeSet<String>) -> Vec<Value> {
    let mut found = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let options = granit_parser::options! { emit_comments: false, emit_unresolved_aliases: true };
    // What cannot be read to its end is known up to there.
    for (event, span) in Events::of(text, options).map_while(Result::ok) {
        match event {
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                let is_mapping = matches!(event, Event::MappingStart(..));
                let above = open.last_mut();
                let is_variable = is_mapping && above.as_ref().is_some_and(|above| above.is_list);
                let key = above.and_then(|above| above.key.take());
                let is_list = !is_mapping && key.as_deref() == Some(LIST);
                open.push(Open { is_mapping, is_list, is_variable, ..Open::default() });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(ended) = open.pop() else { continue };
                if ended.is_variable && !ended.name.is_some_and(|name| names.contains(&name)) {
                    found.extend(ended.values);
                }
            }
            Event::Scalar(ref said, style, ..) => {
                if let Some(open) = open.last_mut().filter(|open| open.is_mapping) {
                    match open.key.take().as_deref() {
                        None => open.key = Some(said.to_string()),
                        Some("name") => open.name = Some(said.to_string()),
                        Some("value") if !said.is_empty() => {
                            let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
                            open.values.extend(span.byte_range().map(|place| Value { place, is_block }));
                        }
                        Some(_) => {}
                    }
                }
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                if let Some(open) = open.last_mut().filter(|open| open.is_mapping) {
                    match open.key.take().as_deref() {
                        // An alias as a key: one that is of no interest.
                        None => open.key = Some(String::new()),
                        Some("value") => {
                            open.values.extend(span.byte_range().map(|place| Value { place, is_block: false }));
                        }
                        Some(_) => {}
                    }
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is kept of a text for the variable `A`; `=` where that is the whole.
    fn kept(text: &str) -> String {
        let names = BTreeSet::from(["A".to_owned()]);
        let kept = essential_of_manifest(text.as_bytes(), &names);
        if let Some(kept) = &kept {
            assert_eq!(essential_of_manifest(kept, &names), None, "twice is no more: {text}");
        }
        kept.map_or_else(|| "=".to_owned(), |kept| String::from_utf8(kept).expect("text"))
    }

    #[test]
    fn values_that_nobody_asks_for_are_left_out_and_every_line_stays() {
        let table = [
            ("env:\n- name: A\n  value: x\n", "="),
            ("env:\n- name: B\n  value: x # y\n", "env:\n- name: B\n  value: \"\" # y\n"),
            (
                "env:\n- value: 'x'\n  name: B\n- {name: A, value: x}\n",
                "env:\n- value: \"\"\n  name: B\n- {name: A, value: x}\n",
            ),
            ("a: [{env: [{name: B, value: x}]}]", "a: [{env: [{name: B, value: \"\"}]}]"),
            ("{\"env\":[{\"name\":\"B\",\"value\":\"x\"}]}", "{\"env\":[{\"name\":\"B\",\"value\":\"\"}]}"),
            (
                "env:\n- name: B\n  value: |\n    x\n    y\n- name: A\n  value: z\n",
                "env:\n- name: B\n  value: |\n    \n    \n- name: A\n  value: z\n",
            ),
            ("env:\n- name: B\n  value: \"x\n    y\"\nb: 1\n", "env:\n- name: B\n  value: \"\"\n    \nb: 1\n"),
            ("env:\n- name: B\n  value: x\n    y\nb: 1\n", "env:\n- name: B\n  value: \"\"\n    \nb: 1\n"),
            ("env: [{name: B,\n  value: \"x\n  y\"}]\nb: 1\n", "env: [{name: B,\n  value: \"\"\n  }]\nb: 1\n"),
            ("env:\n- value: x\n", "env:\n- value: \"\"\n"),
            ("env:\n- {name: B, valueFrom: {fieldRef: {fieldPath: x}}}\n", "="),
            ("env:\n- {name: B, value: \"\"}\n- name: C\n", "="),
            ("other:\n- {name: B, value: x}\n", "="),
            ("env: {name: B, value: x}\n", "="),
            ("env:\n- {name: ä, value: ö}\nb: ü\n", "env:\n- {name: ä, value: \"\"}\nb: ü\n"),
            // What is said elsewhere of the same must stay.
            ("env:\n- {name: B, value: &v x}\nb: *v\n", "="),
            ("b: &v x\nenv:\n- {name: B, value: *v }\n", "b: &v x\nenv:\n- {name: B, value: \"\" }\n"),
            (
                "env:\n- {name: B, value: x}\n---\nenv:\n- {name: C, value: y}\n",
                "env:\n- {name: B, value: \"\"}\n---\nenv:\n- {name: C, value: \"\"}\n",
            ),
            ("env: [", "="),
            ("- env\n", "="),
        ];
        for (text, expected) in table {
            assert_eq!(kept(text), expected, "{text}");
        }
    }
}
