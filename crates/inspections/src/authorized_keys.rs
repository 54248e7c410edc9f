//! The keys that may log in over SSH.

use crate::PublicKey;
use crate::kind::Remark;

/// The fewest bits of an RSA key.
const LEAST_BITS: usize = 2048;

fn keys(text: &str) -> impl Iterator<Item = (usize, PublicKey)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let line = line.trim_start();
        let key = PublicKey::new(line);
        (!line.starts_with('#') && key.is_known()).then_some((index + 1, key))
    })
}

pub(crate) fn remarks(text: &str) -> Vec<Remark> {
    let remark = |(line, key): (usize, PublicKey)| {
        let shown = key.fingerprint().map_or_else(
            || format!("{key}, which cannot be read"),
            |fingerprint| format!("{} {fingerprint}", crate::kind::shown(key.algorithm())),
        );
        let (weakness, violates) = match key.rsa_bits() {
            Some(bits) if bits < LEAST_BITS => (format!(", {bits} bits"), true),
            None if key.is_rsa() => (", of unknown length".to_owned(), true),
            _ if key.algorithm() == "ssh-dss" => (", 1024 bits".to_owned(), true),
            _ => (String::new(), false),
        };
        Remark { line, text: format!("key {shown}{weakness}"), violates }
    };
    keys(text).map(remark).collect()
}

pub(crate) fn kept(text: &str) -> Vec<(usize, String)> {
    keys(text).map(|(line, key)| (line, key.line())).collect()
}

#[cfg(test)]
mod tests {
    use crate::Kind;

    #[test]
    fn weak_keys_and_all_others_are_named() {
        // A host key of GitHub, which publishes the fingerprint.
        const ED25519: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
        let text = format!(
            "# ssh-ed25519 AAAA commented\n\n{ED25519} me@example.com\nfrom=\"10.0.0.0/8\" {ED25519}\nssh-rsa AAAA\nssh-dss \
             AAAAB3NzaC1kc3M= x\nnonsense\n"
        );
        let remarks = Kind::AuthorizedKeys.remarks(text.as_bytes(), "authorized_keys", 0o600, &[]);
        let said: Vec<(usize, bool)> = remarks.iter().map(|remark| (remark.line, remark.violates)).collect();
        assert_eq!(said, [(3, false), (4, false), (5, true), (6, true)]);
        assert_eq!(remarks[0].text, "key ssh-ed25519 SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
        assert_eq!(remarks[0].text, remarks[1].text);
        assert!(!Kind::AuthorizedKeys.kept(text.as_bytes()).contains("example.com"));
    }
}
