//! `lint`: checks the user's definitions without a node.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::house::{self, CONTROL};
use super::{refused, says};
use crate::synthetic::Said;

const INDEX: &str = "\
title: House rules
extends: cis-1.12
targets:
  master:
    groups:
      House:
        title: Our own
        checks:
          H-1: { control: house/max-requests, with: { most: 500 }, scored: true, assessment: automated }
";

const PROFILE: &str = "\
title: Our platform
adjust:
  - { control: house/max-requests, with: { most: 900 }, reason: Large machines., source: our handbook }
";

/// Creates a directory with these files.
fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    house::write(directory.path(), files);
    directory
}

fn house() -> [(&'static str, &'static str); 3] {
    [("controls/house.yaml", CONTROL), ("house.yaml", INDEX), ("profiles/ours.yaml", PROFILE)]
}

fn lint(directory: &Path, more: &[&str]) -> Said {
    let directory = directory.display().to_string();
    let words: Vec<&str> = ["lint", &directory].into_iter().chain(more.iter().copied()).collect();
    says(&words)
}

#[test]
fn sound_definitions_are_counted() {
    let directory = directory(&house());
    let said = lint(directory.path(), &[]);
    let counts = "1 control, 1 benchmark, 1 profile in 3 files";
    assert_eq!((said.code, said.out, said.err), (0, format!("{counts}: no mistakes\n"), String::new()));
    let said = lint(directory.path(), &["--json"]);
    assert_eq!((said.code, said.out, said.err), (0, "[]\n".to_owned(), String::new()));
    let said = lint(directory.path(), &["--json", "-v"]);
    assert_eq!((said.out, said.err), ("[]\n".to_owned(), format!("notice: {counts}\n")));
}

#[test]
fn a_directory_that_is_called_profiles_holds_profiles() {
    let directory = directory(&house()[2..]);
    let unknown = "unknown control \"house/max-requests\"";
    for words in [&["lint", "profiles"][..], &["lint", "."], &["lint", "--profiles-dir", "profiles"]] {
        let said = Said::of(super::kube_assay().args(words).current_dir(directory.path()));
        assert_eq!((said.code, said.out.contains(unknown)), (2, true), "{words:?}: {}", said.out);
        assert!(said.out.ends_with("1 profile in 1 file: 1 mistake\n"), "{words:?}: {}", said.out);
    }
}

#[test]
fn what_comes_with_the_program_has_no_mistakes() {
    let said = says(&["lint", "benchmarks", "profiles"]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(said.out.contains(" components, ") && said.out.contains(" 4 profiles in "), "{}", said.out);
}

#[test]
fn mistakes_are_shown_where_they_are() {
    let control = CONTROL.replace("at_most", "at_mots");
    let index = INDEX.replace("cis-1.12", "cis-1.21");
    let directory = directory(&[("controls/house.yaml", &control), ("house.yaml", &index)]);
    let name = |file: &str| directory.path().join(file).display().to_string();
    let said = lint(directory.path(), &[]);
    let expected = format!(
        "{}:8:44: unknown key \"at_mots\"
  expect: {{ flag: --max-requests-inflight, at_mots: \"{{{{most}}}}\", unset: pass }}
                                           ^^^^^^^
hint: did you mean \"at_most\"?

{}:2:10: unknown benchmark \"cis-1.21\"
extends: cis-1.21
         ^^^^^^^^
hint: did you mean \"cis-1.12\"?

1 control, 1 benchmark in 2 files: 2 mistakes
",
        name("controls/house.yaml"),
        name("house.yaml")
    );
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (2, expected.as_str(), ""));

    let said = lint(directory.path(), &["--json"]);
    let found: Value = serde_json::from_str(&said.out).expect("JSON");
    let expected = json!([
        {
            "severity": "error", "code": "unknown-key", "file": name("controls/house.yaml"), "line": 8, "column": 44, "length": 7,
            "message": "unknown key \"at_mots\"", "hint": "did you mean \"at_most\"?",
        },
        {
            "severity": "error", "code": "unknown-benchmark", "file": name("house.yaml"), "line": 2, "column": 10, "length": 8,
            "message": "unknown benchmark \"cis-1.21\"", "hint": "did you mean \"cis-1.12\"?",
        },
    ]);
    assert_eq!((said.code, found, said.err.as_str()), (2, expected, ""));
}

#[test]
fn a_control_that_no_benchmark_asks_for_is_a_warning() {
    let two = format!("{CONTROL}{}", CONTROL.replace("max-requests:", "idle:"));
    // A replaced built-in control is used by the built-in benchmarks; a new one is not used by any.
    let ours = "\
profiling:
  title: Nobody measures the API server
  level: 1
  severity: low
  rationale: A profile tells more than it should.
  audit: { settings: apiserver }
  expect: { flag: --profiling, is: false, unset: fail }
  remediation: Set --profiling=false.
";
    let files = [("controls/house.yaml", two.as_str()), ("house.yaml", INDEX), ("controls/apiserver.yaml", ours)];
    let directory = directory(&files);
    let file = directory.path().join("controls/house.yaml").display().to_string();
    let said = lint(directory.path(), &[]);
    let expected = format!(
        "{file}:10:1: warning: no benchmark contains \"house/idle\", so it is never checked
idle:
^^^^
hint: give it a number in a benchmark: {{ control: house/idle, … }}

3 controls, 1 benchmark in 3 files: no mistakes, 1 warning
"
    );
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, expected.as_str(), ""));
    let said = lint(directory.path(), &["--json"]);
    let expected = json!([{
        "severity": "warning", "code": "idle-control", "file": file, "line": 10, "column": 1, "length": 4,
        "message": "no benchmark contains \"house/idle\", so it is never checked",
        "hint": "give it a number in a benchmark: { control: house/idle, … }",
    }]);
    assert_eq!((said.code, serde_json::from_str::<Value>(&said.out).expect("JSON")), (0, expected));

    // If a benchmark is refused, it is unknown which controls it contains.
    fs::write(directory.path().join("house.yaml"), INDEX.replace("scored", "scroed")).expect("written");
    let said = lint(directory.path(), &[]);
    assert_eq!((said.code, said.out.contains("warning")), (2, false), "{}", said.out);
}

