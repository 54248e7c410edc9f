//! Evidence that is made up: that of a sound cluster, with what a test changes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use aws::{Evidence, Settings, judge};
use cluster::policy::{Judgement, Outcome};
use serde_json::Value;

/// The files of a directory.
pub type Files = BTreeMap<String, String>;

/// The files of the cluster `prod`, of which every control passes or is for people to judge.
pub fn sound() -> Files {
    of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sound"))
}

/// The files of a directory.
pub fn of(directory: &Path) -> Files {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let files = entries.map(|entry| {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_str().expect("our names are UTF-8").to_owned();
        (name, fs::read_to_string(&path).expect("it is text"))
    });
    files.collect()
}

/// The sound files with changes: of a file, the values at pointers, of which `null` leaves one out; `gone`, where there is
/// no such file; or its whole text.
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

/// The value at a pointer; `-` at its end is a new item of a list, and a new name one of an object.
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

/// The evidence in files.
pub fn evidence(files: &Files) -> Evidence {
    let mut evidence = Evidence::default();
    for (name, text) in files {
        evidence.take(name, Ok(text.as_bytes()), Some(3));
    }
    evidence
}

/// What a predicate says of files.
pub fn judged(predicate: &str, files: &Files) -> Judgement {
    judge(predicate, &evidence(files), Settings::default()).unwrap_or_else(|| panic!("{predicate}: no such predicate"))
}

/// The outcome and all that is said, a line each.
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
