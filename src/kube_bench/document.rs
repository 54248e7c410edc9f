//! The output of an audit's configuration command as a document: JSON, or else YAML as gopkg.in/yaml.v2 reads it.

use serde::Deserialize as _;
use serde::de::IgnoredAny;
use serde_json::Value as Json;
use sorting::Sorting;

use yaml::{Content, Entry, Node, Plain};

/// A value of a document.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Boolean(bool),
    /// An integer in YAML, in decimal.
    Whole(String),
    /// Any other YAML number, or any JSON number.
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
    /// A YAML mapping, which Go cannot marshal to JSON. Keys may be of any type; only strings have a name.
    YamlMap(Vec<(Option<String>, Value)>),
}

/// The approximate maximum number of values in a document. Parsed values take many times the memory of their text.
const MOST_VALUES: usize = 30_000;
/// The maximum size of a document, in bytes.
const MOST_BYTES: usize = 1 << 20;

/// Why the output is too large to parse as a document, or `None` if it is not.
pub(super) fn too_large(text: &str) -> Option<String> {
    let is_begin = |byte: &u8| matches!(byte, b',' | b'[' | b'{' | b':' | b'\n');
    if text.len() <= MOST_VALUES
        || (text.len() <= MOST_BYTES && text.bytes().filter(is_begin).count() <= 2 * MOST_VALUES)
    {
        return None;
    }
    let most = MOST_BYTES >> 20;
    Some(format!(
        "the audit prints a document of more than {most} MiB or {MOST_VALUES} values, the limit (check it \
         by hand)"
    ))
}

/// Parses the output of an audit; the error says why it is neither JSON nor YAML.
pub(super) fn read(text: &str) -> Result<Value, String> {
    if let Ok(json) = serde_json::from_str::<Json>(text) {
        return Ok(from_json(json));
    }
    // serde_yaml decides which texts are valid YAML, since it is closest to kube-bench's library: whether the message
    // of a failed command is a document depends on where its colons are.
    if let Some(document) = serde_yaml::Deserializer::from_str(text).next() {
        IgnoredAny::deserialize(document).map_err(|error| error.to_string())?;
    }
    let document = yaml::parse(text).map_err(|fault| format!("line {}: {}", fault.line, fault.message))?;
    Ok(document.root.map_or(Value::Null, |root| from_yaml(&root)))
}

fn from_json(json: Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Boolean(value),
        Json::Number(number) => Value::Number(number.as_f64().unwrap_or(f64::INFINITY)),
        Json::String(text) => Value::Text(text),
        Json::Array(items) => Value::List(items.into_iter().map(from_json).collect()),
        Json::Object(entries) => Value::Map(entries.into_iter().map(|(key, value)| (key, from_json(value))).collect()),
    }
}

fn from_yaml(node: &Node) -> Value {
    match &node.content {
        Content::Scalar { text, plain: true } => match plain(text) {
            Plain::Null => Value::Null,
            Plain::Boolean(value) => Value::Boolean(value),
            Plain::Whole(whole) => Value::Whole(whole.to_string()),
            Plain::Number(number) => Value::Number(number),
            Plain::Text(text) => Value::Text(text.to_owned()),
        },
        Content::Scalar { text, .. } => Value::Text(text.clone()),
        Content::List(items) => Value::List(items.iter().map(|item| from_yaml(item)).collect()),
        Content::Map(entries) => {
            Value::YamlMap(entries.iter().map(|entry| (name(entry), from_yaml(&entry.value))).collect())
        }
    }
}

