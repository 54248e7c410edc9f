//! Checks that no file here contains a key, a token or a certificate, however harmless its origin.

use super::files;

/// Texts that must not appear in a golden file.
const FORBIDDEN: [&str; 3] = ["PRIVATE KEY", "BEGIN CERTIFICATE", "password="];

/// Keys that must not have a value, which would be a single word. Without one, they name where a certificate was found.
const FORBIDDEN_KEYS: [&str; 2] = ["client-key-data", "client-certificate-data"];

/// Longer than a hexadecimal digest, shorter than any key.
const LONGEST_WORD: usize = 100;

#[test]
fn no_golden_file_holds_a_secret() {
    let directories = ["golden/nodes", "golden/nodes/made-up", "golden/reports"];
    let mut problems = Vec::new();
    for path in directories.into_iter().flat_map(files::list) {
        for (index, line) in files::read(&path).lines().enumerate() {
            problems.extend(secret(line).map(|why| format!("{path}:{}: {why}", index + 1)));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Returns why a line is suspicious.
fn secret(line: &str) -> Option<String> {
    if let Some(word) = FORBIDDEN.iter().find(|word| line.contains(*word)) {
        return Some(format!("holds {word:?}"));
    }
    let has_value = |key: &&&str| {
        let value = line.split_once(**key).and_then(|(_, rest)| rest.strip_prefix(": "));
        value.is_some_and(|value| !value.trim().is_empty() && !value.trim().contains(' '))
    };
    if let Some(key) = FORBIDDEN_KEYS.iter().find(has_value) {
        return Some(format!("holds a value of {key:?}"));
    }
    let is_encoded = |letter: char| letter.is_ascii_alphanumeric() || "+=-_".contains(letter);
    let mut words = line.split(|letter| !is_encoded(letter));
    // Lists of cipher suites contain commas and paths contain slashes: longer words are encoded data.
    let is_cgroup = line.contains("kubepods");
    if let Some(word) = words.clone().find(|word| word.len() > LONGEST_WORD && !is_cgroup) {
        return Some(format!("holds something encoded: {word:.20}…"));
    }
    if words.any(|word| word.starts_with("eyJ") && word.len() > 20) {
        return Some("holds what looks like a JSON web token".to_owned());
    }
    bootstrap_token(line).then(|| "holds what looks like a bootstrap token".to_owned())
}

/// Whether a line contains a bootstrap token: six characters, a dot and sixteen characters, all of `[a-z0-9]`, with a
/// digit.
fn bootstrap_token(line: &str) -> bool {
    let is_part = |text: &str, length: usize| {
        text.len() == length && text.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
    };
    line.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '.').any(|word| {
        word.split_once('.').is_some_and(|(id, secret)| {
            is_part(id, 6) && is_part(secret, 16) && secret.contains(|letter: char| letter.is_ascii_digit())
        })
    })
}

#[test]
fn secrets_are_noticed() {
    let suspicious = [
        "-----BEGIN RSA PRIVATE KEY-----".to_owned(),
        "    client-key-data: LS0t".to_owned(),
        format!("token: eyJhbGciOiJSUzI1NiIsImtpZCI6{}", "x".repeat(30)),
        "  - --token=abcdef.0123456789abcdef".to_owned(),
        format!("data: {}", "QUJD".repeat(40)),
    ];
    for line in suspicious {
        assert!(secret(&line).is_some(), "{line}");
    }
    let harmless = [
        "kubelet.service",
        "{ key: \"users[0].user.client-certificate-data\", subject: \"CN=kubernetes-admin\" }",
        "admin.conf users[0].user.client-certificate-data: found CN=kubernetes-admin, 20 days left",
        "    key: users[0].user.client-certificate-data",
        "- /etc/kubernetes/manifests/kube-apiserver.yaml",
        "  - --service-account-signing-key-file=/etc/kubernetes/pki/sa.key",
        "digest: 792e6ba162dff4ffbd1030bdd6307532c5de83a9e04f82ad24c6dc2a7fc844de",
    ];
    for line in harmless {
        assert_eq!(secret(line), None, "{line}");
    }
}