#[test]
fn controls_without_any_benchmark_are_warned_of_in_their_order() {
    let other = CONTROL.replace("max-requests:", "other:");
    let directory = directory(&[("controls/b.yaml", &format!("{other}{CONTROL}")), ("controls/a.yaml", CONTROL)]);
    let said = lint(directory.path(), &[]);
    let order: Vec<usize> = ["\"a/max-requests\"", "\"b/other\"", "\"b/max-requests\""]
        .iter()
        .filter_map(|key| said.out.find(key))
        .collect();
    assert_eq!((said.code, order.len(), order.is_sorted()), (0, 3, true), "{}", said.out);
    assert!(said.out.ends_with("3 controls in 2 files: no mistakes, 3 warnings\n"), "{}", said.out);
}

#[test]
fn a_mistake_without_a_hint_has_none_in_json() {
    let directory = directory(&[("house.yaml", "extends: cis-1.12\n")]);
    let found: Value = serde_json::from_str(&lint(directory.path(), &["--json"]).out).expect("JSON");
    assert_eq!((&found[0]["code"], &found[0]["hint"]), (&json!("missing-key"), &Value::Null));
}

#[test]
fn the_same_name_in_two_directories_is_refused() {
    let (one, two) = (directory(&house()), directory(&[("house.yml", INDEX)]));
    let second = two.path().display().to_string();
    let said = lint(one.path(), &[&second]);
    assert_eq!(said.code, 2, "{}", said.out);
    let parts = [
        format!("{second}/house.yml:1:1: benchmark \"house\" is defined twice"),
        format!("hint: {}/house.yaml has the other one", one.path().display()),
    ];
    for part in parts {
        assert!(said.out.contains(&part), "{part} in {}", said.out);
    }
}

#[test]
fn what_cannot_be_looked_at_is_refused() {
    refused(&says(&["lint"]), &["lint: no directory given (name one that holds definitions)"]);
    refused(&says(&["lint", "/nowhere"]), &["/nowhere: no such file or directory"]);
    refused(&says(&["lint", "src"]), &["src: contains no definitions"]);
    // An unreadable file is reported even if there are profiles too.
    let directory = directory(&house());
    fs::write(directory.path().join("house.yaml"), b"title: \xff\n").expect("written");
    let said = lint(directory.path(), &[]);
    assert!(said.code == 2 && said.out.contains("house.yaml:1:8: is not UTF-8 text"), "{}", said.out);
    assert!(said.out.ends_with("1 control, 1 benchmark, 1 profile in 3 files: 1 mistake\n"), "{}", said.out);
}

#[test]
fn what_a_terminal_would_act_on_is_not_printed() {
    let directory = directory(&[("house.yaml", "title: T\nextends: cis-1.12\n\u{202e}x: \u{9b}31m\n")]);
    for more in [&[][..], &["--json"]] {
        let said = lint(directory.path(), more);
        assert_eq!(said.code, 2);
        assert!(!said.out.contains(['\u{202e}', '\u{9b}']), "{more:?}: {:?}", said.out);
    }
}
