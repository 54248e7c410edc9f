//! Parses configuration files as Kubernetes does, keeping the location of each value.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use definitions::benchmark::{KeyPath, Step};
use probe::{Cause, NOT_RECORDED, Reason};
use yaml::{Content, Node, Plain};

/// A value and its location.
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    /// The value.
    pub value: DocumentValue,
    /// The file's name, as given.
    pub file: Arc<str>,
    /// The line, from 1; 0 if unknown.
    pub line: usize,
}

/// A value of YAML or JSON.
#[derive(Debug, Clone, PartialEq)]
pub enum DocumentValue {
    /// Null.
    Null,
    /// A boolean, in any spelling of YAML 1.1.
    Bool(bool),
    /// An integer.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<Located>),
    /// A mapping, in file order. For equal keys, it contains only the last one.
    Map(Vec<(String, Located)>),
}

/// The first document of a configuration file, which is a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    root: Located,
    /// The approximate number of values; long texts count as several.
    values: usize,
    /// The key paths that are missing from a recording.
    unrecorded: Arc<[String]>,
}

impl Document {
    /// Parses the first document of `bytes` as YAML, which includes JSON, as Kubernetes does: `no` is false, the last
    /// of equal keys wins, `010` is eight.
    ///
    /// # Errors
    ///
    /// Returns a reason (malformed) if it is not YAML, with line and column, or not a mapping.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, Reason> {
        let malformed = |detail: String| Reason::new(Cause::Malformed, file, detail);
        let document = yaml::decode(bytes)
            .and_then(|text| yaml::parse(&text))
            .map_err(|fault| malformed(format!("line {}, column {}: {}", fault.line, fault.column, fault.message)))?;
        let file: Arc<str> = Arc::from(file);
        let whole = |root, values| Self { root, values, unrecorded: Arc::default() };
        let Some(root) = document.root else { return Ok(whole(empty(&file), 1)) };
        let (values, root) = (root.nodes(), located(root, &file));
        match root.value {
            DocumentValue::Map(_) => Ok(whole(root, values)),
            DocumentValue::Null => Ok(whole(empty(&file), 1)),
            DocumentValue::List(_) => Err(malformed("is a list where a mapping is needed".to_owned())),
            _ => Err(malformed("is a single value where a mapping is needed".to_owned())),
        }
    }

    /// Merges `patch` into this document as the kubelet merges a drop-in into its configuration: mappings are merged,
    /// everything else is replaced, and null removes a key.
    ///
    /// Source: JSON merge patch, RFC 7396; <https://kubernetes.io/docs/tasks/administer-cluster/kubelet-config-file/>.
    pub fn merge(&mut self, patch: Self) {
        self.values += patch.values;
        merge(&mut self.root, patch.root);
        if !patch.unrecorded.is_empty() {
            self.unrecorded = self.unrecorded.iter().chain(&*patch.unrecorded).cloned().collect();
        }
    }

    /// Marks key paths as missing from a recording.
    #[must_use]
    pub fn without(self, unrecorded: Vec<String>) -> Self {
        Self { unrecorded: unrecorded.into(), ..self }
    }

    /// Returns why the value at a key path is unknown, if it is missing from a recording.
    pub fn unrecorded(&self, path: &str) -> Option<Reason> {
        let is_lacking = self.unrecorded.iter().any(|lacking| lacking == path);
        is_lacking.then(|| Reason::new(Cause::NotRecorded, format!("{path} in {}", self.root.file), NOT_RECORDED))
    }

    /// The approximate number of values, including merged documents; long texts count as several.
    pub const fn values(&self) -> usize {
        self.values
    }

    /// The root of the document.
    pub const fn root(&self) -> &Located {
        &self.root
    }

    /// Returns the values at a key path, without nulls; empty if there are none.
    pub fn find(&self, path: &KeyPath) -> Vec<Located> {
        // Borrowed on the way, since the levels above the values make up most of the document.
        let mut found = vec![Cow::Borrowed(&self.root)];
        for step in &path.0 {
            found = found.iter().flat_map(|value| take(value, step)).collect();
        }
        found.retain(|value| value.value != DocumentValue::Null);
        found.into_iter().map(Cow::into_owned).collect()
    }

    /// Returns the value at a plain key path such as `spec.nodeName`.
    pub fn at(&self, keys: &[&str]) -> Option<&Located> {
        keys.iter().try_fold(&self.root, |value, key| value.get(key))
    }
}

impl Located {
    /// Returns the value of a key; none if this is not a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            DocumentValue::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Returns the items of a list; empty for other values.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            DocumentValue::List(items) => items,
            _ => &[],
        }
    }

    /// Returns the text of a string; none for other values.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            DocumentValue::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl fmt::Display for DocumentValue {
    /// Writes the value on one line: lists joined by commas, mappings as `key=value`, strings without quotes.
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

