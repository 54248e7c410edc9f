//! TLS client configuration: root certificates for the server, and the client certificate.

use std::sync::Arc;

use probe::{Cause, Reason};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::text;

/// PEM data and where it came from.
pub struct Pem {
    /// Such as `/etc/kubernetes/pki/ca.crt` or ``certificate-authority-data of cluster `x` ``.
    pub subject: String,
    /// The PEM text.
    pub bytes: Vec<u8>,
}

/// A client certificate and its key.
pub struct Identity {
    /// The certificate, followed by those of its issuers.
    pub certificate: Pem,
    /// The key.
    pub key: Pem,
}

/// The root certificates for verifying the server's certificate.
pub enum Trust {
    /// The CA from the kubeconfig.
    Authority(Pem),
    /// This machine's root certificates.
    Machine,
    /// No verification: `--insecure-skip-tls-verify`.
    Anything,
}

/// Builds the TLS client configuration.
pub fn configuration(trust: &Trust, identity: Option<&Identity>) -> Result<ClientConfig, Reason> {
    let provider = Arc::new(ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| Reason::new(Cause::System, "TLS", text::message(&error.to_string())))?;
    let verified = match trust {
        Trust::Authority(pem) => versions.with_root_certificates(authority(pem)?),
        Trust::Machine => versions.with_root_certificates(machine()?),
        Trust::Anything => versions.dangerous().with_custom_certificate_verifier(Arc::new(Unverified(provider))),
    };
    let Some(identity) = identity else { return Ok(verified.with_no_client_auth()) };
    let chain = certificates(&identity.certificate)?;
    let private = PrivateKeyDer::from_pem_slice(&identity.key.bytes)
        .map_err(|_| Reason::new(Cause::Malformed, &identity.key.subject, "no private key in PEM"))?;
    verified.with_client_auth_cert(chain, private).map_err(|error| of_identity(&error, identity))
}

/// Why a certificate and its key cannot be used.
fn of_identity(error: &rustls::Error, Identity { certificate, key }: &Identity) -> Reason {
    match error {
        rustls::Error::InconsistentKeys(_) => {
            Reason::new(Cause::Malformed, &key.subject, format!("not the key of {}", certificate.subject))
        }
        rustls::Error::InvalidCertificate(wrong) if is_version_one(wrong) => Reason::new(
            Cause::Malformed,
            &certificate.subject,
            "an X.509 certificate of version 1, which is not accepted (reissue it as version 3, as newer releases of \
             MicroK8s do automatically; or use a token)",
        ),
        rustls::Error::InvalidCertificate(_) => {
            Reason::new(Cause::Malformed, &certificate.subject, "a certificate in it cannot be read")
        }
        _ => Reason::new(
            Cause::Malformed,
            &key.subject,
            "a key that cannot be used (PKCS #1, PKCS #8 or SEC 1, and RSA, P-256, P-384 or Ed25519, without a password)",
        ),
    }
}

/// Whether a certificate is rejected as X.509 version 1. The error's type belongs to a crate below rustls.
pub fn is_version_one(wrong: &rustls::CertificateError) -> bool {
    format!("{wrong:?}").contains("UnsupportedCertVersion")
}

fn authority(pem: &Pem) -> Result<RootCertStore, Reason> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem)? {
        roots
            .add(certificate)
            .map_err(|_| Reason::new(Cause::Malformed, &pem.subject, "a certificate in it cannot be read"))?;
    }
    Ok(roots)
}

fn machine() -> Result<RootCertStore, Reason> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        let detail = "the kubeconfig names none, and this machine has none (set certificate-authority)";
        return Err(Reason::new(Cause::System, "certificate authorities", detail));
    }
    Ok(roots)
}

fn certificates(pem: &Pem) -> Result<Vec<CertificateDer<'static>>, Reason> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem.bytes).collect();
    match read {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(Reason::new(Cause::Malformed, &pem.subject, "no certificates in PEM")),
    }
}

/// Accepts any certificate without parsing it, even of a kind that would be rejected otherwise. An attacker who can
/// pose as the server can present any certificate, so checking its signature proves nothing either.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
