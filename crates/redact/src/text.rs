//! Masks for texts: values of secret arguments, credentials in URLs, tokens in free text.

use std::borrow::Cow;
use std::ops::Range;

use crate::MASK;
use crate::forms::{self, from, replaced, until};
use crate::words::{PLACE_ENDINGS, SECRET_ENDINGS, SECRET_KEYS, SECRET_WORDS, words};

/// Words at the end of a name that say how a value is given, not what it is.
const FORM_WORDS: [&str; 8] = ["data", "value", "literal", "text", "string", "base64", "b64", "hash"];

/// File name extensions that tell a file from key material.
const FILE_EXTENSIONS: [&str; 9] = ["pem", "key", "crt", "cer", "pub", "jwk", "json", "yaml", "conf"];

/// The value of an argument, masked where the argument carries a secret; else as [`mask_text`] leaves it.
///
/// `--token`, `--etcd-password`, `clientSecret` and their like are secret. Flags that name files or directories are
/// not, nor are `true` and `false`; a key is masked unless its value is a path.
pub fn mask_argument<'a>(flag: &str, value: &'a str) -> Cow<'a, str> {
    if is_hidden(flag, value) { Cow::Borrowed(MASK) } else { mask_text(value) }
}

/// Whether a value of this name is a secret.
pub(crate) fn is_hidden(name: &str, value: &str) -> bool {
    hides(secrecy(name), value)
}

/// The text with everything masked that is known for a secret by its form or its name: private keys in PEM,
/// credentials in URLs, `password=…` and `token: …`, bearer tokens, JSON web tokens and Kubernetes' bootstrap tokens.
pub fn mask_text(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let passes: [fn(&str) -> Cow<'_, str>; 3] =
        [|text| mask(text, &private_keys(text)), |text| forms::mask(text), |text| mask(text, &named_values(text))];
    let mut masked = Cow::Borrowed(text);
    for pass in passes {
        if let Cow::Owned(text) = pass(&masked) {
            masked = Cow::Owned(text);
        }
    }
    masked
}

/// Whether a text is too short and plain to hold a secret: no name with a value, no URL, and no room for a key or token.
fn is_plain(text: &str) -> bool {
    text.len() < forms::SHORTEST && !text.bytes().any(|byte| matches!(byte, b'=' | b':' | b' '))
}

/// What a command printed, masked as [`mask_text`] does, and what stands behind `--token` and its like in it: there it is
/// the line of a command, where in a sentence it may be any word.
pub fn mask_output(text: &str) -> Cow<'_, str> {
    let masked = mask_text(text);
    match mask(&masked, &flag_values(&masked)) {
        Cow::Owned(more) => Cow::Owned(more),
        Cow::Borrowed(_) => masked,
    }
}

/// The text with these places (in order, apart from each other) replaced by the mask.
fn mask<'t>(text: &'t str, places: &[Range<usize>]) -> Cow<'t, str> {
    if places.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(replaced(text, places)) }
}

/// What a name says of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Secrecy {
    /// Nothing to hide.
    Open,
    /// A secret.
    Secret,
    /// A secret key, or the path of its file.
    SecretKey,
    /// A key of some sort: a secret only where the value looks like key material.
    Key,
}

fn secrecy(name: &str) -> Secrecy {
    let mut words = words(name);
    let mut inline = false;
    while words.len() > 1 && words.last().is_some_and(|word| FORM_WORDS.contains(&word.as_str())) {
        inline = true;
        words.pop();
    }
    let Some(last) = words.pop() else { return Secrecy::Open };
    let before = words.pop().unwrap_or_default();
    if PLACE_ENDINGS.iter().any(|ending| last.ends_with(ending)) {
        Secrecy::Open
    } else if SECRET_ENDINGS.iter().any(|ending| last.ends_with(ending)) || SECRET_WORDS.contains(&last.as_str()) {
        Secrecy::Secret
    } else if let Some(stem) = last.strip_suffix("key") {
        let kind = if stem.is_empty() { before.as_str() } else { stem };
        match (inline, SECRET_KEYS.contains(&kind)) {
            (true, _) if kind != "public" => Secrecy::Secret,
            (_, true) => Secrecy::SecretKey,
            _ => Secrecy::Key,
        }
    } else {
        Secrecy::Open
    }
}

fn hides(secrecy: Secrecy, value: &str) -> bool {
    if value.is_empty() || value == MASK || value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false") {
        return false;
    }
    match secrecy {
        Secrecy::Open => false,
        Secrecy::Secret => true,
        Secrecy::SecretKey => !is_path(value),
        Secrecy::Key => is_key_material(value),
    }
}

fn is_path(value: &str) -> bool {
    // Base64 may begin with a slash too, but then seldom lacks both of these.
    let rooted = ["/", "./", "../", "~"].iter().any(|start| value.starts_with(start)) && !value.contains(['+', '=']);
    let extension = value.rsplit_once('.').map(|(_, extension)| extension);
    rooted || extension.is_some_and(|extension| FILE_EXTENSIONS.contains(&extension))
}

fn is_key_material(value: &str) -> bool {
    let base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-');
    value.contains("-----BEGIN") || (value.len() >= 32 && value.chars().all(base64) && !is_path(value))
}

