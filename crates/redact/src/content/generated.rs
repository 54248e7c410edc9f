//! Property tests: documents with secrets of all kinds, printed in all styles.

use proptest::prelude::*;

use super::{agreement, content};
use crate::MASK;
use yaml;

/// Part of every generated secret, and of nothing else.
const SECRET: &str = "s3cr3t";

/// A value of a document.
#[derive(Debug, Clone)]
enum Value {
    Text(String),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(entries.map(|(key, value)| (key.to_owned(), value)).to_vec())
}

/// Generates a secret, which may contain quotes and brackets.
fn secret() -> impl Strategy<Value = String> {
    "[A-Za-z0-9+/]{0,3}( [a-z]|[,\\]}:#'\"\\\\é☃-]){0,3}[a-z]{0,2}".prop_map(|rest| format!("{SECRET}{rest}"))
}

fn harmless() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        "",
        "true",
        "no",
        "4h0m0s",
        "012",
        "null",
        "/etc/kubernetes/pki/ca.crt",
        "a b: c # d",
        "x\ny",
    ])
    .prop_map(text)
}

/// Generates a mapping with a secret that is recognizable by its place.
fn with_secret() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec!["secret", "token", "password", "client-key-data", "clientSecret"]);
    (secret(), name, 0..8_usize).prop_map(|(secret, name, kind)| {
        let secret = Value::Text(secret);
        match kind {
            0 => map([("a", text("1")), (name, secret)]),
            1 => map([("name", text("API_TOKEN")), ("value", secret)]),
            2 => map([("value", secret), ("name", text("API_TOKEN"))]),
            3 => map([("command", Value::List(vec![text("x"), text("--token"), secret, text("--v=2")]))]),
            4 => map([(name, Value::List(vec![secret.clone(), secret]))]),
            5 => map([("args", Value::List(vec![text(&format!("--password={SECRET}x")), text("--a=b")]))]),
            6 => map([("url", text(&format!("https://u:{SECRET}@h/x")))]),
            _ => map([("Authorization", Value::List(vec![text(&format!("Basic {SECRET}12"))]))]),
        }
    })
}

fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![harmless(), with_secret(), with_secret()];
    let inner = leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            prop::collection::vec(inner, 0..4).prop_map(|values| {
                let keys = ["kind", "a b", "spec", "it's"].map(str::to_owned);
                Value::Map(keys.into_iter().zip(values).collect())
            }),
        ]
    });
    (with_secret(), inner).prop_map(|(first, second)| map([("first", first), ("second", second)]))
}

/// Prints a document in styles chosen by `chance`.
struct Printer {
    chance: Vec<u8>,
    at: usize,
    anchors: Vec<(String, String)>,
    text: String,
}

impl Printer {
    fn print(value: &Value, chance: Vec<u8>) -> String {
        let mut printer = Self { chance, at: 0, anchors: Vec::new(), text: String::new() };
        if printer.one_of(2) == 0 {
            printer.text.push_str("# of a node\n---\n");
        }
        if printer.one_of(3) == 0 {
            printer.flow(value, &[" ", "\n ", ""]);
        } else {
            printer.block(value, 0);
        }
        if !printer.text.ends_with('\n') {
            printer.text.push('\n');
        }
        let breaks = printer.pick(&["\n", "\r\n", "\r"]);
        printer.text.replace('\n', breaks)
    }

    fn one_of(&mut self, number: usize) -> usize {
        self.at += 1;
        self.chance.get(self.at % self.chance.len().max(1)).map_or(0, |chance| usize::from(*chance) % number)
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.one_of(of.len())]
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Prints a mapping or list in block style, starting on the current line.
    fn block(&mut self, value: &Value, indent: usize) {
        let pad = " ".repeat(indent);
        match value {
            Value::Map(entries) if !entries.is_empty() => {
                for (index, (key, value)) in entries.iter().enumerate() {
                    self.push(if index > 0 { &pad } else { "" });
                    match self.one_of(6) {
                        0 => {
                            self.push("? ");
                            self.key(key);
                            self.push(&format!("\n{pad}:"));
                        }
                        1 => {
                            self.key(key);
                            self.push(" :");
                        }
                        _ => {
                            self.key(key);
                            self.push(":");
                        }
                    }
                    self.below(value, indent + 2);
                }
            }
            Value::List(items) if !items.is_empty() => {
                for (index, item) in items.iter().enumerate() {
                    self.push(if index > 0 { &pad } else { "" });
                    self.push("-");
                    self.below(item, indent + 2);
                }
            }
            value => {
                self.flow(value, &[" "]);
                self.push("\n");
            }
        }
    }

    /// Prints a value behind a key or a dash.
    fn below(&mut self, value: &Value, indent: usize) {
        let pad = " ".repeat(indent);
        match value {
            Value::Text(said) => {
                self.push(" ");
                self.scalar(said, Some(indent));
                let end = self.pick(&["\n", "\n", " # a remark\n"]);
                self.push(if self.text.ends_with('\n') { "" } else { end });
            }
            Value::List(items) if items.is_empty() => self.push(" []\n"),
            Value::Map(entries) if entries.is_empty() => self.push(" {}\n"),
            value if self.one_of(3) == 0 => {
                self.push(" ");
                self.flow(value, &[" ", "", &format!("\n{pad}")]);
                self.push("\n");
            }
            value => {
                self.push(&format!("\n{pad}"));
                self.block(value, indent);
            }
        }
    }

