//! Configuration files, read as Kubernetes reads them, with the place of each value.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Spanned};

use crate::benchmark::{KeyPath, Step};
use crate::probe::{Cause, Why};

/// A value with the place where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    /// The value.
    pub value: Tree,
    /// The file, as it was named.
    pub file: Arc<str>,
    /// The line, from 1; 0 where it is not known.
    pub line: usize,
}

/// A value of YAML or JSON.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    /// Nothing.
    Null,
    /// A boolean, in any spelling of YAML 1.1.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Another number, as it prints.
    Float(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Located>),
    /// A mapping, in the order of the file; of two equal keys the last one is here.
    Map(Vec<(String, Located)>),
}

/// A configuration file's first document, a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    root: Located,
}

impl Document {
    /// Reads the first document of `text`: YAML as Kubernetes reads it (`no` is false, the last of two equal keys
    /// counts, `010` is eight), of which JSON is a part.
    ///
    /// # Errors
    ///
    /// Unknown (malformed), with line and column where the parser gives them, where it is no YAML or no mapping.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, Why> {
        let malformed = |detail: String| Why::new(Cause::Malformed, file, detail);
        let options = serde_saphyr::options! {
            duplicate_keys: DuplicateKeyPolicy::LastWins,
            legacy_octal_numbers: true,
        };
        let mut reader = bytes;
        let first = serde_saphyr::read_with_options::<_, Spanned<Raw>>(&mut reader, options).next();
        let raw = match first {
            Some(Ok(raw)) => raw,
            None => return Ok(Self { root: empty(file) }),
            Some(Err(error)) => {
                let place = error
                    .location()
                    .map_or_else(String::new, |place| format!("line {}, column {}: ", place.line(), place.column()));
                return Err(malformed(format!("{place}not valid YAML: {}", first_line(&error.to_string()))));
            }
        };
        let file: Arc<str> = Arc::from(file);
        let root = raw.value.located(&file, usize::try_from(raw.referenced.line()).unwrap_or(0));
        match root.value {
            Tree::Map(_) => Ok(Self { root }),
            Tree::Null => Ok(Self { root: empty(&file) }),
            Tree::List(_) => Err(malformed("is a list where a mapping is needed".to_owned())),
            _ => Err(malformed("is a single value where a mapping is needed".to_owned())),
        }
    }

    /// Lays `patch` over this document as the kubelet lays a drop-in over its configuration: mappings are merged,
    /// everything else is replaced, null takes away.
    ///
    /// Source: JSON merge patch, RFC 7396; <https://kubernetes.io/docs/tasks/administer-cluster/kubelet-config-file/>.
    pub fn merge(&mut self, patch: Self) {
        merge(&mut self.root, patch.root);
    }

    /// The whole of it.
    pub const fn root(&self) -> &Located {
        &self.root
    }

    /// The values that a key path leads to; none where it leads nowhere, and nulls do not count.
    pub fn find(&self, path: &KeyPath) -> Vec<Located> {
        let mut found = vec![self.root.clone()];
        for step in &path.0 {
            found = found.iter().flat_map(|value| take(value, step)).collect();
        }
        found.retain(|value| value.value != Tree::Null);
        found
    }

    /// The value of a plain key path such as `spec.nodeName`, borrowed.
    pub fn at(&self, keys: &[&str]) -> Option<&Located> {
        keys.iter().try_fold(&self.root, |value, key| value.get(key))
    }
}

impl Located {
    /// The value of a mapping's key.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Tree::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The items of a list; none of anything else.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Tree::List(items) => items,
            _ => &[],
        }
    }

    /// The text of a text.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Tree::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl fmt::Display for Tree {
    /// In one line, as JSON would have it but for texts, which stand bare.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
            Self::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    let comma = if index == 0 { "" } else { "," };
                    write!(f, "{comma}{}", item.value)?;
                }
                Ok(())
            }
            Self::Map(entries) => {
                for (index, (key, value)) in entries.iter().enumerate() {
                    let comma = if index == 0 { "" } else { "," };
                    write!(f, "{comma}{key}={}", value.value)?;
                }
                Ok(())
            }
        }
    }
}

fn empty(file: &str) -> Located {
    Located { value: Tree::Map(Vec::new()), file: Arc::from(file), line: 0 }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn merge(target: &mut Located, patch: Located) {
    let Tree::Map(changes) = patch.value else {
        *target = patch;
        return;
    };
    if !matches!(target.value, Tree::Map(_)) {
        target.value = Tree::Map(Vec::new());
        target.file = patch.file;
        target.line = patch.line;
    }
    let Tree::Map(entries) = &mut target.value else { return };
    for (key, change) in changes {
        let existing = entries.iter().position(|(name, _)| *name == key);
        match (existing, &change.value) {
            (Some(index), Tree::Null) => {
                entries.remove(index);
            }
            (None, Tree::Null) => {}
            (Some(index), _) => {
                if let Some((_, value)) = entries.get_mut(index) {
                    merge(value, change);
                }
            }
            (None, _) => {
                // Nulls inside a new mapping take nothing away, but do not stay either.
                let mut value = Located { value: Tree::Null, file: Arc::clone(&change.file), line: change.line };
                merge(&mut value, change);
                entries.push((key, value));
            }
        }
    }
}

fn take(value: &Located, step: &Step) -> Vec<Located> {
    match step {
        Step::Key(key) => value.get(key).cloned().into_iter().collect(),
        Step::Every => value.items().to_vec(),
        Step::Item(index) => value.items().get(*index).cloned().into_iter().collect(),
        Step::Where { key, values } => value
            .items()
            .iter()
            .find(|item| item.get(key).is_some_and(|field| field_is_one_of(field, values)))
            .cloned()
            .into_iter()
            .collect(),
        Step::Names => match &value.value {
            Tree::Map(entries) => entries
                .iter()
                .map(|(name, inner)| Located { value: Tree::Text(name.clone()), ..inner.clone() })
                .collect(),
            _ => Vec::new(),
        },
    }
}

fn field_is_one_of(field: &Located, values: &[String]) -> bool {
    let is_one = |text: &str| values.iter().any(|value| value == text);
    match &field.value {
        Tree::List(items) => items.iter().filter_map(Located::text).any(is_one),
        Tree::Text(text) => is_one(text),
        _ => false,
    }
}

/// What the parser hands over, before the file's name is known to each value.
#[derive(Debug)]
enum Raw {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(String, Spanned<Raw>)>),
}

impl Raw {
    fn located(self, file: &Arc<str>, line: usize) -> Located {
        let inner = |spanned: Spanned<Self>| {
            let line = usize::try_from(spanned.referenced.line()).unwrap_or(0);
            spanned.value.located(file, line)
        };
        let value = match self {
            Self::Null => Tree::Null,
            Self::Bool(value) => Tree::Bool(value),
            Self::Integer(value) => Tree::Integer(value),
            Self::Float(value) => Tree::Float(value),
            Self::Text(value) => Tree::Text(value),
            Self::List(items) => Tree::List(items.into_iter().map(inner).collect()),
            Self::Map(entries) => {
                let mut map: Vec<(String, Located)> = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    let value = inner(value);
                    match map.iter_mut().find(|(name, _)| *name == key) {
                        Some((_, earlier)) => *earlier = value,
                        None => map.push((key, value)),
                    }
                }
                Tree::Map(map)
            }
        };
        Located { value, file: Arc::clone(file), line }
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(i64::try_from(value).map_or_else(|_| Raw::Text(value.to_string()), Raw::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Text(value))
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}
