//! Label selectors.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::nullable::nullable;

/// A `LabelSelector`; an empty one selects everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LabelSelector {
    /// Labels that must have these values.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "BTreeMap::is_empty")]
    pub match_labels: BTreeMap<String, String>,
    /// Further requirements.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub match_expressions: Vec<Requirement>,
}

/// A requirement of a selector.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Requirement {
    /// The label.
    #[serde(deserialize_with = "nullable")]
    pub key: String,
    /// The operator: `In`, `NotIn`, `Exists` or `DoesNotExist`.
    #[serde(deserialize_with = "nullable")]
    pub operator: String,
    /// The values of `In` and `NotIn`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

impl LabelSelector {
    /// Whether it selects everything.
    pub fn is_everything(&self) -> bool {
        self.match_labels.is_empty() && self.match_expressions.is_empty()
    }

    /// Whether it selects an object with these labels. An unknown operator selects nothing.
    pub(crate) fn selects<K: Borrow<str> + Ord, V: AsRef<str>>(&self, labels: &BTreeMap<K, V>) -> bool {
        let has = |(key, value): (&String, &String)| labels.get(key.as_str()).is_some_and(|own| own.as_ref() == value);
        self.match_labels.iter().all(has) && self.match_expressions.iter().all(|requirement| requirement.holds(labels))
    }

    /// Like [`Self::selects`], but label keys and values in the selector may contain `*` and `?`.
    pub(crate) fn selects_by_pattern(&self, labels: &BTreeMap<&str, &str>) -> bool {
        let has = |(key, value): (&String, &String)| labels.iter().any(|(own, of)| glob(key, own) && glob(value, of));
        self.match_labels.iter().all(has) && self.match_expressions.iter().all(|requirement| requirement.holds(labels))
    }
}

impl Requirement {
    fn holds<K: Borrow<str> + Ord, V: AsRef<str>>(&self, labels: &BTreeMap<K, V>) -> bool {
        let value = labels.get(self.key.as_str());
        let is_among = value.is_some_and(|value| self.values.iter().any(|one| one == value.as_ref()));
        match self.operator.as_str() {
            "In" => is_among,
            "NotIn" => !is_among,
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            _ => false,
        }
    }
}

/// Whether a text matches a pattern with `*` (any text) and `?` (one character).
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    // Each character other than `*` consumes one of the text, so this bounds the work for long patterns.
    if pattern.iter().filter(|one| **one != '*').count() > text.len() {
        return false;
    }
    let (mut at, mut of) = (0, 0);
    // The position after the last `*`, and the position in the text that it has reached.
    let mut star = None;
    while of < text.len() {
        match pattern.get(at) {
            Some('*') => {
                at += 1;
                star = Some((at, of));
            }
            Some(one) if *one == '?' || *one == text[of] => {
                at += 1;
                of += 1;
            }
            _ => match star {
                Some((behind, brought)) => {
                    star = Some((behind, brought + 1));
                    at = behind;
                    of = brought + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|one| *one == '*')
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn patterns_are_matched_as_a_whole() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("*", "", true),
            ("**", "ab", true),
            ("ab", "ab", true),
            ("ab", "abc", false),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("*b*", "abc", true),
            ("a?c", "abc", true),
            ("a?", "a", false),
            ("?", "é", true),
            ("a*b*c", "axxbxxbxc", true),
            ("a*b*c", "axxbxxb", false),
            ("*ab", "aab", true),
        ] {
            assert_eq!(glob(pattern, text), expected, "{pattern} {text}");
        }
        assert!(glob(&"*".repeat(1 << 20), "abc") && !glob(&"*a".repeat(1 << 20), &"a".repeat(253)));
    }
}
