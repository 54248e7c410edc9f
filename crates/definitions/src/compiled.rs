//! The compiled form of the definitions, which the build script writes and the program embeds.
//!
//! Texts follow each other in a table, each stored once; every occurrence is an offset into it.

use std::borrow::{Borrow, Cow};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::path::Path;
use std::sync::OnceLock;

use postcard::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Definitions;

/// The table of texts that is being written.
#[derive(Default)]
struct Table {
    offsets: BTreeMap<String, u32>,
    texts: Vec<u8>,
}

thread_local! {
    /// The table of the definitions that this thread compiles; none while it compiles nothing.
    static WRITTEN: RefCell<Option<Table>> = const { RefCell::new(None) };
}

/// The table of the definitions that were read. A program embeds one compiled form only.
static READ: OnceLock<&'static [u8]> = OnceLock::new();

/// Returns the compiled form of definitions.
///
/// # Errors
///
/// None are known: plain data is written to memory.
pub fn compile(definitions: &Definitions) -> Result<Vec<u8>> {
    WRITTEN.set(Some(Table::default()));
    let body = postcard::to_allocvec(definitions);
    let texts = WRITTEN.take().map(|table| table.texts);
    postcard::to_allocvec(&(texts.unwrap_or_default(), body?))
}

/// Reads definitions from their compiled form.
///
/// # Errors
///
/// If [`compile`] did not write it, or if a compiled form with other texts was read before.
pub fn read(compiled: &'static [u8]) -> Result<Definitions> {
    let (texts, body): (&[u8], &[u8]) = postcard::from_bytes(compiled)?;
    if *READ.get_or_init(|| texts) != texts {
        return Err(Error::DeserializeBadEncoding);
    }
    postcard::from_bytes(body)
}

impl Table {
    /// Returns the offset of a text, which is added if it is new.
    fn offset(&mut self, text: &str) -> Result<u32> {
        if let Some(offset) = self.offsets.get(text) {
            return Ok(*offset);
        }
        let offset = u32::try_from(self.texts.len()).map_err(|_| Error::SerializeBufferFull)?;
        self.texts.extend(postcard::to_allocvec(text)?);
        self.offsets.insert(text.to_owned(), offset);
        Ok(offset)
    }
}

fn text_at(offset: u32) -> Option<&'static str> {
    let rest = READ.get()?.get(usize::try_from(offset).ok()?..)?;
    postcard::take_from_bytes(rest).ok().map(|(text, _)| text)
}

/// A text of the definitions, compared and printed as `str`.
///
/// Those of the compiled form are borrowed from it: a run decodes 2,500 of them, and copying each took an allocation.
/// Outside of [`compile`], a text is serialized as itself: digests depend on the texts, not on their places.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SharedText(Cow<'static, str>);

impl SharedText {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for SharedText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// It is equal to, and ordered as, what it borrows.
impl Borrow<str> for SharedText {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for SharedText {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl AsRef<Path> for SharedText {
    fn as_ref(&self) -> &Path {
        Path::new(self.as_str())
    }
}

impl From<String> for SharedText {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&str> for SharedText {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl PartialEq<str> for SharedText {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for SharedText {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl PartialEq<SharedText> for &str {
    fn eq(&self, other: &SharedText) -> bool {
        *self == other.0
    }
}

impl PartialEq<String> for SharedText {
    fn eq(&self, other: &String) -> bool {
        self.0 == *other
    }
}

impl fmt::Display for SharedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Debug for SharedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl Serialize for SharedText {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let offset = WRITTEN.with_borrow_mut(|table| table.as_mut().map(|table| table.offset(self)));
        match offset {
            Some(offset) => serializer.serialize_u32(offset.map_err(serde::ser::Error::custom)?),
            None => serializer.serialize_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for SharedText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = text_at(u32::deserialize(deserializer)?);
        text.map(|text| Self(Cow::Borrowed(text))).ok_or_else(|| de::Error::custom("no text at this offset"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::benchmark::Value;
    use crate::profile::{Adjustment, Profile};

    /// Definitions that contain this text five times.
    fn with(text: &str) -> Definitions {
        let list = Value::List(vec![text.into(), "".into(), text.into()]);
        let adjustment = |value: Value| Adjustment {
            control: "kubelet/config-mode".into(),
            with: [("value".into(), value)].into(),
            reason: "".into(),
            source: "".into(),
        };
        let profile = Profile {
            name: text.into(),
            title: text.into(),
            benchmark: None,
            platforms: Vec::new(),
            skip: Vec::new(),
            skip_numbers: Vec::new(),
            adjust: vec![adjustment(list), adjustment(Value::Text(text.into()))],
        };
        Definitions { profiles: vec![profile].into(), ..Definitions::default() }
    }

    #[test]
    fn definitions_survive_being_compiled() {
        let text = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
        let definitions = with(text);
        let compiled = compile(&definitions).expect("plain data");
        let occurrences = compiled.windows(text.len()).filter(|window| *window == text.as_bytes()).count();
        assert_eq!(occurrences, 1);
        assert_eq!(read(compiled.leak()), Ok(definitions));
        // A program has one table.
        assert_eq!(read(compile(&with("another")).expect("plain data").leak()), Err(Error::DeserializeBadEncoding));
        assert!(read(b"\x05no").is_err());
    }
}
