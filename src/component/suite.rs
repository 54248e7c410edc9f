//! Cipher suites with two names.

/// Returns the shorter name of a cipher suite, and any other text unchanged.
///
/// Go used to name the `ChaCha20` suites like IANA, but without the hash at the end. Components accept both names and
/// no other spelling: with lower-case letters or blanks they refuse to start.
///
/// Source: `TLSCipherSuites` in
/// <https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/component-base/cli/flag/ciphersuites_flag.go>.
///
/// ```
/// use kube_assay::component::suite_name;
/// assert_eq!(
///     suite_name("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
///     suite_name("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305"),
/// );
/// assert_eq!(suite_name("TLS_CHACHA20_POLY1305_SHA256"), "TLS_CHACHA20_POLY1305_SHA256");
/// ```
pub fn suite_name(text: &str) -> &str {
    let shorter = text.strip_suffix("_SHA256");
    shorter.filter(|name| name.starts_with("TLS_") && name.ends_with("_WITH_CHACHA20_POLY1305")).unwrap_or(text)
}
