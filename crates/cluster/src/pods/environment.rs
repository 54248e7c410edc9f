//! The relevant properties of a container's environment variables. Values are examined while parsing, and never kept.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::lenient::Present;
use super::object::{object, objects};
use crate::nullable::nullable;

/// Variables that contain an AWS access key.
pub const AWS_KEYS: [&str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/// Variables that refer to the role of a service account: IAM roles for service accounts, and EKS Pod Identity.
pub const AWS_ROLES: [&str; 2] = ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];

/// The most variables listed by name per container.
const MOST_NAMED: usize = 20;

/// The most characters kept of a variable's name.
const MOST_OF_NAME: usize = 128;

/// The placeholder in recordings for a value that is not kept.
const NOT_KEPT: &str = "not kept";

/// The environment variables of a container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// Whether a variable is set from a Secret (`valueFrom.secretKeyRef`).
    pub from_secret: bool,
    /// The variables of [`AWS_KEYS`] and [`AWS_ROLES`] that are set.
    pub aws: BTreeSet<&'static str>,
    /// The variables with a secret's name and a literal value, in order.
    pub literal: Vec<String>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Variable {
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "Value::is_none")]
    value: Value,
    #[serde(deserialize_with = "object", skip_serializing_if = "ValueFrom::is_none")]
    value_from: ValueFrom,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ValueFrom {
    secret_key_ref: Option<Present>,
}

impl ValueFrom {
    const fn is_none(&self) -> bool {
        self.secret_key_ref.is_none()
    }
}

/// Whether a value is a literal, not empty or just a reference to another variable.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Value {
    #[default]
    None,
    Literal,
}

impl Value {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(NOT_KEPT)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Look;
        impl<'de> Visitor<'de> for Look {
            type Value = Value;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_str<E>(self, value: &str) -> Result<Value, E> {
                // A single reference to another variable does not count.
                let refers = value.starts_with("$(") && value.ends_with(')') && value.matches("$(").count() == 1;
                Ok(if value.trim().is_empty() || refers { Value::None } else { Value::Literal })
            }
            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::None)
            }
            fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
                Ok(Value::None)
            }
            fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
                Ok(Value::None)
            }
            fn visit_u64<E>(self, _: u64) -> Result<Value, E> {
                Ok(Value::None)
            }
            fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
                Ok(Value::None)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Value::None)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Value::None)
            }
        }
        deserializer.deserialize_any(Look)
    }
}

impl<'de> Deserialize<'de> for Environment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let variables: Vec<Variable> = objects(deserializer)?;
        let mut environment = Self::default();
        for variable in variables {
            let of_aws = AWS_KEYS.into_iter().chain(AWS_ROLES).find(|name| *name == variable.name);
            environment.aws.extend(of_aws);
            environment.from_secret |= variable.value_from.secret_key_ref.is_some();
            let is_secret = variable.value == Value::Literal && is_secret(&variable.name);
            if is_secret && environment.literal.len() < MOST_NAMED {
                environment.literal.push(variable.name);
            }
        }
        Ok(environment)
    }
}

impl Serialize for Environment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let secret = || Variable { value_from: ValueFrom { secret_key_ref: Some(Present) }, ..Variable::default() };
        let named = |name: &str, value| Variable { name: name.to_owned(), value, ..Variable::default() };
        let is_literal = |name: &&&str| self.literal.iter().any(|own| own == **name);
        let of_aws = self.aws.iter().filter(|name| !is_literal(name)).map(|name| named(name, Value::None));
        let literal = self.literal.iter().map(|name| named(name, Value::Literal));
        serializer.collect_seq(self.from_secret.then(secret).into_iter().chain(of_aws).chain(literal))
    }
}

