//! The certificates found in a file.

/// The certificates in a file, and the certificate files it references.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Certificates {
    /// The certificates that could be parsed, in file order.
    pub found: Vec<Certificate>,
    /// The certificates that could not be parsed.
    pub broken: Vec<BrokenCertificate>,
    /// The certificate files that it references, if it is a kubeconfig.
    pub named: Vec<CertificateFile>,
}

/// The fields of a certificate that checks need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Certificate {
    /// The key that contains it in a kubeconfig, such as `users[0].user.client-certificate-data`.
    pub key: Option<String>,
    /// The subject in RFC 4514 form, truncated if long.
    pub subject: String,
    /// The organizations of the subject, which Kubernetes treats as the groups of a client.
    pub groups: Vec<String>,
    /// The issuer, in the same form as the subject.
    pub issuer: String,
    /// The start of its validity, in seconds since 1970 (UTC).
    pub not_before: i64,
    /// The last second of its validity, in seconds since 1970 (UTC).
    pub not_after: i64,
    /// Whether it is a CA certificate.
    pub is_ca: bool,
    /// Whether its issuer equals its subject. The signature is not verified.
    pub self_issued: bool,
}

/// A certificate that cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenCertificate {
    /// Its key in a kubeconfig, as in [`Certificate::key`].
    pub key: Option<String>,
    /// What is wrong with it: `certificate 2: its PEM block has no end`.
    pub detail: String,
}

/// A certificate file that a kubeconfig references.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFile {
    /// The key that references it: `users[0].user.client-certificate`.
    pub key: String,
    /// Its path. A relative path is relative to the directory of the kubeconfig.
    pub path: String,
}

impl Certificates {
    /// Returns its approximate size in bytes.
    pub fn size(&self) -> usize {
        let of_key = |key: &Option<String>| key.as_ref().map_or(0, String::len);
        let of_found = |it: &Certificate| {
            let groups = it.groups.iter().map(|group| group.len() + size_of::<String>());
            of_key(&it.key) + it.subject.len() + it.issuer.len() + groups.sum::<usize>() + size_of::<Certificate>()
        };
        let of_broken = |it: &BrokenCertificate| of_key(&it.key) + it.detail.len() + size_of::<BrokenCertificate>();
        let of_named = |it: &CertificateFile| it.key.len() + it.path.len() + size_of::<CertificateFile>();
        self.found.iter().map(of_found).sum::<usize>()
            + self.broken.iter().map(of_broken).sum::<usize>()
            + self.named.iter().map(of_named).sum::<usize>()
    }
}