/// What stands between the lines of a private key in PEM; to the end of the text where the last line is missing.
fn private_keys(text: &str) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    let mut at = 0;
    while let Some(begin) = from(text, at).find("-----BEGIN ").map(|found| at + found) {
        let name = begin + "-----BEGIN ".len();
        let Some(name_end) = from(text, name).find("-----").map(|found| name + found) else { break };
        at = name_end + "-----".len();
        if text.get(name..name_end).is_some_and(|name| name.contains("PRIVATE KEY")) {
            let end = from(text, at).find("-----END ").map_or(text.len(), |found| at + found);
            if text.get(at..end).is_some_and(|inner| !inner.is_empty() && inner != MASK) {
                places.push(at..end);
            }
            at = end;
        }
    }
    places
}

/// The values of `name=value` and `name: value` where the name is a secret's.
fn named_values(text: &str) -> Vec<Range<usize>> {
    let mut places: Vec<Range<usize>> = Vec::new();
    for (sign, separator) in text.match_indices(['=', ':']) {
        if places.last().is_some_and(|place| sign < place.end) || from(text, sign).starts_with("://") {
            continue;
        }
        let Some(name) = name_before(text, sign) else { continue };
        let colon = separator == ":";
        let key = text.get(name.clone()).unwrap_or_default();
        let before = text.get(..name.start).unwrap_or_default();
        // `/run/token: permission denied` speaks of a file; `secrets: …` of the kind of resource.
        if colon && (before.ends_with('/') || (key.ends_with('s') && !key.ends_with("pass"))) {
            continue;
        }
        let is_header = key.eq_ignore_ascii_case("authorization");
        let secrecy = secrecy(key);
        // Most names are harmless: their values, which may be endless, are not looked at.
        if secrecy == Secrecy::Open && !is_header {
            continue;
        }
        let line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
        let whole_line = colon && (is_header || line.trim_matches([' ', '\t', '-', '"', '\'']).is_empty());
        let value = value_after(text, sign + 1, colon, whole_line);
        let shown = text.get(value.clone()).unwrap_or_default();
        let hidden = if is_header { shown.trim().contains([' ', '\t']) } else { hides(secrecy, shown) };
        if hidden {
            places.push(value);
        }
    }
    places
}

/// The name that ends before this byte, quotes (also escaped ones, of JSON within a text) and blanks passed over.
fn name_before(text: &str, end: usize) -> Option<Range<usize>> {
    let before = text.get(..end)?.trim_end_matches([' ', '\t', '"', '\'', '\\']);
    let name = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    (name.len() < before.len()).then_some(name.len()..before.len())
}

/// The value that begins at this byte or after blanks: what is inside its quotes, its line or its word.
fn value_after(text: &str, start: usize, colon: bool, whole_line: bool) -> Range<usize> {
    let start = until(text, start, |c| !matches!(c, ' ' | '\t'));
    match from(text, start).chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let inside = start + quote.len_utf8();
            inside..closing_quote(text, inside, quote)
        }
        // An escaped quote, of JSON within a text.
        Some('\\') if from(text, start).trim_start_matches('\\').starts_with('"') => {
            let inside = until(text, start, |c| c != '\\') + '"'.len_utf8();
            inside..closing_escaped(text, start..inside)
        }
        // What is inside is looked at on its own.
        Some('{' | '[') if colon => start..start,
        // A YAML block: its lines follow, and where they end is not known without parsing.
        Some('|' | '>') if colon => start..text.len(),
        _ if whole_line => start..until(text, start, |c| matches!(c, '\n' | '\r')),
        _ => start..until(text, start, |c| c.is_whitespace() || matches!(c, '"' | '\'')),
    }
}

/// Where the quoted text ends that begins at this byte; a quote after a backslash belongs to it.
fn closing_quote(text: &str, start: usize, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in from(text, start).char_indices() {
        if c == quote && !escaped {
            return start + at;
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}

/// Where the text ends that this escaped quote begins: at the next that is escaped as it is.
fn closing_escaped(text: &str, quote: Range<usize>) -> usize {
    let (inside, quote) = (quote.end, text.get(quote).unwrap_or_default());
    let ends = |(at, _): &(usize, &str)| !text.get(..inside + at).is_some_and(|before| before.ends_with('\\'));
    from(text, inside).match_indices(quote).find(ends).map_or(text.len(), |(at, _)| inside + at)
}

/// The values of `--name value` where the name is a secret's.
fn flag_values(text: &str) -> Vec<Range<usize>> {
    let mut places: Vec<Range<usize>> = Vec::new();
    for (dashes, _) in text.match_indices("--") {
        let name = dashes + "--".len();
        let name_end = until(text, name, |c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')));
        let start = until(text, name_end, |c| c != ' ');
        if start == name_end || places.last().is_some_and(|place| dashes < place.end) {
            continue;
        }
        let end = until(text, start, |c| c.is_whitespace() || matches!(c, '"' | '\'' | '`'));
        let (Some(name), Some(value)) = (text.get(name..name_end), text.get(start..end)) else { continue };
        if !value.starts_with('-') && hides(secrecy(name), value) {
            places.push(start..end);
        }
    }
    places
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
