//! Certificates of a made-up authority: valid ones, and ones with a single fault each.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SigningKey as _, date_time_ymd,
};
use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};

/// A certificate authority.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate and its key.
pub struct Leaf {
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

fn params(name: &str, alternatives: &[&str]) -> CertificateParams {
    let alternatives: Vec<String> = alternatives.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(alternatives).expect("names of hosts");
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}

impl Authority {
    /// Creates an authority with this name.
    pub fn new(name: &str) -> Self {
        let mut params = params(name, &[]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self { issuer: CertifiedIssuer::self_signed(params, key()).expect("it is signed") }
    }

    /// The authority's certificate.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// The authority's certificate as in kubeconfigs.
    pub fn base64(&self) -> String {
        STANDARD.encode(self.pem())
    }

    /// A server certificate for these hosts.
    pub fn leaf(&self, hosts: &[&str]) -> Leaf {
        self.sign(&params("kube-apiserver", hosts))
    }

    /// A client certificate of a user in a group.
    pub fn user(&self, name: &str, group: &str) -> Leaf {
        let mut params = params(name, &[]);
        params.distinguished_name.push(DnType::OrganizationName, group);
        self.sign(&params)
    }

    /// A server certificate that expired at the end of 2020.
    pub fn expired(&self, hosts: &[&str]) -> Leaf {
        let mut params = params("kube-apiserver", hosts);
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2020, 12, 31);
        self.sign(&params)
    }

    /// A server certificate that is valid from the year 4000.
    pub fn not_yet(&self, hosts: &[&str]) -> Leaf {
        let mut params = params("kube-apiserver", hosts);
        params.not_before = date_time_ymd(4000, 1, 1);
        params.not_after = date_time_ymd(4001, 1, 1);
        self.sign(&params)
    }

    /// A server certificate that is itself a CA's.
    pub fn authority_as_leaf(&self, hosts: &[&str]) -> Leaf {
        let mut params = params("kube-apiserver", hosts);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        self.sign(&params)
    }

    /// An X.509 version 1 certificate: removes the version and the extensions, and signs the rest again.
    pub fn version_one(&self) -> Leaf {
        let leaf = self.leaf(&[]);
        let (signed, rest) = element(content(&leaf.certificate));
        let (algorithm, _) = element(rest);
        let parts = elements(content(signed)).filter(|part| !matches!(part[0], 0xa0 | 0xa3));
        let signed = sequence(0x30, &parts.collect::<Vec<_>>().concat());
        let signature = self.issuer.key().sign(&signed).expect("it is signed");
        let signature = sequence(0x03, &[&[0], signature.as_slice()].concat());
        let whole = sequence(0x30, &[&signed, algorithm, &signature].concat());
        Leaf { certificate: whole.into(), key: leaf.key }
    }

    fn sign(&self, params: &CertificateParams) -> Leaf {
        let key = key();
        let signed = params.signed_by(&key, &self.issuer).expect("it is signed");
        Leaf { certificate: signed.der().clone(), key }
    }
}

impl Leaf {
    /// The certificate as PEM.
    pub fn pem(&self) -> String {
        let lines = STANDARD.encode(&self.certificate);
        let lines: Vec<&str> = lines.as_bytes().chunks(64).map(|line| str::from_utf8(line).expect("ASCII")).collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
    }

    /// The private key as PEM.
    pub fn key(&self) -> String {
        self.key.serialize_pem()
    }
}

/// The server's TLS configuration; accepts client certificates of `clients`.
pub fn server(leaf: &Leaf, clients: Option<&Authority>) -> Arc<ServerConfig> {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .expect("TLS 1.2 and 1.3");
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.issuer.der().clone()).expect("an authority");
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
            builder.with_client_cert_verifier(verifier.allow_unauthenticated().build().expect("a verifier"))
        }
    };
    let key = PrivateKeyDer::try_from(leaf.key.serialize_der()).expect("a key");
    let key = provider.key_provider.load_private_key(key).expect("a key");
    // Skips rustls' check that key and certificate match, which would reject the faulty ones.
    let certified = CertifiedKey::new(vec![leaf.certificate.clone()], key);
    Arc::new(builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(certified))))
}

/// Splits DER into its first element (tag, length and content) and the rest.
fn element(der: &[u8]) -> (&[u8], &[u8]) {
    let (head, length) = header(der);
    der.split_at(head + length)
}

fn elements(mut der: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (first, rest) = (!der.is_empty()).then(|| element(der))?;
        der = rest;
        Some(first)
    })
}

fn content(der: &[u8]) -> &[u8] {
    &der[header(der).0..]
}

/// The lengths of an element's header and of its content.
fn header(der: &[u8]) -> (usize, usize) {
    match der[1] {
        short @ ..0x80 => (2, usize::from(short)),
        long => {
            let bytes = usize::from(long & 0x7f);
            (2 + bytes, der[2..2 + bytes].iter().fold(0, |length, byte| length << 8 | usize::from(*byte)))
        }
    }
}

fn sequence(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("short");
    let [high, low] = length.to_be_bytes();
    let head: &[u8] = match length {
        ..0x80 => &[tag, low],
        0x80..0x100 => &[tag, 0x81, low],
        _ => &[tag, 0x82, high, low],
    };
    [head, content].concat()
}
