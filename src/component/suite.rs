//! Cipher suites that bear two names.

/// A cipher suite by the shorter of its names; any other text as it is.
///
/// Go once called the suites with `ChaCha20` as IANA does but for the hash at the end. Components take both names, and no
/// other spelling of any: they refuse to start with small letters or blanks.
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
