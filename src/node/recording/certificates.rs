//! The recorded form of certificates: the fields that checks need, never the files.

use probe::{BrokenCertificate, Certificate, CertificateFile, Certificates};
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::form::Bytes;

/// A certificate, a certificate that cannot be parsed, or a certificate file that a kubeconfig references.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct CertificateItem {
    /// The key in a kubeconfig that contains or references it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<Bytes>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<Bytes>,
    /// The organizations of the subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<Bytes>>,
    /// The issuer, unless it is the subject itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issuer: Option<Bytes>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    not_before: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    not_after: Option<Time>,
    /// Whether it is a CA certificate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    ca: bool,
    /// Why it cannot be parsed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    broken: Option<Bytes>,
    /// The path of the referenced file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<Bytes>,
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
            .map_err(|_| D::Error::custom(format!("{text:?} is not a time (write it as 2026-11-30T10:12:03Z)")))
    }
}

/// Converts the certificates of a file for a recording, with texts passed through `shown`.
pub(super) fn written(held: Certificates, shown: &dyn Fn(&str) -> String) -> Vec<CertificateItem> {
    let bytes = |text: &String| Bytes::of_text(shown(text));
    let mut items = Vec::new();
    for certificate in held.found {
        let groups: Vec<Bytes> = certificate.groups.iter().map(bytes).collect();
        items.push(CertificateItem {
            key: certificate.key.map(Bytes::of_text),
            subject: Some(bytes(&certificate.subject)),
            groups: Some(groups).filter(|groups| !groups.is_empty()),
            issuer: Some(bytes(&certificate.issuer)).filter(|_| !certificate.self_issued),
            not_before: Some(Time(certificate.not_before)),
            not_after: Some(Time(certificate.not_after)),
            ca: certificate.is_ca,
            ..CertificateItem::default()
        });
    }
    for BrokenCertificate { key, detail } in held.broken {
        let (key, broken) = (key.map(Bytes::of_text), Some(Bytes::of_text(detail)));
        items.push(CertificateItem { key, broken, ..CertificateItem::default() });
    }
    for CertificateFile { key, path } in held.named {
        let (key, file) = (Some(Bytes::of_text(key)), Some(Bytes::of_text(path)));
        items.push(CertificateItem { key, file, ..CertificateItem::default() });
    }
    items
}

/// Converts recorded certificates back.
///
/// # Errors
///
/// If an item is inconsistent; the error says what is wrong with it.
pub(super) fn held(items: Vec<CertificateItem>) -> Result<Certificates, String> {
    let mut held = Certificates::default();
    for item in items {
        let key = item.key.map(|key| key.text());
        match (item.subject, item.not_before, item.not_after, item.broken, item.file) {
            (Some(subject), Some(Time(not_before)), Some(Time(not_after)), None, None) => {
                let subject = subject.text();
                held.found.push(Certificate {
                    key,
                    groups: item.groups.iter().flatten().map(Bytes::text).collect(),
                    self_issued: item.issuer.is_none(),
                    issuer: item.issuer.map_or_else(|| subject.clone(), |issuer| issuer.text()),
                    subject,
                    not_before,
                    not_after,
                    is_ca: item.ca,
                });
            }
            (None, None, None, Some(detail), None) => {
                held.broken.push(BrokenCertificate { key, detail: detail.text() });
            }
            (None, None, None, None, Some(path)) => {
                held.named.push(CertificateFile { key: key.unwrap_or_default(), path: path.text() });
            }
            _ => return Err("a certificate has subject, not_before and not_after, or broken, or file".to_owned()),
        }
    }
    Ok(held)
}
