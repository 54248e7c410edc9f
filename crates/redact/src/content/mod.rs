//! Masks the secrets of a node before they are recorded: in files, arguments and variables.
//!
//! Only values are masked, never names: of a setting that is a secret, a benchmark only asks whether it is set. Masking
//! errs on the side of too much, which is safe: no setting that is judged by its value is called a token, a password or
//! a secret.

mod agreement;
mod breaks;
mod bytes;
mod document;
#[cfg(test)]
mod generated;
mod names;
mod positions;
mod scalar;
mod text;
mod words;

use std::borrow::Cow;

use crate::MASK;
use crate::scan::Line;
use names::is_secret;

/// Masks the values of secret flags in a command line, program first.
pub fn arguments(arguments: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut is_value_next = false;
    let mut line = Line::default();
    let mask = |argument: Vec<u8>| {
        let is_value = std::mem::take(&mut is_value_next);
        as_text(&argument, |argument| {
            if let Some(place) = line.secret(argument) {
                return format!("{}{MASK}", argument.get(..place.start).unwrap_or_default());
            }
            if is_value && !argument.starts_with('-') {
                return masked(argument);
            }
            match flag(argument) {
                Some((name, Some(value))) if is_secret(name, value) => {
                    let kept = argument.len() - value.len();
                    format!("{}{MASK}", argument.get(..kept).unwrap_or_default())
                }
                Some((name, None)) => {
                    // Whether the next argument is this flag's value depends on what it looks like.
                    is_value_next = is_secret(name, "opaque");
                    argument.to_owned()
                }
                // An argument may contain the same secrets as a file.
                _ => text::mask(argument),
            }
        })
    };
    arguments.into_iter().map(mask).collect()
}

/// Masks the value of an environment variable if it contains a secret.
pub fn variable(name: &str, value: &[u8]) -> Vec<u8> {
    as_text(value, |value| if is_secret(name, value) { MASK.to_owned() } else { text::mask(value) })
}

/// How many times a content is masked until nothing changes: masking may change how the rest is parsed.
const MOST_PASSES: usize = 4;

/// Why a content cannot be masked: its secrets cannot be separated reliably.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmaskable {
    /// It cannot be parsed as its reader would parse it.
    Malformed,
    /// Masking would change its meaning.
    Ambiguous,
}

/// Masks the content of a file.
///
/// # Errors
///
/// Returns an error if its secrets cannot be separated reliably.
pub fn content(bytes: &[u8]) -> Result<Vec<u8>, Unmaskable> {
    let untold = || if agreement::is_malformed(bytes) { Unmaskable::Malformed } else { Unmaskable::Ambiguous };
    let mut masked = Cow::Borrowed(bytes);
    for _ in 0..MOST_PASSES {
        match once(&masked) {
            None => return Err(untold()),
            Some(again) if again == *masked => {
                let is_same = again == bytes || agreement::holds(bytes, &again);
                return if is_same { Ok(again) } else { Err(untold()) };
            }
            Some(again) => masked = Cow::Owned(again),
        }
    }
    Err(untold())
}

/// Masks a content once; returns none if that is not possible.
fn once(bytes: &[u8]) -> Option<Vec<u8>> {
    let mask = |text: &str| breaks::unified(text, document::mask);
    if let Some((text, is_sound)) = bytes::utf16(bytes) {
        let masked = mask(&text)?;
        if masked != text {
            return is_sound.then(|| masked.into_bytes());
        }
    } else if let Some(text) = bytes::wide(bytes)
        && mask(&text).is_none_or(|masked| masked != text)
    {
        return None;
    }
    bytes::changed(bytes, mask)
}

