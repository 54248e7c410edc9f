//! The names of secrets, which recordings and reports share.

/// The last words of the names of secrets, alone or at the end of a longer word (`authtoken`).
pub(crate) const SECRET_ENDINGS: [&str; 15] = [
    "token",
    "tokens",
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "secret",
    "secrets",
    "apikey",
    "credential",
    "credentials",
    "bindpw",
    "rootpw",
    "dockerconfigjson",
    "dockercfg",
];

/// Short last words that name a secret only when alone: `bypass` and `compass` do not.
pub(crate) const SECRET_WORDS: [&str; 4] = ["pass", "pwd", "psk", "pw"];

/// Words before `key` that make it a secret key.
pub(crate) const SECRET_KEYS: [&str; 10] =
    ["private", "secret", "access", "api", "signing", "encryption", "shared", "master", "auth", "account"];

/// Endings of names whose values are paths, not secrets.
pub(crate) const PLACE_ENDINGS: [&str; 7] = ["file", "files", "path", "paths", "dir", "directory", "kubeconfig"];

/// Returns the words of a name in lower case: `clientSecret`, `CLIENT_SECRET` and `--client-secret` all have the same
/// two.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for c in name.chars() {
        if (!c.is_alphanumeric() || (after_lower && c.is_uppercase()))
            && words.last().is_some_and(|word| !word.is_empty())
        {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        after_lower = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}
