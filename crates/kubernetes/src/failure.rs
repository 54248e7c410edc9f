//! Why a request got no answer, as text: the server, the problem, and what to do.

use std::error::Error;
use std::io;

use probe::{Cause, Reason};
use rustls::{AlertDescription, CertificateError};

use crate::connector::{ProxyRefused, TooLate};
use crate::resolve::NameError;
use crate::text;
use crate::tls::is_version_one;

/// Why a request got no answer.
#[derive(Debug)]
pub struct Failure {
    /// The message.
    pub reason: Reason,
    /// How to proceed.
    pub kind: Kind,
}

/// How to proceed after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The server is not reachable.
    Unreachable,
    /// Retrying does not help.
    Final,
    /// Retrying at once may help.
    Passing,
    /// It took too long.
    Late,
    /// The answer exceeds the size limit.
    TooLarge,
}

/// The properties that identify a failure.
enum Found<'e> {
    Name(NameError),
    Late(TooLate),
    Proxy(&'e ProxyRefused),
    Tls(&'e rustls::Error),
    NotHttp,
    Io(&'e io::Error),
}

/// Returns the failure that an error represents; `connecting` is whether the connection was still being opened.
pub fn of(error: &(dyn Error + 'static), server: &str, connecting: bool) -> Failure {
    let (cause, detail, kind) = match found(error) {
        Some(Found::Name(NameError::NotFound)) => (
            Cause::System,
            "no such host (check the server of the kubeconfig, /etc/hosts and /etc/resolv.conf)".to_owned(),
            Kind::Unreachable,
        ),
        Some(Found::Name(NameError::NoAnswer)) => {
            (Cause::TimedOut, "no name server answered (check /etc/resolv.conf)".to_owned(), Kind::Unreachable)
        }
        Some(Found::Late(TooLate(limit))) => (
            Cause::TimedOut,
            format!("no connection within {} s (check the address, and firewalls in between)", limit.as_secs()),
            Kind::Unreachable,
        ),
        Some(Found::Proxy(refused)) => {
            let words = text::message(&refused.to_string());
            (Cause::System, format!("not reached through the proxy: {words} (check proxy-url)"), Kind::Unreachable)
        }
        Some(Found::Tls(error)) => {
            let (detail, kind) = of_tls(error);
            (Cause::System, detail, kind)
        }
        Some(Found::NotHttp) => {
            (Cause::Malformed, "does not speak HTTP (check the port in the kubeconfig)".to_owned(), Kind::Unreachable)
        }
        Some(Found::Io(error)) => of_io(error, connecting),
        None if connecting => (Cause::System, "no connection".to_owned(), Kind::Unreachable),
        None => (Cause::System, CUT.to_owned(), Kind::Passing),
    };
    Failure { reason: Reason::new(cause, server, detail), kind }
}

const CUT: &str = "the connection ended before the answer did";

/// The first meaningful error in the chain of sources.
fn found<'e>(error: &'e (dyn Error + 'static)) -> Option<Found<'e>> {
    let mut last = None;
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(name) = error.downcast_ref::<NameError>() {
            return Some(Found::Name(*name));
        }
        if let Some(late) = error.downcast_ref::<TooLate>() {
            return Some(Found::Late(*late));
        }
        if let Some(refused) = error.downcast_ref::<ProxyRefused>() {
            return Some(Found::Proxy(refused));
        }
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(Found::Tls(tls));
        }
        if error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse) {
            return Some(Found::NotHttp);
        }
        next = match error.downcast_ref::<io::Error>() {
            Some(io) => {
                last = Some(Found::Io(io));
                // `source()` of an I/O error skips the wrapped error, so take that itself.
                io.get_ref().map(|inner| inner as &(dyn Error + 'static))
            }
            None => error.source(),
        };
    }
    last
}

fn of_io(error: &io::Error, connecting: bool) -> (Cause, String, Kind) {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => (
            Cause::System,
            "connection refused (check the server of the kubeconfig, and that the API server runs)".to_owned(),
            Kind::Unreachable,
        ),
        io::ErrorKind::TimedOut => (
            Cause::TimedOut,
            "no connection in time (check the address, and firewalls in between)".to_owned(),
            Kind::Unreachable,
        ),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe if connecting => (
            Cause::System,
            "closed the connection before TLS began (check that the port is that of the API server)".to_owned(),
            Kind::Passing,
        ),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
            (Cause::System, CUT.to_owned(), Kind::Passing)
        }
        _ => {
            let kind = if connecting { Kind::Unreachable } else { Kind::Passing };
            (Cause::System, text::message(&error.to_string()), kind)
        }
    }
}

fn of_tls(error: &rustls::Error) -> (String, Kind) {
    let detail = match error {
        rustls::Error::InvalidCertificate(wrong) => of_certificate(wrong),
        rustls::Error::AlertReceived(alert) => of_alert(*alert),
        rustls::Error::InvalidMessage(_) | rustls::Error::InappropriateMessage { .. } => {
            "does not speak TLS (check the port, and whether the URL is to begin with http://)".to_owned()
        }
        rustls::Error::PeerIncompatible(_) => {
            "speaks no version of TLS that is secure (TLS 1.2 or 1.3 is needed)".to_owned()
        }
        other => format!("TLS failed: {}", text::message(&other.to_string())),
    };
    (detail, Kind::Unreachable)
}

fn of_certificate(wrong: &CertificateError) -> String {
    match wrong {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "its certificate is signed by an unknown authority (check that certificate-authority in the kubeconfig is that \
             of this cluster, and no server's certificate)"
                .to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired (renew it: `kubeadm certs renew apiserver`; or check the clock of this machine)"
                .to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet (check the clock of this machine)".to_owned()
        }
        CertificateError::NotValidForName => {
            "its certificate is for a different name (set tls-server-name in the kubeconfig)".to_owned()
        }
        CertificateError::NotValidForNameContext { presented, .. } => {
            // Each name is formatted with its kind: `DnsName("kubernetes")`, `IpAddress(10.0.0.1)`.
            let names = presented.iter().map(|name| {
                let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(name);
                inner.trim_matches('"')
            });
            let names = text::names(names);
            format!("its certificate is for a different name: {names} (set tls-server-name in the kubeconfig)")
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "its certificate is not a server certificate (reissue it with the extended key usage serverAuth)".to_owned()
        }
        other if is_version_one(other) => {
            "its certificate is X.509 version 1, which is not accepted (reissue it as version 3, with a subject \
             alternative name; or pass the output of `kubectl get -o json` with --cluster-objects)"
                .to_owned()
        }
        other if format!("{other:?}").starts_with("UnsupportedSignatureAlgorithm") => {
            "its certificate is signed with an unsupported type of key (reissue it with RSA, P-256 or P-384; or \
             pass what `kubectl get -o json` writes by --cluster-objects)"
                .to_owned()
        }
        // The inner error's type belongs to a crate below rustls.
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "its certificate is a CA certificate, which is not accepted for a server (issue one for the server, with \
             CA:FALSE; or pass the output of `kubectl get -o json` with --cluster-objects)"
                .to_owned()
        }
        other => format!("its certificate is not accepted: {}", text::message(&other.to_string())),
    }
}