/// The value of an unquoted scalar, including the infinities and NaN that Go accepts.
fn plain(text: &str) -> Plain<'_> {
    match text {
        ".nan" | ".NaN" | ".NAN" => Plain::Number(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Plain::Number(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Plain::Number(f64::NEG_INFINITY),
        _ => Plain::of(text),
    }
}

/// The name under which a key can be looked up. Unquoted keys such as `on` or `443` are not strings and have none.
fn name(entry: &Entry) -> Option<String> {
    let is_text = !entry.plain || matches!(plain(&entry.key), Plain::Text(_));
    is_text.then(|| entry.key.clone())
}

impl Value {
    /// The value of a key, if this is a mapping.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value),
            Self::YamlMap(entries) => {
                entries.iter().rev().find(|(name, _)| name.as_deref() == Some(key)).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// The value as Go prints it; lists and mappings as JSON. The error says what cannot be printed.
    pub(super) fn printed(&self) -> Result<String, String> {
        Ok(match self {
            Self::Null => "null".to_owned(),
            Self::Boolean(value) => value.to_string(),
            Self::Whole(digits) => digits.clone(),
            Self::Number(number) => go_float(*number, 6),
            Self::Text(text) => text.clone(),
            Self::List(_) | Self::Map(_) | Self::YamlMap(_) => self.to_json()?,
        })
    }

    fn to_json(&self) -> Result<String, String> {
        Ok(match self {
            Self::Null | Self::Boolean(_) | Self::Whole(_) => self.printed()?,
            Self::Number(number) if number.is_finite() => go_float(*number, 21),
            Self::Number(number) => return Err(format!("{} is not a JSON number", go_float(*number, 21))),
            Self::Text(text) => Json::from(text.as_str()).to_string(),
            Self::List(items) => {
                let items = items.iter().map(Self::to_json).collect::<Result<Vec<_>, _>>()?;
                format!("[{}]", items.join(","))
            }
            Self::Map(entries) => {
                let mut entries: Vec<_> = entries.iter().collect();
                entries.order_by(|(one, _), (other, _)| one.cmp(other));
                let entries = entries
                    .into_iter()
                    .map(|(key, value)| Ok(format!("{}:{}", Json::from(key.as_str()), value.to_json()?)))
                    .collect::<Result<Vec<_>, String>>()?;
                format!("{{{}}}", entries.join(","))
            }
            Self::YamlMap(_) => return Err("a YAML mapping cannot be printed (name one of its keys)".to_owned()),
        })
    }
}

/// Formats a number with the fewest digits that identify it, with an exponent if it has more than `most` digits before
/// the point or is less than 1e-4.
fn go_float(number: f64, most: i32) -> String {
    if !number.is_finite() {
        return if number.is_nan() {
            "NaN"
        } else if number > 0.0 {
            "+Inf"
        } else {
            "-Inf"
        }
        .to_owned();
    }
    let written = format!("{number:e}");
    let Some((digits, exponent)) = written.split_once('e') else { return written };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if number != 0.0 && (exponent < -4 || exponent >= most) {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{digits}e{sign}{:02}", exponent.abs())
    } else {
        format!("{number}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_large_or_has_many_values_is_not_read() {
        assert_eq!(too_large(&"a: b\n".repeat(1000)), None);
        assert_eq!(too_large(&"x".repeat(MOST_BYTES)), None);
        for text in [
            "x".repeat(MOST_BYTES + 1),
            format!("[{}1]", "1,".repeat(2 * MOST_VALUES)),
            "\n".repeat(2 * MOST_VALUES + 1),
        ] {
            assert!(too_large(&text).is_some_and(|why| why.contains("more than 1 MiB or 30000 values")));
        }
    }

    #[test]
    fn values_are_printed_as_go_prints_them() {
        for (text, expected) in [
            ("a: 5", "5"),
            ("a: 0640", "416"),
            ("a: 0x1F", "31"),
            ("a: -1", "-1"),
            ("a: 1_000", "1000"),
            ("a: 1.50", "1.5"),
            ("a: 10000000.0", "1e+07"),
            ("a: 0.00001", "1e-05"),
            ("a: no", "false"),
            ("a: 'no'", "no"),
            ("a: On", "true"),
            ("a: 4h0m0s", "4h0m0s"),
            ("a: 1.2.3", "1.2.3"),
            ("a: ~", "null"),
            ("a: .inf", "+Inf"),
            ("a: -.INF", "-Inf"),
            ("a: .NaN", "NaN"),
            ("a: [x, 1, no]", r#"["x",1,false]"#),
            (r#"{"a": 5}"#, "5"),
            (r#"{"a": 4194304}"#, "4.194304e+06"),
            (r#"{"a": {"c": [1], "b": 4194304}}"#, r#"{"b":4194304,"c":[1]}"#),
        ] {
            let document = read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let value = document.get("a").unwrap_or_else(|| panic!("{text}"));
            assert_eq!(value.printed().as_deref(), Ok(expected), "{text}");
        }
    }

    /// Which keys are strings was checked against gopkg.in/yaml.v2.
    #[test]
    fn keys_that_are_no_texts_have_no_name() {
        for key in [
            "y",
            "Y",
            "yes",
            "Yes",
            "on",
            "ON",
            "true",
            "True",
            "n",
            "N",
            "no",
            "NO",
            "off",
            "Off",
            "false",
            "FALSE",
            "~",
            "null",
            "Null",
            "1",
            "-1",
            "+1",
            "443",
            "0x1F",
            "0777",
            "0o17",
            "0b1",
            "1_000",
            "1.5",
            ".5",
            "1.",
            "1e3",
            ".inf",
            "-.inf",
            ".NaN",
            "18446744073709551616",
        ] {
            let document = read(&format!("{key}: found\n")).expect("YAML");
            assert_eq!(document.get(key), None, "{key}");
            for quote in ['"', '\''] {
                let document = read(&format!("{quote}{key}{quote}: found\n")).expect("YAML");
                assert_eq!(document.get(key), Some(&Value::Text("found".to_owned())), "{quote}{key}{quote}");
            }
            // In JSON every key is a string.
            let document = read(&format!("{{\"{key}\": \"found\"}}")).expect("JSON");
            assert_eq!(document.get(key), Some(&Value::Text("found".to_owned())), "{key} in JSON");
        }
        for key in
            ["yEs", "oN", "a.b", "1.2.3", "2001-01-01", "12:30:45", "0b", "08x", "e3", "x1", ".", "-a", "!!str on"]
        {
            let document = read(&format!("{key}: found\n")).expect("YAML");
            let name = key.trim_start_matches("!!str ");
            assert_eq!(document.get(name), Some(&Value::Text("found".to_owned())), "{key}");
        }
    }

    #[test]
    fn what_is_no_document_is_told() {
        for text in ["cat: /x: no such file", "a: [1", "a:\n\tb: 1", "a: &b"] {
            let read = read(text);
            assert_eq!(read.is_err(), text != "a: &b", "{text}: {read:?}");
        }
        assert!(read("a: [.inf]").expect("YAML").get("a").expect("a").printed().is_err());
        let map = read("a: {b: 1}").expect("YAML");
        assert!(map.get("a").expect("a").printed().is_err());
        assert_eq!(read("some words"), Ok(Value::Text("some words".to_owned())));
    }
}
