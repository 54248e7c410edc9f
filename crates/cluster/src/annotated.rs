//! Object metadata with selected annotations.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::nullable::nullable;

/// The most bytes kept of a value; longer ones are truncated.
const LONGEST: usize = 4096;

/// Selects the annotations that are kept for a kind.
pub trait Looked {
    /// Whether the annotation with this key is kept.
    fn is_looked_at(key: &str) -> bool;

    /// The part of the value that is kept; by default all of it.
    fn kept(_key: &str, value: String) -> String {
        value
    }
}

/// The metadata of an object, with only the annotations kept for its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, bound = "K: Looked")]
pub struct AnnotatedMeta<K> {
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    /// The namespace; empty for cluster-scoped kinds.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// The annotations.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Annotations::is_empty")]
    pub annotations: Annotations<K>,
}

impl<K> Default for AnnotatedMeta<K> {
    fn default() -> Self {
        Self { name: String::new(), namespace: String::new(), annotations: Annotations::default() }
    }
}

/// Annotations by key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotations<K>(BTreeMap<String, String>, PhantomData<K>);

impl<K> Default for Annotations<K> {
    fn default() -> Self {
        Self(BTreeMap::new(), PhantomData)
    }
}

impl<K> Annotations<K> {
    /// Whether there are no annotations.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// An annotation's value, trimmed; `None` if it is unset or empty.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// All annotations.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

impl<K> Serialize for Annotations<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, K: Looked> Deserialize<'de> for Annotations<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Kept<K>(PhantomData<K>);
        impl<'de, K: Looked> Visitor<'de> for Kept<K> {
            type Value = Annotations<K>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of strings")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Annotations<K>, A::Error> {
                let mut kept = BTreeMap::new();
                while let Some(key) = map.next_key::<String>()? {
                    if K::is_looked_at(&key) {
                        let value = map.next_value::<Option<String>>()?.unwrap_or_default();
                        let mut value = K::kept(&key, value);
                        value.truncate(value.floor_char_boundary(LONGEST));
                        kept.insert(key, value);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(Annotations(kept, PhantomData))
            }
        }
        deserializer.deserialize_map(Kept(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::{AnnotatedMeta, LONGEST, Looked};

    #[derive(Debug, PartialEq)]
    struct Role;

    impl Looked for Role {
        fn is_looked_at(key: &str) -> bool {
            key == "role"
        }
    }

    #[test]
    fn only_what_is_looked_at_is_kept() {
        let table = [
            (
                r#"{"name":"a","annotations":{"role":" x ","other":"hidden","number":3}}"#,
                Some("x"),
                r#"{"name":"a","annotations":{"role":" x "}}"#,
            ),
            (
                r#"{"name":"a","namespace":"b","annotations":null,"labels":{"a":"hidden"}}"#,
                None,
                r#"{"name":"a","namespace":"b"}"#,
            ),
            (r#"{"name":"a","annotations":{"role":null}}"#, None, r#"{"name":"a","annotations":{"role":""}}"#),
        ];
        for (json, role, written) in table {
            let meta: AnnotatedMeta<Role> = serde_json::from_str(json).expect("metadata");
            assert_eq!(meta.annotations.get("role"), role, "{json}");
            assert_eq!(serde_json::to_string(&meta).expect("JSON"), written);
        }
        let long = format!(r#"{{"annotations":{{"role":"a{}"}}}}"#, "é".repeat(LONGEST));
        let meta: AnnotatedMeta<Role> = serde_json::from_str(&long).expect("metadata");
        assert_eq!(meta.annotations.get("role").map(str::len), Some(LONGEST - 1), "cut between characters");
        for json in [r#"{"annotations":{"role":3}}"#, r#"{"annotations":[]}"#, r#"{"annotations":"role"}"#] {
            assert!(serde_json::from_str::<AnnotatedMeta<Role>>(json).is_err(), "{json}");
        }
    }
}