fn of_alert(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::CertificateRequired => {
            "requires a client certificate (set client-certificate and client-key in the kubeconfig)".to_owned()
        }
        AlertDescription::CertificateExpired => "refused the client certificate: it has expired (renew it)".to_owned(),
        AlertDescription::BadCertificate
        | AlertDescription::UnknownCA
        | AlertDescription::CertificateUnknown
        | AlertDescription::CertificateRevoked
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::AccessDenied => {
            "refused the client certificate (check client-certificate in the kubeconfig)".to_owned()
        }
        AlertDescription::UnrecognisedName => {
            "does not recognize this server name (check the server of the kubeconfig, and tls-server-name)".to_owned()
        }
        AlertDescription::HandshakeFailure => {
            "ended the TLS handshake: no TLS version or cipher in common with this program (its key must be RSA, P-256, \
             P-384 or Ed25519)"
                .to_owned()
        }
        other => format!("ended TLS: {}", text::message(&format!("{other:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::OtherError;

    use super::*;

    #[test]
    fn errors_of_tls_say_what_to_do() {
        let certificate = rustls::Error::InvalidCertificate;
        let table = [
            (certificate(CertificateError::Expired), "has expired (renew it: `kubeadm certs renew apiserver`"),
            (
                certificate(CertificateError::UnknownIssuer),
                "signed by an unknown authority (check that certificate-auth",
            ),
            (certificate(CertificateError::BadSignature), "signed by an unknown authority"),
            (certificate(CertificateError::NotValidForName), "for a different name (set tls-server-name"),
            (certificate(CertificateError::InvalidPurpose), "not a server certificate (reissue it"),
            (
                certificate(CertificateError::UnsupportedSignatureAlgorithmContext {
                    signature_algorithm_id: Vec::new(),
                    supported_algorithms: Vec::new(),
                }),
                "signed with an unsupported type of key (reissue it with RSA, P-256 or P-384",
            ),
            (
                certificate(CertificateError::Other(OtherError(Arc::new(io::Error::other("a\nb"))))),
                "its certificate is not accepted: ",
            ),
            (
                rustls::Error::AlertReceived(AlertDescription::CertificateRequired),
                "requires a client certificate (set client-",
            ),
            (
                rustls::Error::AlertReceived(AlertDescription::HandshakeFailure),
                "no TLS version or cipher in common with this program",
            ),
            (rustls::Error::AlertReceived(AlertDescription::InternalError), "ended TLS: InternalError"),
        ];
        for (error, expected) in table {
            // Connections return the error wrapped in I/O errors.
            let wrapped = io::Error::other(io::Error::other(error));
            let Failure { reason, kind } = of(&wrapped, "https://s", true);
            let words = reason.to_string();
            assert!(words.starts_with("https://s: ") && words.contains(expected), "{words}");
            assert!(words.lines().count() == 1 && kind == Kind::Unreachable, "{words}");
        }
    }

    #[test]
    fn what_passes_is_told_from_what_does_not() {
        let of = |kind: io::ErrorKind, connecting| of(&io::Error::from(kind), "s", connecting).kind;
        assert_eq!(of(io::ErrorKind::ConnectionRefused, true), Kind::Unreachable);
        assert_eq!(of(io::ErrorKind::TimedOut, true), Kind::Unreachable);
        assert_eq!(of(io::ErrorKind::ConnectionReset, true), Kind::Passing);
        assert_eq!(of(io::ErrorKind::UnexpectedEof, false), Kind::Passing);
        assert_eq!(of(io::ErrorKind::Other, false), Kind::Passing);
    }
}
