//! Rendering of titles and remediations.

use std::borrow::Cow;
use std::collections::BTreeMap;

use definitions::SharedText;
use definitions::benchmark::Value;
use definitions::benchmark::text::{Paths, render};

fn parameters() -> BTreeMap<SharedText, Value> {
    BTreeMap::from([
        ("at_most".into(), Value::Text("600".into())),
        ("suites".into(), Value::List(vec!["A".into(), "B".into()])),
        ("limit".into(), Value::Integer(30)),
        ("on".into(), Value::Bool(false)),
        ("hostile".into(), Value::Text("<b> & {{limit}}".into())),
    ])
}

fn paths() -> Paths {
    let places = BTreeMap::from([("manifest".into(), "/etc/kubernetes/manifests/a & b.yaml".into())]);
    Paths::from([("controller-manager".into(), places)])
}

#[test]
fn names_are_filled_in_as_they_are() {
    let table = [
        ("mode {{at_most}}", "mode 600"),
        ("{{suites}}", "A,B"),
        ("{{limit}} {{on}}", "30 false"),
        ("{{hostile}}", "<b> & {{limit}}"),
        ("chmod {{at_most}} {{controller-manager.manifest}}", "chmod 600 /etc/kubernetes/manifests/a & b.yaml"),
        ("two\nlines {{limit}}\n", "two\nlines 30\n"),
    ];
    for (text, filled) in table {
        assert_eq!(render(text, &parameters(), &paths()), filled);
    }
}

#[test]
fn texts_without_names_are_not_copied() {
    for text in ["plain", "--a={b}, <c> & \\d }}", ""] {
        assert!(matches!(render(text, &parameters(), &paths()), Cow::Borrowed(same) if same == text));
    }
}

#[test]
fn texts_that_cannot_be_filled_stay() {
    for text in ["{{unknown}}", "{{controller-manager.nowhere}}", "{{", "{{#if limit}}", "{{limit"] {
        assert_eq!(render(text, &parameters(), &paths()), text);
    }
}
