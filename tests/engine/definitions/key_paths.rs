//! Parsing of key paths.

use definitions::benchmark::{KeyPath, Step};
use proptest::prelude::*;

fn key(name: &str) -> Step {
    Step::Key(name.to_owned())
}

#[test]
fn paths_are_read_step_by_step() {
    let choice = |key: &str, values: &[&str]| Step::Where {
        key: key.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    let table = [
        ("a", vec![key("a")]),
        ("a.b", vec![key("a"), key("b")]),
        ("client-transport-security.cert-file", vec![key("client-transport-security"), key("cert-file")]),
        ("a[*].b", vec![key("a"), Step::Every, key("b")]),
        ("a[0]", vec![key("a"), Step::Item(0)]),
        ("a[12][*]", vec![key("a"), Step::Item(12), Step::Every]),
        (
            "resources[resources=secrets|*.*].providers[0]~",
            vec![
                key("resources"),
                choice("resources", &["secrets", "*.*"]),
                key("providers"),
                Step::Item(0),
                Step::Names,
            ],
        ),
        ("a[b=1=2]", vec![key("a"), choice("b", &["1=2"])]),
        ("featureGates.0x", vec![key("featureGates"), key("0x")]),
    ];
    for (text, steps) in table {
        let path: KeyPath = text.parse().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(path.0, steps, "{text}");
        assert_eq!(path.to_string(), text);
    }
}

#[test]
fn what_is_no_path_says_where() {
    let table = [
        ("", 1),
        (".a", 1),
        ("[0]", 1),
        ("a.", 2),
        ("a..b", 2),
        ("a b", 2),
        ("a[", 2),
        ("a[]", 2),
        ("a[x]", 2),
        ("a[b=]", 2),
        ("a[b=c|]", 2),
        ("a[-1]", 2),
        ("a~b", 3),
        ("a~~", 3),
        ("ä.", 2),
        ("a[99999999999999999999999]", 2),
    ];
    for (text, character) in table {
        let error = text.parse::<KeyPath>().expect_err(text);
        let said = format!("key path {text:?} cannot be parsed from character {character} on");
        assert_eq!(error.to_string(), said);
    }
}

proptest! {
    #[test]
    fn what_is_read_is_written_again(text in "\\PC{0,24}|[a-c.\\[\\]*0-9=|~-]{0,24}") {
        if let Ok(path) = text.parse::<KeyPath>() {
            let written = path.to_string();
            prop_assert_eq!(written.parse::<KeyPath>(), Ok(path));
        }
    }
}
