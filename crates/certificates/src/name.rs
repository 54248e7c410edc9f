//! Names of subjects and issuers, in the form of RFC 4514.

use std::fmt::Write as _;

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Reader as _, SliceReader, Tag, Tagged as _};

/// The largest name, in bytes. RFC 5280 allows 64 characters for most attributes.
const LARGEST: usize = 4 << 10;

/// The most bytes of a name that are shown.
const SHOWN: usize = 512;

/// The attributes for which RFC 4514 defines names.
const WORDS: [(ObjectIdentifier, &str); 9] = [
    (ObjectIdentifier::new_unwrap("2.5.4.3"), "CN"),
    (ORGANIZATION, "O"),
    (ObjectIdentifier::new_unwrap("2.5.4.11"), "OU"),
    (ObjectIdentifier::new_unwrap("2.5.4.6"), "C"),
    (ObjectIdentifier::new_unwrap("2.5.4.8"), "ST"),
    (ObjectIdentifier::new_unwrap("2.5.4.7"), "L"),
    (ObjectIdentifier::new_unwrap("2.5.4.9"), "STREET"),
    (ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.25"), "DC"),
    (ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.1"), "UID"),
];

const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");

/// A distinguished name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Name {
    /// The name as in RFC 4514, such as `CN=system:node:a,O=system:nodes`; truncated if long.
    pub(crate) text: String,
    /// The organizations.
    pub(crate) organizations: Vec<String>,
}

impl Name {
    /// Reads a name, a sequence of sets of attributes; `None` if it is invalid or too large.
    pub(crate) fn of(name: AnyRef<'_>) -> Option<Self> {
        if name.tag() != Tag::Sequence || name.value().len() > LARGEST {
            return None;
        }
        let mut read = Self::default();
        let mut parts = Vec::new();
        let mut sets = SliceReader::new(name.value()).ok()?;
        while !sets.is_finished() {
            let set: AnyRef<'_> = sets.decode().ok()?;
            if set.tag() != Tag::Set {
                return None;
            }
            let mut attributes = SliceReader::new(set.value()).ok()?;
            let mut part = String::new();
            while !attributes.is_finished() {
                if !part.is_empty() {
                    part.push('+');
                }
                read.attribute(attributes.decode().ok()?, &mut part)?;
            }
            parts.push(part);
        }
        parts.reverse();
        read.text = parts.join(",");
        if read.text.len() > SHOWN {
            read.text.truncate(read.text.floor_char_boundary(SHOWN));
            read.text.push('…');
        }
        Some(read)
    }

    /// Adds an attribute to a relative distinguished name.
    fn attribute(&mut self, attribute: AnyRef<'_>, part: &mut String) -> Option<()> {
        if attribute.tag() != Tag::Sequence {
            return None;
        }
        let mut reader = SliceReader::new(attribute.value()).ok()?;
        let kind: ObjectIdentifier = reader.decode().ok()?;
        let begin = usize::try_from(reader.position()).ok()?;
        let value: AnyRef<'_> = reader.decode().ok()?;
        if !reader.is_finished() {
            return None;
        }
        let text = text_of(value);
        if kind == ORGANIZATION {
            self.organizations.extend(text.clone());
        }
        match (WORDS.iter().find(|(known, _)| *known == kind), text) {
            (Some((_, word)), Some(text)) => {
                part.push_str(word);
                part.push('=');
                escape(&text, part);
            }
            _ => {
                // Writing to a String cannot fail.
                let _ = write!(part, "{kind}=#");
                for byte in attribute.value().get(begin..).unwrap_or_default() {
                    let _ = write!(part, "{byte:02X}");
                }
            }
        }
        Some(())
    }
}

/// The text of a string value, with invalid bytes replaced; `None` for other types.
fn text_of(value: AnyRef<'_>) -> Option<String> {
    let bytes = value.value();
    match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString | Tag::VisibleString => {
            Some(String::from_utf8_lossy(bytes).into_owned())
        }
        // In practice, T.61 strings contain Latin-1.
        Tag::TeletexString => Some(bytes.iter().copied().map(char::from).collect()),
        Tag::BmpString => {
            let (pairs, rest) = bytes.as_chunks();
            let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
            rest.is_empty().then(|| String::from_utf16_lossy(&units))
        }
        _ => None,
    }
}

/// Escapes a value as in RFC 4514, section 2.4, and control characters as hexadecimal bytes.
fn escape(value: &str, into: &mut String) {
    let last = value.len().saturating_sub(1);
    for (at, letter) in value.char_indices() {
        let is_special = matches!(letter, '"' | '+' | ',' | ';' | '<' | '>' | '\\')
            || (letter == ' ' && (at == 0 || at == last))
            || (letter == '#' && at == 0);
        if letter.is_control() {
            for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
                let _ = write!(into, "\\{byte:02X}");
            }
            continue;
        }
        if is_special {
            into.push('\\');
        }
        into.push(letter);
    }
}
