//! What a file says of certificates.

/// The certificates of a file, and the files of certificates that it names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Certificates {
    /// Those that could be read, in the order of the file.
    pub found: Vec<Certificate>,
    /// Those that could not.
    pub broken: Vec<BrokenCertificate>,
    /// Of a kubeconfig: the files of certificates that it names.
    pub named: Vec<CertificateFile>,
}

/// What counts of a certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Certificate {
    /// Of a kubeconfig: the key that holds it, such as `users[0].user.client-certificate-data`.
    pub key: Option<String>,
    /// The subject, in the form of RFC 4514; a long one is cut.
    pub subject: String,
    /// The organizations of the subject, which Kubernetes takes for the groups of a client.
    pub groups: Vec<String>,
    /// The issuer, as the subject.
    pub issuer: String,
    /// From when it is valid, in seconds since 1970 (UTC).
    pub not_before: i64,
    /// Until when it is valid, likewise; that second included.
    pub not_after: i64,
    /// Whether it is a CA's.
    pub is_ca: bool,
    /// Whether it names itself as its issuer. Its signature is not verified.
    pub self_issued: bool,
}

/// A certificate that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenCertificate {
    /// As [`Certificate::key`].
    pub key: Option<String>,
    /// What is wrong with it: `certificate 2: its PEM block has no end`.
    pub detail: String,
}

/// A file of certificates that another one names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFile {
    /// The key that names it: `users[0].user.client-certificate`.
    pub key: String,
    /// Its path; a relative one starts at the directory of the file that names it.
    pub path: String,
}

impl Certificates {
    /// How many bytes it takes, about.
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
