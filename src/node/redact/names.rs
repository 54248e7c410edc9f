//! Names whose values are secrets.

/// What the name of a secret ends in, written without what parts its words.
const SECRETS: [&str; 14] = [
    "token",
    "tokens",
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "secret",
    "apikey",
    "secretkey",
    "accesskey",
    "privatekey",
    "credential",
    "credentials",
    "keydata",
];

/// What a name holds that may be one of a secret.
const HINTS: [&str; 4] = ["token", "passw", "secret", "credential"];

/// What the name of something *about* a secret ends in: where it lies, how long it lives, how it is checked.
const ABOUT_SECRETS: [&str; 22] = [
    "file",
    "files",
    "path",
    "paths",
    "dir",
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

/// Whether `value` is a secret, to judge by the name that it goes by.
pub(super) fn is_secret(name: &str, value: &str) -> bool {
    if says_nothing(value) {
        return false;
    }
    let lower = name.to_ascii_lowercase();
    let plain: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    let ends_in = |ends: &[&str]| ends.iter().any(|end| plain.ends_with(end));
    // `client-key-data` and its like in kubeconfigs; `auth` in registry configurations.
    if ends_in(&SECRETS) || lower.ends_with("-data") || plain == "auth" {
        return true;
    }
    HINTS.iter().any(|hint| plain.contains(hint)) && !ends_in(&ABOUT_SECRETS) && !is_quantity(value)
}

/// Whether the name alone makes one expect a secret, whatever the value.
pub(super) fn expects_secret(name: &str) -> bool {
    is_secret(name, "opaque")
}

/// Whether a value gives nothing away: it is empty, says yes or no, or is masked already.
pub(super) fn says_nothing(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    matches!(value, "" | "~" | super::MASKED)
        || ["true", "false", "null"].iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// Whether a value is a number or a duration.
fn is_quantity(value: &str) -> bool {
    value.starts_with(|first: char| first.is_ascii_digit())
        && value.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | 'h' | 'm' | 's' | 'u' | 'n'))
}
