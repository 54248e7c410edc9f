//! Made-up evidence: a sound cluster's, with the changes of a test.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use aws::{Evidence, Settings, judge};
use cluster::policy::{Judgement, Outcome};
use serde_json::Value;

/// Files of an evidence directory: texts by name.
pub type Files = BTreeMap<String, String>;

/// The files of the cluster `prod`, for which every control passes or is manual.
pub fn sound() -> Files {
    of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sound"))
}

/// Reads the files of a directory.
pub fn of(directory: &Path) -> Files {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let files = entries.map(|entry| {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_str().expect("our names are UTF-8").to_owned();
        (name, fs::read_to_string(&path).expect("it is text"))
    });
    files.collect()
}

/// The sound files with changes per file: values by JSON pointer (`null` removes one), `gone` for no such file, or the
/// file's whole text.
pub fn changed(changes: &BTreeMap<String, Value>) -> Files {
    let mut files = sound();
    for (file, change) in changes {
        match change {
            Value::Object(values) => edit(&mut files, file, |whole| {
                for (pointer, value) in values {
                    if value.is_null() {
                        cut(whole, pointer);
                    } else {
                        *place(whole, pointer) = value.clone();
                    }
                }
            }),
            Value::String(text) if text == "gone" => assert!(files.remove(file).is_some(), "{file} is not there"),
            Value::String(text) => drop(files.insert(file.clone(), text.clone())),
            other => panic!("{file}: {other}: neither values nor a text"),
        }
    }
    files
}

fn cut(whole: &mut Value, pointer: &str) {
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    let key = key.replace("~1", "/");
    match place(whole, parent) {
        Value::Array(items) => drop(items.remove(key.parse().expect("a number"))),
        Value::Object(fields) => assert!(fields.remove(&key).is_some(), "nothing is at {pointer}"),
        _ => panic!("nothing is at {pointer}"),
    }
}

/// Returns the value at a pointer, adding it if it is missing; a final `-` appends to a list.
fn place<'v>(whole: &'v mut Value, pointer: &str) -> &'v mut Value {
    if whole.pointer(pointer).is_some() {
        return whole.pointer_mut(pointer).expect("it was there");
    }
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    match whole.pointer_mut(parent).unwrap_or_else(|| panic!("nothing is at {parent}")) {
        Value::Array(items) => {
            assert_eq!(key, "-", "{pointer}");
            items.push(Value::Null);
            items.last_mut().expect("it was added")
        }
        Value::Object(fields) => fields.entry(key).or_insert(Value::Null),
        _ => panic!("nothing can be put at {pointer}"),
    }
}

fn edit(files: &mut Files, file: &str, change: impl FnOnce(&mut Value)) {
    let text = files.get_mut(file).unwrap_or_else(|| panic!("{file} is not there"));
    let mut whole = serde_json::from_str(text).expect("it is JSON");
    change(&mut whole);
    *text = whole.to_string();
}

/// Reads the files as evidence.
pub fn evidence(files: &Files) -> Evidence {
    let mut evidence = Evidence::default();
    for (name, text) in files {
        evidence.take(name, Ok(text.as_bytes()), Some(3));
    }
    evidence
}

/// Judges a predicate on files.
pub fn judged(predicate: &str, files: &Files) -> Judgement {
    judge(predicate, &evidence(files), Settings::default()).unwrap_or_else(|| panic!("{predicate}: no such predicate"))
}

/// The outcome, then every offender, exemption and note, one per line.
pub fn told(judgement: &Judgement) -> String {
    let Judgement { outcome, offenders, exempt, noted } = judgement;
    let mut lines = vec![match outcome {
        Outcome::Pass => "pass".to_owned(),
        Outcome::Fail => "fail".to_owned(),
        Outcome::Manual => "manual".to_owned(),
        Outcome::NotApplicable(reason) => format!("not applicable: {reason}"),
        Outcome::Unknown(reason) => format!("unknown: {reason}"),
    }];
    lines.extend(offenders.iter().map(|seen| format!("- {}: {}", seen.object, seen.found)));
    lines.extend(exempt.iter().map(|(seen, why)| format!("x {}: {}: {why}", seen.object, seen.found)));
    lines.extend(noted.iter().map(|seen| format!("+ {}: {}", seen.object, seen.found)));
    lines.join("\n")
}
