//! What was expected, as a small tree.

use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// What is expected of what a check looks at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Expectation {
    /// Each of these must hold.
    All(Vec<Self>),
    /// One of these must hold.
    Any(Vec<Self>),
    /// Of a setting.
    Setting {
        /// Which.
        subject: Subject,
        /// What of it.
        requirement: Requirement,
    },
    /// Of each file.
    File {
        /// No permission bits beyond these (octal).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<String>,
        /// The owner: `root:root`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<String>,
        /// The users of whom one owns it, whatever its group; anyone where there are none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        owned_by: Vec<String>,
        /// What each certificate in it must be.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        certificate: Option<Requirement>,
        /// What it must say, in words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content: Option<String>,
        /// Whether there must be none.
        #[serde(default, skip_serializing_if = "is_false")]
        absent: bool,
        /// Whether the check says nothing where there is no such file.
        optional: bool,
    },
    /// Of the objects of the cluster, in the words of the control.
    Objects(String),
    /// In the words of a rule file.
    Phrase(String),
}

/// A setting, under each of the names that it goes by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// The flag: `--anonymous-auth`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
    /// The key path in the component's configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The entry of a map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// The key in a file that an argument names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileKey>,
}

/// A key in a file that is named by an argument or found at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FileKey {
    /// The argument that names the file, or the file's path.
    pub file: String,
    /// The key path.
    pub key: String,
}

/// What is required of one value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Each must hold.
    pub conditions: Vec<Condition>,
    /// Whether it is met too where nothing sets the value.
    #[serde(default, skip_serializing_if = "is_false")]
    pub or_not_set: bool,
}

/// A comparison with a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// How it is compared.
    pub operator: Operator,
    /// With what.
    pub value: Value,
}

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Operator {
    /// Equal.
    Is,
    /// Not equal.
    IsNot,
    /// At least.
    AtLeast,
    /// At most.
    AtMost,
    /// The list has each of these.
    Includes,
    /// The list has none of these.
    Excludes,
    /// The list has nothing but these.
    Only,
    /// An address of one of these hosts.
    Host,
    /// Set (true) or not set (false).
    Set,
    /// A value different from that of this setting.
    DiffersFrom,
    /// No permission bits beyond these (octal).
    ModeAtMost,
    /// Owned by one of these users.
    OwnedBy,
    /// There is such a file (true), or none (false).
    Exists,
    /// A certificate that is valid, and for so many days more.
    DaysLeft,
    /// The same of the certificate of a CA.
    CaDaysLeft,
    /// A certificate whose subject names this organization.
    SubjectGroup,
}

/// A value to compare with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Value {
    /// A truth value.
    Bool(bool),
    /// A number.
    Integer(i64),
    /// A text.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl fmt::Display for Value {
    /// As it is given as an argument: lists joined by commas.
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
