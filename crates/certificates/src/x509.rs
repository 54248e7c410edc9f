//! The fields of a certificate that are read (RFC 5280, section 4.1).

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Reader as _, SliceReader, Tag, TagNumber, Tagged as _};
use probe::Certificate;

use super::LARGEST;
use super::name::Name;
use super::time::seconds;

const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");

/// Parses the relevant fields of a certificate. A trusted one may be followed by trust data.
///
/// # Errors
///
/// Returns an error, as text, if the bytes are not a certificate or a field cannot be read.
pub(crate) fn certificate(bytes: &[u8], is_trusted: bool) -> Result<Certificate, &'static str> {
    if bytes.len() > LARGEST {
        return Err("exceeds the limit of 64 KiB");
    }
    let mut outer = SliceReader::new(bytes).map_err(|_| NOT_ONE)?;
    let whole = sequence(&mut outer).ok_or(NOT_ONE)?;
    if !is_trusted && !outer.is_finished() {
        return Err("has trailing data");
    }
    let mut parts = SliceReader::new(whole).map_err(|_| NOT_ONE)?;
    let content = sequence(&mut parts).ok_or(NOT_ONE)?;
    // The algorithm and the signature complete the certificate.
    let signed = sequence(&mut parts).and_then(|_| next(&mut parts)).filter(|it| it.tag() == Tag::BitString);
    if signed.is_none() || !parts.is_finished() {
        return Err(NOT_ONE);
    }
    let mut fields = SliceReader::new(content).map_err(|_| NOT_ONE)?;
    let mut first = next(&mut fields).ok_or(NOT_ONE)?;
    // Version 1 certificates have no version field.
    if is_field(first, 0) {
        first = next(&mut fields).ok_or(NOT_ONE)?;
    }
    if first.tag() != Tag::Integer {
        return Err(NOT_ONE);
    }
    sequence(&mut fields).ok_or(NOT_ONE)?;
    let issuer = next(&mut fields).ok_or(NOT_ONE)?;
    let validity = sequence(&mut fields).ok_or(NOT_ONE)?;
    let subject = next(&mut fields).ok_or(NOT_ONE)?;
    sequence(&mut fields).ok_or(NOT_ONE)?;
    let (not_before, not_after) = dates(validity).ok_or("has no readable dates")?;
    let self_issued = issuer == subject;
    let issuer = Name::of(issuer).ok_or("has no readable issuer")?;
    let subject = Name::of(subject).ok_or("has no readable subject")?;
    Ok(Certificate {
        key: None,
        subject: subject.text,
        groups: subject.organizations,
        issuer: issuer.text,
        not_before,
        not_after,
        is_ca: is_ca(&mut fields).ok_or("has no readable extensions")?,
        self_issued,
    })
}

const NOT_ONE: &str = "is not an X.509 certificate";

/// The next element.
fn next<'b>(reader: &mut SliceReader<'b>) -> Option<AnyRef<'b>> {
    reader.decode().ok()
}

/// The contents of the next element, if it is a sequence.
fn sequence<'b>(reader: &mut SliceReader<'b>) -> Option<&'b [u8]> {
    next(reader).filter(|it| it.tag() == Tag::Sequence).map(AnyRef::value)
}

/// Whether an element is the optional field with this number.
fn is_field(field: AnyRef<'_>, number: u32) -> bool {
    field.tag() == Tag::ContextSpecific { constructed: true, number: TagNumber(number) }
}

/// The start and end of the validity.
fn dates(validity: &[u8]) -> Option<(i64, i64)> {
    let mut reader = SliceReader::new(validity).ok()?;
    let dates = (seconds(next(&mut reader)?)?, seconds(next(&mut reader)?)?);
    reader.is_finished().then_some(dates)
}

/// Whether the extensions, which are the last field, mark a CA certificate; `None` if they cannot be read.
fn is_ca(fields: &mut SliceReader<'_>) -> Option<bool> {
    while !fields.is_finished() {
        let field = next(fields)?;
        if is_field(field, 3) {
            return constraints(field.value());
        }
    }
    Some(false)
}

fn constraints(extensions: &[u8]) -> Option<bool> {
    let mut reader = SliceReader::new(sequence(&mut SliceReader::new(extensions).ok()?)?).ok()?;
    while !reader.is_finished() {
        let mut extension = SliceReader::new(sequence(&mut reader)?).ok()?;
        let kind: ObjectIdentifier = extension.decode().ok()?;
        if kind != BASIC_CONSTRAINTS {
            continue;
        }
        let mut value = next(&mut extension)?;
        // The optional `critical` flag.
        if value.tag() == Tag::Boolean {
            value = next(&mut extension)?;
        }
        let mut constraints = SliceReader::new(sequence(&mut SliceReader::new(value.value()).ok()?)?).ok()?;
        if constraints.is_finished() {
            return Some(false);
        }
        let first = next(&mut constraints)?;
        return Some(first.tag() == Tag::Boolean && first.value().iter().any(|byte| *byte != 0));
    }
    Some(false)
}
