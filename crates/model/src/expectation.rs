//! Expectations, as a small tree.

use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// What a check expects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Expectation {
    /// All of these must hold.
    All(Vec<Self>),
    /// At least one of these must hold.
    Any(Vec<Self>),
    /// An expectation for a setting.
    Setting {
        /// The setting.
        subject: Subject,
        /// What is required of its value.
        requirement: Requirement,
    },
    /// An expectation for each file.
    File {
        /// The permission bits allowed, as octal digits: `600`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<String>,
        /// The owner and group: `root:root`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<String>,
        /// The users one of which must own the file, whatever its group; empty if any user may.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        owned_by: Vec<String>,
        /// What is required of each certificate in the file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        certificate: Option<Requirement>,
        /// What the file must contain, as text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content: Option<String>,
        /// Whether the file must not exist.
        #[serde(default, skip_serializing_if = "is_false")]
        absent: bool,
        /// Whether the check does not apply if the file does not exist.
        optional: bool,
    },
    /// An expectation for objects in the cluster, as the control's text.
    Objects(String),
    /// An expectation of a rule file, as text.
    Phrase(String),
}

/// A setting, by each of its names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// The flag: `--anonymous-auth`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
    /// The key path in the component's configuration file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The entry, if the setting is a map: a feature gate's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// The key in a file that an argument names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileKey>,
}

/// A key in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FileKey {
    /// The flag that names the file, or the file's path.
    pub file: String,
    /// The key path.
    pub key: String,
}

/// The conditions for a value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// The conditions, all of which must hold.
    pub conditions: Vec<Condition>,
    /// Whether the requirement is also met if nothing sets the value.
    #[serde(default, skip_serializing_if = "is_false")]
    pub or_not_set: bool,
}

/// A comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// How the value is compared.
    pub operator: Operator,
    /// The operand.
    pub value: Value,
}

/// How a value is compared with the operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Operator {
    /// The value equals the operand.
    Is,
    /// The value does not equal the operand.
    IsNot,
    /// The value is at least the operand.
    AtLeast,
    /// The value is at most the operand.
    AtMost,
    /// The list contains each of these items.
    Includes,
    /// The list contains none of these items.
    Excludes,
    /// The list contains only these items.
    Only,
    /// The host of the address is one of these.
    Host,
    /// The value is set (true) or not set (false).
    Set,
    /// The value differs from that of the setting that the operand names.
    DiffersFrom,
    /// The file has no permission bits other than these (octal).
    ModeAtMost,
    /// The file is owned by one of these users.
    OwnedBy,
    /// The file exists (true) or does not exist (false).
    Exists,
    /// The certificate is valid, and for at least this many more days.
    DaysLeft,
    /// The same for a CA certificate.
    CaDaysLeft,
    /// The certificate's subject has this organization (`O`).
    SubjectGroup,
}

/// The operand of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Value {
    /// A boolean.
    Bool(bool),
    /// An integer.
    Integer(i64),
    /// A string.
    Text(String),
    /// A list of strings.
    List(Vec<String>),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl fmt::Display for Value {
    /// Writes the value as it would be given as an argument: lists joined by commas.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(truth) => truth.fmt(f),
            Self::Integer(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::List(items) => f.write_str(&items.join(",")),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a truth value, an integer, a string or a list of strings")
            }

            fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
                Ok(Value::Bool(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
                Ok(Value::Integer(value))
            }

            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
                let number = i64::try_from(value);
                number.map(Value::Integer).map_err(|_| E::invalid_value(serde::de::Unexpected::Unsigned(value), &self))
            }

            fn visit_str<E>(self, value: &str) -> Result<Value, E> {
                Ok(Value::Text(value.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                Ok(Value::List(list))
            }
        }

        deserializer.deserialize_any(Any)
    }
}