/// Converts a YAML node to a value. Texts are moved, unless an alias repeats them.
fn located(node: Rc<Node>, file: &Arc<str>) -> Located {
    let Node { line, content, .. } = Rc::unwrap_or_clone(node);
    let value = match content {
        Content::Scalar { text, plain: true } => match Plain::of(&text) {
            Plain::Null => DocumentValue::Null,
            Plain::Boolean(value) => DocumentValue::Bool(value),
            Plain::Whole(whole) => {
                i64::try_from(whole).map_or_else(|_| DocumentValue::Text(whole.to_string()), DocumentValue::Integer)
            }
            Plain::Number(number) => number_tree(number),
            Plain::Text(_) => DocumentValue::Text(text),
        },
        Content::Scalar { text, plain: false } => DocumentValue::Text(text),
        Content::List(items) => DocumentValue::List(items.into_iter().map(|item| located(item, file)).collect()),
        Content::Map(entries) => {
            DocumentValue::Map(entries.into_iter().map(|entry| (entry.key, located(entry.value, file))).collect())
        }
    };
    Located { value, file: Arc::clone(file), line }
}

/// Converts a number with a point or an exponent. An integral one is an integer to Kubernetes, which converts YAML to
/// JSON.
fn number_tree(number: f64) -> DocumentValue {
    // `{:.0}` prints an integral number without point and exponent.
    let whole = if number.fract() == 0.0 { format!("{number:.0}").parse().ok() } else { None };
    whole.map_or(DocumentValue::Float(number), DocumentValue::Integer)
}

fn empty(file: &str) -> Located {
    Located { value: DocumentValue::Map(Vec::new()), file: Arc::from(file), line: 0 }
}

fn merge(target: &mut Located, patch: Located) {
    let DocumentValue::Map(changes) = patch.value else {
        *target = patch;
        return;
    };
    if !matches!(target.value, DocumentValue::Map(_)) {
        target.value = DocumentValue::Map(Vec::new());
        target.file = patch.file;
        target.line = patch.line;
    }
    let DocumentValue::Map(entries) = &mut target.value else { return };
    let mut places: HashMap<String, usize> =
        entries.iter().enumerate().map(|(index, (name, _))| (name.clone(), index)).collect();
    let mut is_gone = vec![false; entries.len()];
    for (key, change) in changes {
        let existing = places.get(&key).copied();
        match (existing, &change.value) {
            (Some(index), DocumentValue::Null) => {
                places.remove(&key);
                if let Some(gone) = is_gone.get_mut(index) {
                    *gone = true;
                }
            }
            (None, DocumentValue::Null) => {}
            (Some(index), _) => {
                if let Some((_, value)) = entries.get_mut(index) {
                    merge(value, change);
                }
            }
            (None, _) => {
                // Nulls inside a new mapping have nothing to remove, but are dropped too.
                let mut value =
                    Located { value: DocumentValue::Null, file: Arc::clone(&change.file), line: change.line };
                merge(&mut value, change);
                places.insert(key.clone(), entries.len());
                entries.push((key, value));
                is_gone.push(false);
            }
        }
    }
    let mut gone = is_gone.into_iter();
    entries.retain(|_| !gone.next().unwrap_or_default());
}

fn take<'d>(value: &Cow<'d, Located>, step: &Step) -> Vec<Cow<'d, Located>> {
    // Owned values are names of keys, which contain nothing.
    let &Cow::Borrowed(value) = value else { return Vec::new() };
    let one = |value: Option<&'d Located>| value.map(Cow::Borrowed).into_iter().collect();
    match step {
        Step::Key(key) => one(value.get(key)),
        Step::Every => value.items().iter().map(Cow::Borrowed).collect(),
        Step::Item(index) => one(value.items().get(*index)),
        Step::Where { key, values } => {
            one(value.items().iter().find(|item| item.get(key).is_some_and(|field| field_is_one_of(field, values))))
        }
        Step::Names => match &value.value {
            DocumentValue::Map(entries) => entries
                .iter()
                .map(|(name, Located { file, line, .. })| {
                    let value = DocumentValue::Text(name.clone());
                    Cow::Owned(Located { value, file: Arc::clone(file), line: *line })
                })
                .collect(),
            _ => Vec::new(),
        },
    }
}

fn field_is_one_of(field: &Located, values: &[String]) -> bool {
    let is_one = |text: &str| values.iter().any(|value| value == text);
    match &field.value {
        DocumentValue::List(items) => items.iter().filter_map(Located::text).any(is_one),
        DocumentValue::Text(text) => is_one(text),
        _ => false,
    }
}
