//! Masks texts: values of secret arguments, credentials in URLs, tokens in free text.

use std::borrow::Cow;
use std::ops::Range;

use crate::MASK;
use crate::scan::{self, Manner, Secrets};
use crate::secrecy::is_hidden;

/// The shortest secret that its format alone identifies, in bytes, except for the word behind `Bearer`.
const SHORTEST: usize = 14;

/// How many times a text is masked until nothing changes: a mask may expose what was beside it.
const MOST_PASSES: usize = 4;

/// Masks the value of an argument if its flag is a secret's; otherwise masks it like [`mask_text`].
///
/// `--token`, `--etcd-password`, `clientSecret` and the like are secret. Flags that name files or directories are not,
/// nor are the values `true` and `false`; a key is masked unless its value is a path.
pub fn mask_argument<'a>(flag: &str, value: &'a str) -> Cow<'a, str> {
    if is_hidden(flag, value) { Cow::Borrowed(MASK) } else { mask_text(value) }
}

/// Masks everything in a text that its format or name identifies as a secret: PEM private keys, credentials in URLs,
/// `password=…` and `token: …`, bearer tokens, tokens of services and clusters, password hashes, and the passwords of
/// commands such as `curl -u`.
pub fn mask_text(text: &str) -> Cow<'_, str> {
    masked(text, Manner::Sentence)
}

/// Masks a command line or the output of a command, like [`mask_text`], and also the word behind `--token` and similar
/// flags, which in a sentence may be any word.
pub fn mask_output(text: &str) -> Cow<'_, str> {
    masked(text, Manner::Command)
}

/// Masks the secrets of a text.
pub(crate) fn masked(text: &str, manner: Manner) -> Cow<'_, str> {
    let mut masked = Cow::Borrowed(text);
    if is_plain(text) {
        return masked;
    }
    for _ in 0..MOST_PASSES {
        let places = places(&masked, manner);
        if places.is_empty() {
            break;
        }
        masked = Cow::Owned(replaced(&masked, &places));
    }
    masked
}

/// Whether a text is too short and simple to contain a secret: no assignment, no URL, and no room for a key or token.
fn is_plain(text: &str) -> bool {
    text.len() < SHORTEST && !text.bytes().any(|byte| matches!(byte, b'=' | b':' | b' '))
}

/// Returns the byte ranges of secrets, including those with escape sequences, in order and disjoint.
fn places(text: &str, manner: Manner) -> Vec<Range<usize>> {
    let Secrets { mut places, has_escapes } = scan::secrets(text, manner);
    if !has_escapes {
        return places;
    }
    let meant = scan::unescaped(text);
    places.extend(scan::secrets(&meant.text, manner).places.iter().map(|place| meant.in_source(place)));
    places.sort_by_key(|place| place.start);
    let mut apart: Vec<Range<usize>> = Vec::with_capacity(places.len());
    for place in places {
        match apart.last_mut().filter(|last| place.start < last.end) {
            Some(last) => last.end = last.end.max(place.end),
            None => apart.push(place),
        }
    }
    apart
}