/// Whether a variable's name indicates a secret, by its last words. `PASSWORD_FILE`, `TOKEN_URL` and `ACCESS_KEY_ID`
/// do not.
fn is_secret(name: &str) -> bool {
    const NOUNS: [&str; 9] =
        ["apikey", "credential", "credentials", "passphrase", "passwd", "password", "secret", "secretkey", "token"];
    /// The words before `key` that indicate a secret.
    const KEYS: [&str; 8] = ["access", "account", "api", "encryption", "private", "secret", "shared", "signing"];
    if name.len() > MOST_OF_NAME {
        return false;
    }
    let words = words(name);
    match words.as_slice() {
        [.., last] if NOUNS.contains(&last.as_str()) => true,
        // `PWD` alone is the working directory.
        [_, .., last] if last == "pwd" => true,
        [.., of, last] if last == "key" => KEYS.contains(&of.as_str()),
        _ => false,
    }
}

/// The words of a name in lower case: the same for `DB_PASSWORD`, `db-password` and `dbPassword`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = '_';
    for letter in name.chars() {
        let begins = !last.is_alphanumeric() || (letter.is_uppercase() && last.is_lowercase());
        if letter.is_alphanumeric() {
            match words.last_mut() {
                Some(word) if !begins => word.extend(letter.to_lowercase()),
                _ => words.push(letter.to_lowercase().collect()),
            }
        }
        last = letter;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{Environment, is_secret};

    #[test]
    fn names_of_secrets_are_told_by_their_last_words() {
        let table = [
            ("PASSWORD", true),
            ("DB_PASSWORD", true),
            ("dbPassword", true),
            ("db.password", true),
            ("MYSQL_PWD", true),
            ("PWD", false),
            ("OLDPWD", false),
            ("API_KEY", true),
            ("apiKey", true),
            ("AWS_SECRET_ACCESS_KEY", true),
            ("AWS_ACCESS_KEY_ID", false),
            ("PUBLIC_KEY", false),
            ("CACHE_KEY", false),
            ("GITHUB_TOKEN", true),
            ("TOKEN_URL", false),
            ("PASSWORD_FILE", false),
            ("SECRET_NAME", false),
            ("TOKENS", false),
            ("", false),
        ];
        for (name, expected) in table {
            assert_eq!(is_secret(name), expected, "{name}");
        }
    }

    #[test]
    fn values_are_judged_and_not_kept() {
        let table = [
            (r#"[{"name":"PASSWORD","value":"canary"}]"#, false, &["PASSWORD"][..]),
            (r#"[{"name":"PASSWORD","value":""},{"name":"TOKEN"}]"#, false, &[]),
            (r#"[{"name":"PASSWORD","value":"$(OTHER)"}]"#, false, &[]),
            (r#"[{"name":"PASSWORD","value":"$(USER)-canary"}]"#, false, &["PASSWORD"]),
            (r#"[{"name":"PASSWORD","value":"$(A)$(B)"}]"#, false, &["PASSWORD"]),
            (r#"[{"name":"PASSWORD","value":null},null]"#, false, &[]),
            (r#"[{"name":"PASSWORD","valueFrom":{"secretKeyRef":{"name":"canary","key":"k"}}}]"#, true, &[]),
            (r#"[{"name":"LEVEL","value":"canary"}]"#, false, &[]),
            ("null", false, &[]),
        ];
        for (text, from_secret, literal) in table {
            let read: Environment = serde_json::from_str(text).expect(text);
            assert_eq!(
                (read.from_secret, read.literal.as_slice()),
                (from_secret, &literal.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()[..]),
                "{text}"
            );
            let written = serde_json::to_string(&read).expect("JSON");
            assert!(!written.contains("canary"), "{written}");
            assert_eq!(serde_json::from_str::<Environment>(&written).expect("it is read back"), read, "{text}");
        }
    }

    #[test]
    fn no_more_names_are_kept_than_are_told() {
        let many = (0..1_000).map(|number| format!(r#"{{"name":"N{number}_TOKEN","value":"x"}}"#));
        let text = format!("[{}]", many.collect::<Vec<_>>().join(","));
        let read: Environment = serde_json::from_str(&text).expect("a list");
        assert_eq!(read.literal.len(), 20);
    }
}