    fn flow(&mut self, value: &Value, gaps: &[&str]) {
        match value {
            Value::Text(said) => self.scalar(said, None),
            Value::List(items) => {
                self.push("[");
                for item in items {
                    let gap = self.pick(gaps);
                    self.push(gap);
                    self.flow(item, gaps);
                    self.push(",");
                }
                self.push("]");
            }
            Value::Map(entries) => {
                self.push("{");
                for (key, value) in entries {
                    let (before, behind) = (self.pick(gaps), self.pick(gaps));
                    self.push(before);
                    self.push(&format!("\"{key}\""));
                    let colon = self.pick(&[":", ":", " :"]);
                    self.push(colon);
                    self.push(if behind.is_empty() { " " } else { behind });
                    self.flow(value, gaps);
                    self.push(",");
                }
                self.push("}");
            }
        }
    }

    fn key(&mut self, key: &str) {
        let escaped = key.chars().fold(String::new(), |text, letter| format!("{text}\\u{:04x}", u32::from(letter)));
        let written = match self.one_of(4) {
            0 => format!("\"{key}\""),
            1 => format!("\"{escaped}\""),
            2 => format!("'{}'", key.replace('\'', "''")),
            _ => key.to_owned(),
        };
        self.push(&written);
    }

    /// Prints a scalar; `indent` is set only where block style is allowed.
    fn scalar(&mut self, said: &str, indent: Option<usize>) {
        if let Some((_, anchor)) = self.anchors.iter().find(|(known, _)| known == said)
            && said.contains(SECRET)
        {
            let alias = format!("*{anchor} ");
            return self.push(&alias);
        }
        if self.one_of(5) == 0 {
            let anchor = format!("a{}", self.anchors.len());
            self.push(&format!("&{anchor} "));
            self.anchors.push((said.to_owned(), anchor));
        }
        let tag = self.pick(&["", "", "", "!!str "]);
        self.push(tag);
        let is_plain = !said.is_empty()
            && !said.contains([',', ']', '}', '{', '[', ':', '#', '\'', '"', '\\', '\n'])
            && said.trim() == said;
        let double = serde_json::to_string(said).expect("text");
        let pad = format!("\n{}", " ".repeat(indent.unwrap_or(1)));
        match (self.one_of(6), indent) {
            (0 | 1, _) if is_plain => self.push(said),
            (2, Some(_)) if is_plain => self.push(&said.replace(' ', &pad)),
            (2, Some(_)) => self.push(&double.replace(' ', &pad)),
            (3, Some(_)) if said.trim() == said && !said.is_empty() => {
                let header = self.pick(&["|", "|-", ">", ">-", "|+"]);
                self.push(&format!("{header}{pad}{}\n", said.replace('\n', &pad)));
            }
            (4, _) if !said.contains('\n') => self.push(&format!("'{}'", said.replace('\'', "''"))),
            _ => self.push(&double),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_secret_survives_and_all_else_does(tree in tree(), chance in prop::collection::vec(any::<u8>(), 1..64)) {
        let printed = Printer::print(&tree, chance);
        let parsed = yaml::parse(&printed);
        prop_assert!(parsed.is_ok(), "{parsed:?}\n{printed}");
        prop_assert!(printed.contains(SECRET));
        let masked = content(printed.as_bytes());
        prop_assert!(masked.is_ok(), "{masked:?}\n{printed}");
        let masked = String::from_utf8(masked.unwrap_or_default()).expect("text");
        prop_assert!(!masked.contains(SECRET), "{printed}\n{masked}");
        prop_assert!(masked.contains(MASK), "{printed}\n{masked}");
        prop_assert!(agreement::holds(printed.as_bytes(), masked.as_bytes()), "{printed}\n{masked}");
        let again = content(masked.as_bytes());
        prop_assert_eq!(again.as_deref(), Ok(masked.as_bytes()));
    }

    #[test]
    fn whatever_a_text_is_masking_ends_and_keeps_its_lines(
        text in r#"(token|password|secret|name: API_TOKEN|value|Authorization|Bearer |-----BEGIN RSA PRIVATE KEY-----|-----END |https://a:b@|--token|[a-c:=,'"\\{}\[\]&*!|>?#%@~-]|\n|\n  |\n- |: | |\t|\r|\u{2028}|\u{feff}|é){0,30}"#,
    ) {
        let Ok(masked) = content(text.as_bytes()) else { return Ok(()) };
        let masked = String::from_utf8(masked).expect("text");
        prop_assert_eq!(masked.split('\n').count(), text.split('\n').count());
        let again = content(masked.as_bytes());
        prop_assert_eq!(again.as_deref(), Ok(masked.as_bytes()));
        prop_assert!(masked == text || agreement::holds(text.as_bytes(), masked.as_bytes()));
    }
}
