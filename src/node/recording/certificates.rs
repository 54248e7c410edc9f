//! How certificates are written down: what counts of them, and never the files.

use probe::{BrokenCertificate, Certificate, CertificateFile, Certificates};
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::form::Bytes;

/// What a file says of certificates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct CertificatesItem {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    found: Vec<CertificateItem>,
    /// Those that cannot be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    broken: Vec<PartItem>,
    /// Files of certificates that a kubeconfig names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    named: Vec<PartItem>,
}

/// A certificate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct CertificateItem {
    /// Of a kubeconfig: the key that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<Bytes>,
    subject: Bytes,
    /// The organizations of the subject.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<Bytes>,
    #[serde(default, skip_serializing_if = "Bytes::is_empty")]
    issuer: Bytes,
    not_before: Time,
    not_after: Time,
    /// Whether it is a CA's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    ca: bool,
    /// Whether it names itself as its issuer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    self_issued: bool,
}

/// What is wrong with a certificate, or the path of a file of certificates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct PartItem {
    /// Of a kubeconfig: the key that holds or names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<Bytes>,
    /// The path, or what is wrong.
    says: Bytes,
}

/// A time, written as `2026-11-30T10:12:03Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Time(pub(super) i64);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let time = OffsetDateTime::from_unix_timestamp(self.0).map_err(S::Error::custom)?;
        serializer.serialize_str(&time.format(&Rfc3339).map_err(S::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = OffsetDateTime::parse(&text, &Rfc3339);
        time.map(|time| Self(time.unix_timestamp()))
            .map_err(|_| D::Error::custom(format!("{text:?} is no time (write it as 2026-11-30T10:12:03Z)")))
    }
}

impl CertificatesItem {
    /// As it is written down, texts as `shown`.
    pub(super) fn of(held: Certificates, shown: &dyn Fn(String) -> String) -> Self {
        let bytes = |text: String| Bytes::of_text(shown(text));
        let key = |key: Option<String>| key.map(Bytes::of_text);
        let found = held.found.into_iter().map(|it| CertificateItem {
            key: key(it.key),
            subject: bytes(it.subject),
            groups: it.groups.into_iter().map(bytes).collect(),
            issuer: bytes(it.issuer),
            not_before: Time(it.not_before),
            not_after: Time(it.not_after),
            ca: it.is_ca,
            self_issued: it.self_issued,
        });
        let broken = held.broken.into_iter().map(|it| PartItem { key: key(it.key), says: Bytes::of_text(it.detail) });
        let named = held.named.into_iter().map(|it| PartItem { key: key(Some(it.key)), says: Bytes::of_text(it.path) });
        Self { found: found.collect(), broken: broken.collect(), named: named.collect() }
    }

    /// What is written down.
    pub(super) fn held(self) -> Certificates {
        let key = |key: Option<Bytes>| key.map(|key| key.text());
        let found = self.found.into_iter().map(|it| Certificate {
            key: key(it.key),
            subject: it.subject.text(),
            groups: it.groups.iter().map(Bytes::text).collect(),
            issuer: it.issuer.text(),
            not_before: it.not_before.0,
            not_after: it.not_after.0,
            is_ca: it.ca,
            self_issued: it.self_issued,
        });
        let broken = self.broken.into_iter().map(|it| BrokenCertificate { key: key(it.key), detail: it.says.text() });
        let named = self
            .named
            .into_iter()
            .map(|it| CertificateFile { key: key(it.key).unwrap_or_default(), path: it.says.text() });
        Certificates { found: found.collect(), broken: broken.collect(), named: named.collect() }
    }
}
