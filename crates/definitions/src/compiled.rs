//! The compiled form of the definitions, which the build script writes and the program embeds.
//!
//! Texts that recur, such as the keys of controls, are stored once: they follow each other in a table, and each
//! occurrence is an offset into it. That makes the compiled form a sixth smaller.

use std::cell::RefCell;
use std::collections::BTreeMap;
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

/// A text of the table. Outside of [`compile`], it is serialized as itself: digests depend on the texts, not on their
/// places.
struct Shared<T>(T);

impl Serialize for Shared<&str> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let offset = WRITTEN.with_borrow_mut(|table| table.as_mut().map(|table| table.offset(self.0)));
        match offset {
            Some(offset) => serializer.serialize_u32(offset.map_err(serde::ser::Error::custom)?),
            None => serializer.serialize_str(self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Shared<String> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = text_at(u32::deserialize(deserializer)?);
        text.map(|text| Self(text.to_owned())).ok_or_else(|| de::Error::custom("no text at this offset"))
    }
}

/// For `#[serde(with)]` on a text that recurs.
pub(crate) mod text {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Shared};

    pub(crate) fn serialize<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
        Shared(text).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        Shared::deserialize(deserializer).map(|Shared(text)| text)
    }
}

/// For `#[serde(with)]` on a list of texts that recur.
pub(crate) mod texts {
    use super::{Deserialize, Deserializer, Serializer, Shared};

    pub(crate) fn serialize<S: Serializer>(texts: &[String], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(texts.iter().map(|text| Shared(text.as_str())))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
        let texts: Vec<Shared<String>> = Vec::deserialize(deserializer)?;
        Ok(texts.into_iter().map(|Shared(text)| text).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::benchmark::Value;
    use crate::profile::{Adjustment, Profile};

    /// Definitions that contain this text four times.
    fn with(text: &str) -> Definitions {
        let list = Value::List(vec![text.to_owned(), String::new(), text.to_owned()]);
        let adjustment = |value: Value| Adjustment {
            control: "kubelet/config-mode".to_owned(),
            with: [("value".to_owned(), value)].into(),
            reason: String::new(),
            source: String::new(),
        };
        let profile = Profile {
            name: text.to_owned(),
            title: text.to_owned(),
            benchmark: None,
            platforms: Vec::new(),
            skip: Vec::new(),
            skip_numbers: Vec::new(),
            adjust: vec![adjustment(list), adjustment(Value::Text(text.to_owned()))],
        };
        Definitions { profiles: vec![profile].into(), ..Definitions::default() }
    }

    #[test]
    fn definitions_survive_being_compiled() {
        let text = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
        let definitions = with(text);
        let compiled = compile(&definitions).expect("plain data");
        let occurrences = compiled.windows(text.len()).filter(|window| *window == text.as_bytes()).count();
        // Two as they are, and all others together once.
        assert_eq!(occurrences, 3);
        assert_eq!(read(compiled.leak()), Ok(definitions));
        // A program has one table.
        assert_eq!(read(compile(&with("another")).expect("plain data").leak()), Err(Error::DeserializeBadEncoding));
        assert!(read(b"\x05no").is_err());
    }
}
