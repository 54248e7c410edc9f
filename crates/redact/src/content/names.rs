//! Decides by name whether a value is a secret.

use crate::secrecy::is_member;
use crate::words::{PLACE_ENDINGS, SECRET_ENDINGS, SECRET_KEYS, SECRET_WORDS, words};

/// Parts of names that suggest a secret.
const HINTS: [&str; 4] = ["token", "passw", "secret", "credential"];

/// Endings of names *about* a secret, other than its place: its lifetime, how it is checked.
const ABOUT_SECRETS: [&str; 17] = [
    "name",
    "names",
    "auth",
    "ttl",
    "version",
    "period",
    "expiration",
    "seconds",
    "syncs",
    "hash",
    "lookup",
    "namespace",
    "config",
    "command",
    "apiversion",
    "type",
    "audience",
];

/// Whether `value` is a secret, judging by its name.
pub(super) fn is_secret(name: &str, value: &str) -> bool {
    if says_nothing(value) {
        return false;
    }
    let lower = name.to_ascii_lowercase();
    let plain: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    let ends_in = |ends: &[&str]| ends.iter().any(|end| plain.ends_with(end));
    let is_key = plain.strip_suffix("data").unwrap_or(&plain).strip_suffix("key").is_some_and(|before| {
        // `…-key-data` is key material, whatever kind of key it is.
        plain.ends_with("data") || SECRET_KEYS.iter().any(|kind| before.ends_with(kind))
    });
    // `client-key-data` and similar keys of kubeconfigs; `auth` of registry configurations.
    if is_key || ends_in(&SECRET_ENDINGS) || lower.ends_with("-data") || plain == "auth" || is_member(name, value) {
        return true;
    }
    let hints = HINTS.iter().any(|hint| plain.contains(hint))
        || words(name).last().is_some_and(|last| SECRET_WORDS.contains(&last.as_str()));
    hints && !ends_in(&PLACE_ENDINGS) && !ends_in(&ABOUT_SECRETS) && !is_quantity(value)
}

/// Whether the name alone suggests a secret, regardless of the value.
pub(super) fn expects_secret(name: &str) -> bool {
    is_secret(name, "opaque")
}

/// Whether a value reveals nothing: it is empty, a boolean, null or already masked.
pub(super) fn says_nothing(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    matches!(value, "" | "~" | crate::MASK)
        || ["true", "false", "null"].iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// Whether a value is a number or a duration.
fn is_quantity(value: &str) -> bool {
    value.starts_with(|first: char| first.is_ascii_digit())
        && value.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | 'h' | 'm' | 's' | 'u' | 'n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_list_is_one_of_a_secret() {
        for ending in SECRET_ENDINGS.into_iter().chain(SECRET_WORDS) {
            for name in [ending.to_owned(), format!("client-{ending}"), format!("DB_{}", ending.to_uppercase())] {
                assert!(is_secret(&name, "opaque"), "{name}");
            }
        }
        for kind in SECRET_KEYS {
            for name in [format!("{kind}-key"), format!("{kind}Key"), format!("{kind}_key_data")] {
                assert!(is_secret(&name, "opaque"), "{name}");
            }
        }
        for name in ["bypass", "private-key-file", "tokenPath", "public-key", "secretName", "passwordHash"] {
            assert!(!is_secret(name, "opaque"), "{name}");
        }
    }
}