/// Replaces these byte ranges (in order and disjoint) with the mask.
fn replaced(text: &str, places: &[Range<usize>]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut end = 0;
    for place in places {
        masked.push_str(text.get(end..place.start).unwrap_or_default());
        masked.push_str(MASK);
        end = place.end;
    }
    masked.push_str(text.get(end..).unwrap_or_default());
    masked
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn json_within_a_text_is_masked() {
        for (text, masked) in [
            (r#"a: "{\"password\": \"x y\", \"b\": 1}""#, r#"a: "{\"password\": \"(masked)\", \"b\": 1}""#),
            (r#"{\\\"clientSecret\\\":\\\"x\\\"}"#, r#"{\\\"clientSecret\\\":\\\"(masked)\\\"}"#),
            (r#"{\"token\":\"a\\\"b\",\"c\":\"d\"}"#, r#"{\"token\":\"(masked)\",\"c\":\"d\"}"#),
            (r#"{\"token\":\"cut"#, r#"{\"token\":\"(masked)"#),
            (r#"{\"name\":\"x\"}"#, r#"{\"name\":\"x\"}"#),
        ] {
            assert_eq!(mask_text(text), masked, "{text}");
            assert_eq!(mask_text(masked), masked, "{text}");
        }
    }

    #[test]
    fn arguments_that_carry_secrets_are_masked() {
        for (flag, value) in [
            ("--token", "abc"),
            ("--bearer-token", "abc"),
            ("--auth_token", "simple,x"),
            ("--etcd-password", "hunter2"),
            ("--oidc-client-secret", "s3cr3t"),
            ("clientSecret", "s3cr3t"),
            ("ETCD_PASSWORD", "x"),
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI"),
            ("--api-key", "0123"),
            ("apiKey", "0123"),
            ("--client-key-data", "LS0tLS1CRUdJTg=="),
            ("--passphrase", "correct horse"),
            ("--encryption-key", "AAAAAAAAAAAAAAAAAAAAAA=="),
            ("--some-key", "0123456789abcdef0123456789abcdef"),
            ("--service-account-private-key", "/+aaaaaaaaaaaaa="),
            ("--credentials", "user:pass"),
            ("--token-value", "abc"),
        ] {
            assert_eq!(mask_argument(flag, value), MASK, "{flag}={value}");
        }
    }

    #[test]
    fn other_arguments_are_shown() {
        for (flag, value) in [
            ("--token-auth-file", "/etc/kubernetes/tokens.csv"),
            ("--service-account-private-key-file", "/etc/kubernetes/pki/sa.key"),
            ("--tls-private-key-file", "/etc/kubernetes/pki/apiserver.key"),
            ("--kubelet-client-key", "/etc/kubernetes/pki/apiserver-kubelet-client.key"),
            ("--tls-private-key", "server.pem"),
            ("--etcd-keyfile", "/etc/kubernetes/pki/apiserver-etcd-client.key"),
            ("--enable-bootstrap-token-auth", "true"),
            ("--rotate-token", "false"),
            ("--use-service-account-credentials", "true"),
            ("--service-account-max-token-expiration", "8760h"),
            ("--auth-token-ttl", "300"),
            ("--controllers", "*,bootstrapsigner,tokencleaner"),
            ("--authorization-mode", "Node,RBAC"),
            ("--anonymous-auth", "false"),
            ("--bypass", "x"),
            ("--public-key-data", "abc"),
            ("--sort-key", "name"),
            ("tokenFile", "/run/token"),
            ("--secret-dir", "/run/secrets"),
            ("--kubeconfig", "/etc/kubernetes/admin.conf"),
            ("--token", ""),
            ("", "value"),
        ] {
            assert_eq!(mask_argument(flag, value), value, "{flag}={value}");
        }
    }

    #[test]
    fn secrets_in_texts_are_masked() {
        for (text, masked) in [
            ("kubelet --token=abc --v=2", "kubelet --token=(masked) --v=2"),
            ("password=hunter2", "password=(masked)"),
            ("password=a,b", "password=(masked)"),
            ("password = hunter2", "password = (masked)"),
            ("key LS0tLS1CRUdJTiBSU0EgUFJJVkFURQ== end", "key (masked) end"),
            ("token: abc", "token: (masked)"),
            ("  - token: abc def\nuser: x", "  - token: (masked)\nuser: x"),
            (r#"{"token":"a\"b","user":"x"}"#, r#"{"token":"(masked)","user":"x"}"#),
            ("clientSecret: 'a b'", "clientSecret: '(masked)'"),
            ("token: |\n  abc\n  def", "token: (masked)"),
            ("Authorization: Basic dXNlcjpwYXNz", "Authorization: (masked)"),
            ("curl -H Authorization:\tDigest abc", "curl -H Authorization:\t(masked)"),
            ("header Bearer aB3/x+y== end", "header Bearer (masked) end"),
            ("bearer supersecretsecret", "bearer (masked)"),
            ("got eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrIn0.c2ln here", "got (masked) here"),
            ("join abcdef.0123456789abcdef now", "join (masked) now"),
            (
                "x -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- y",
                "x -----BEGIN RSA PRIVATE KEY-----(masked)-----END RSA PRIVATE KEY----- y",
            ),
            ("-----BEGIN PRIVATE KEY-----\nMIIE", "-----BEGIN PRIVATE KEY-----(masked)"),
            ("proxy http://u:p@h:1 password=x", "proxy http://(masked)@h:1 password=(masked)"),
        ] {
            assert_eq!(mask_text(text), masked, "{text}");
        }
    }

    #[test]
    fn other_texts_are_left_alone() {
        for text in [
            "--token-auth-file=/etc/tokens.csv",
            "--enable-bootstrap-token-auth=true",
            "--service-account-key-file=/etc/kubernetes/pki/sa.pub",
            "--encryption-provider-config=/etc/enc.yaml",
            "/run/secrets/token: permission denied (run as root)",
            "secrets: aescbc, identity",
            "authorization:\n  mode: Webhook",
            "authorization: Webhook",
            "bearer tokens are not read",
            "--use-service-account-credentials of kube-controller-manager",
            "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURQ==",
            "kube-apiserver (process 812) --profiling",
            "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----",
            "not set (default true)",
            "registry.k8s.io/kube-apiserver:v1.34.1",
            "root:root",
            "",
        ] {
            assert_eq!(mask_text(text), text, "{text}");
        }
    }

    #[test]
    fn secrets_behind_their_flags_are_masked_in_what_commands_print() {
        for (text, masked) in [
            ("kube-apiserver --oidc-client-secret hunter2 --v 2", "kube-apiserver --oidc-client-secret (masked) --v 2"),
            ("a --token  x --password y", "a --token  (masked) --password (masked)"),
            ("a --token=x --token --next", "a --token=(masked) --token --next"),
            ("a --service-account-private-key-file x --rotate-token true", ""),
        ] {
            assert_eq!(mask_output(text), if masked.is_empty() { text } else { masked }, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn masking_is_total_and_done_once(text in "(?s).{0,80}|[a-z:=@/ \"'\n-]{0,40}", flag in ".{0,20}") {
            let once = mask_text(&text).into_owned();
            let twice = mask_text(&once).into_owned();
            prop_assert_eq!(twice, once);
            let once = mask_output(&text).into_owned();
            let twice = mask_output(&once).into_owned();
            prop_assert_eq!(twice, once);
            let _ = mask_argument(&flag, &text);
        }

        #[test]
        fn no_password_survives(password in "[A-Za-z0-9/@:+._-]{4,20}X9", host in "[a-z]{3,9}") {
            let url = format!("https://user:{password}@{host}/");
            let masked = mask_text(&url).into_owned();
            prop_assert!(!masked.contains(&password), "{}", masked);
            let text = format!("--password={password} --other");
            prop_assert!(!mask_text(&text).contains(&password));
        }
    }
}