/// Whether the keys of a mapping are in fact lines of assignments (`NAME="a: b"`), which are not meant as YAML.
fn assignments<'k>(mut keys: impl Iterator<Item = &'k str>) -> bool {
    let is_assignment = |key: &str| {
        let name = key.strip_prefix("export ").unwrap_or(key).split_once('=').map(|(name, _)| name);
        name.is_some_and(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
    };
    keys.next().is_some_and(is_assignment) && keys.all(is_assignment)
}

/// Returns the name of a flag, and its value if it follows an equals sign.
fn flag(argument: &str) -> Option<(&str, Option<&str>)> {
    let name = argument.strip_prefix("--").or_else(|| argument.strip_prefix('-'))?;
    let (name, value) = name.split_once('=').map_or((name, None), |(name, value)| (name, Some(value)));
    let is_name = name.starts_with(|first: char| first.is_ascii_alphanumeric()) && name.chars().all(words::is_name);
    is_name.then_some((name, value))
}

/// Masks the value behind a secret name, unless it is empty, a boolean or null.
fn masked(value: &str) -> String {
    if names::says_nothing(value) { value.to_owned() } else { MASK.to_owned() }
}

/// Applies a change to bytes as text; invalid bytes are kept, except where they are masked.
fn as_text(bytes: &[u8], change: impl FnOnce(&str) -> String) -> Vec<u8> {
    // This fails only if a character of every private-use block occurs.
    bytes::changed(bytes, |text| Some(change(text))).unwrap_or_else(|| MASK.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn masked_arguments(line: &[&str]) -> Vec<String> {
        let line = line.iter().map(|argument| argument.as_bytes().to_vec()).collect();
        arguments(line).into_iter().map(|argument| String::from_utf8(argument).unwrap()).collect()
    }

    #[test]
    fn values_of_secret_flags_are_masked() {
        for (line, expected) in [
            (&["x", "--token=abc"][..], &["x", "--token=(masked)"][..]),
            (&["x", "-token=abc"], &["x", "-token=(masked)"]),
            (&["x", "--token", "abc", "def"], &["x", "--token", "(masked)", "def"]),
            (&["x", "--oidc-client-secret=a b"], &["x", "--oidc-client-secret=(masked)"]),
            (&["x", "--password=1234"], &["x", "--password=(masked)"]),
            (&["x", "--etcd-servers=https://u:p@h:2379/x"], &["x", "--etcd-servers=https://(masked)@h:2379/x"]),
            (&["x", "--header=Authorization: Bearer abcdefgh"], &["x", "--header=Authorization: (masked)"]),
            (&["sh", "-c", "run --token=abc TOKEN=def"], &["sh", "-c", "run --token=(masked) TOKEN=(masked)"]),
        ] {
            assert_eq!(masked_arguments(line), expected);
        }
    }

    #[test]
    fn values_that_are_no_secrets_are_kept() {
        for argument in [
            "--token-auth-file=/etc/tokens.csv",
            "--enable-bootstrap-token-auth=true",
            "--service-account-extend-token-expiration=false",
            "--authentication-token-webhook=true",
            "--authentication-token-webhook-cache-ttl=2m0s",
            "--authentication-token-webhook-config-file=/x",
            "--service-account-max-token-expiration=48h",
            "--concurrent-serviceaccount-token-syncs=5",
            "--tls-private-key-file=/etc/kubernetes/pki/apiserver.key",
            "--service-account-key-file=/etc/kubernetes/pki/sa.pub",
            "--service-account-lookup=true",
            "--anonymous-auth=false",
            "--etcd-servers=https://127.0.0.1:2379",
            "--encryption-provider-config=/etc/kubernetes/secrets.yaml",
            "--feature-gates=BoundServiceAccountTokenVolume=true",
            "--tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_AES_128_GCM_SHA256",
        ] {
            assert_eq!(masked_arguments(&["kube-apiserver", argument]), ["kube-apiserver", argument]);
        }
        assert_eq!(masked_arguments(&["x", "--token", "--next"]), ["x", "--token", "--next"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_kept_where_there_is_no_secret() {
        let line = vec![b"x".to_vec(), b"--y=\xff".to_vec()];
        assert_eq!(arguments(line.clone()), line);
        assert_eq!(arguments(vec![b"--token=\xff".to_vec()]), [b"--token=(masked)"]);
        assert_eq!(content(b"\xff: 1\n").as_deref(), Ok(&b"\xff: 1\n"[..]));
    }

    #[test]
    fn variables_are_masked_by_their_names() {
        assert_eq!(variable("ETCD_PASSWORD", b"x"), b"(masked)");
        assert_eq!(variable("ETCD_AUTH_TOKEN", b"simple"), b"(masked)");
        assert_eq!(variable("ETCD_CLIENT_CERT_AUTH", b"true"), b"true");
        assert_eq!(variable("ETCD_TRUSTED_CA_FILE", b"/x"), b"/x");
    }

    proptest! {
        #[test]
        fn masking_twice_changes_nothing_more(text in r#"([a-zA-Z:=/@ \n"'{},|-]|token|password|Bearer |://){0,40}"#) {
            let lines = text.lines().count();
            if let Ok(once) = content(text.as_bytes()) {
                prop_assert_eq!(std::str::from_utf8(&once).unwrap().lines().count(), lines);
                prop_assert_eq!(content(&once), Ok(once));
            }
        }

        #[test]
        fn any_bytes_can_be_masked(bytes: Vec<u8>) {
            let _ = content(&bytes);
            arguments(vec![bytes.clone(), bytes]);
        }
    }
}
