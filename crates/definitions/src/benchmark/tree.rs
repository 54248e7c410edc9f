//! A YAML document as a tree in which every node and key has its location.

use std::collections::BTreeMap;

use crate::SharedText;
use granit_parser::{Event, ScalarStyle};
use yaml::Events;

/// How deeply mappings and lists may be nested; the deepest definition needs 9 levels.
const DEEPEST: usize = 20;

/// A location in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The length in characters, within the line.
    pub length: usize,
}

/// The location for problems with a whole file.
pub(crate) const TOP: Span = Span { line: 1, column: 1, length: 1 };

/// A node of the tree.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// The location where it begins.
    pub span: Span,
    /// Its content.
    pub content: Content,
}

/// The content of a node.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    /// A scalar, whose type is not determined yet.
    Scalar {
        /// The text.
        text: String,
        /// Whether it is unquoted and not a block scalar, so that it may be a number or another type.
        plain: bool,
    },
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping, in file order, without duplicate keys.
    Mapping(Vec<Entry>),
}

/// An entry of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// The key.
    pub key: Key,
    /// The value.
    pub value: Node,
}

/// A key of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Key {
    /// The text.
    pub text: String,
    /// Whether it is unquoted.
    pub plain: bool,
    /// The location.
    pub span: Span,
}

impl Key {
    /// Returns the text as definitions hold it.
    pub fn to_shared(&self) -> SharedText {
        self.text.as_str().into()
    }
}

/// A YAML syntax error, or a YAML feature that definitions do not support.
pub(crate) struct Mistake {
    /// The location.
    pub span: Span,
    /// One of the codes of [`super::diagnostic::CODES`].
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// How to fix it.
    pub hint: Option<String>,
}

/// Parses a document. Returns no node if the text cannot be read to its end; the mistakes say why.
pub(crate) fn parse(text: &str) -> (Option<Node>, Vec<Mistake>) {
    let lines = text.lines().count().max(1);
    let mut builder = Builder { lines, open: Vec::new(), root: None, documents: 0, mistakes: Vec::new() };
    let options = granit_parser::options! {
        emit_comments: false,
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
    };
    for event in Events::of(text, options) {
        let taken = match event {
            Ok((event, span)) => {
                let place = builder.place(&span.start, span.slice(text));
                if let (Some(tag), Some(written)) = (event.tag(), span.tag_span()) {
                    let message = format!("tags such as {:?} are not used here", tag.original());
                    let place = builder.place(&written.start, written.slice(text));
                    builder.refuse(place, "tag", message, Some("leave it out".to_owned()));
                }
                builder.take(event, place)
            }
            Err(error) => {
                let place = builder.place(error.marker(), None);
                builder.refuse(place, "syntax", error.info(), None);
                None
            }
        };
        if taken.is_none() {
            return (None, builder.mistakes);
        }
    }
    if builder.root.is_none() {
        builder.refuse(TOP, "empty-file", "nothing is defined here".to_owned(), None);
    }
    (builder.root, builder.mistakes)
}

/// A list or mapping that is not closed yet.
enum Open {
    Sequence(Span, Vec<Node>),
    Mapping(Span, Table),
}

/// A mapping that is not closed yet.
#[derive(Default)]
struct Table {
    entries: Vec<Entry>,
    /// The line of each key so far.
    lines: BTreeMap<String, usize>,
    /// The key whose value comes next.
    pending: Option<Key>,
}

struct Builder {
    lines: usize,
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
    mistakes: Vec<Mistake>,
}

impl Builder {
    fn refuse(&mut self, span: Span, code: &'static str, message: String, hint: Option<String>) {
        self.mistakes.push(Mistake { span, code, message, hint });
    }

    /// Returns the location of an item that begins at `mark`; of a multi-line item, only its first line counts.
    fn place(&self, mark: &granit_parser::Marker, written: Option<&str>) -> Span {
        let first = written.and_then(|written| written.lines().next()).unwrap_or("");
        // Errors at the end of a file may be reported after its last line.
        let line = mark.line().clamp(1, self.lines);
        let column = if line == mark.line() { mark.col() + 1 } else { 1 };
        Span { line, column, length: first.trim_end().chars().count().max(1) }
    }

    /// Processes an event; `None` if parsing cannot continue.
    fn take(&mut self, event: Event<'_>, span: Span) -> Option<()> {
        self.check(&event, span)?;
        match event {
            Event::Scalar(text, style, _, _) => {
                let plain = style == ScalarStyle::Plain;
                self.add(Node { span, content: Content::Scalar { text: text.into_owned(), plain } })
            }
            Event::SequenceStart(..) => {
                self.expect_value(span)?;
                self.open.push(Open::Sequence(span, Vec::new()));
                Some(())
            }
            Event::MappingStart(..) => {
                self.expect_value(span)?;
                self.open.push(Open::Mapping(span, Table::default()));
                Some(())
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::Sequence(span, items)) => self.add(Node { span, content: Content::Sequence(items) }),
                Some(Open::Mapping(span, table)) => self.add(Node { span, content: Content::Mapping(table.entries) }),
                None => Some(()),
            },
            // The alias was refused; a placeholder text lets the rest be read.
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.add(Node { span, content: Content::Scalar { text: "alias".to_owned(), plain: false } })
            }
            _ => Some(()),
        }
    }

    /// Refuses YAML features that definitions do not support.
    fn check(&mut self, event: &Event<'_>, span: Span) -> Option<()> {
        if matches!(event, Event::DocumentStart(..)) {
            self.documents += 1;
            if self.documents > 1 {
                self.refuse(
                    span,
                    "several-documents",
                    "a second document begins here".to_owned(),
                    Some("put it into a file of its own".to_owned()),
                );
                return None;
            }
        }
        if event.is_alias() || matches!(event, Event::UnresolvedAlias(_)) {
            self.refuse(span, "anchor", "aliases are not used here".to_owned(), Some("write it out".to_owned()));
        } else if matches!(event, Event::Anchor(..)) {
            self.refuse(span, "anchor", "anchors are not used here".to_owned(), Some("leave it out".to_owned()));
        }
        Some(())
    }

    /// Checks that a list or mapping may begin here: not as a key, and not nested too deeply.
    fn expect_value(&mut self, span: Span) -> Option<()> {
        if matches!(self.open.last(), Some(Open::Mapping(_, table)) if table.pending.is_none()) {
            self.refuse(
                span,
                "bad-key",
                "a mapping or list stands where a key belongs".to_owned(),
                Some("put a value such as \"{{name}}\" in quotes".to_owned()),
            );
            return None;
        }
        if self.open.len() >= DEEPEST {
            self.refuse(span, "too-deep", format!("more than {DEEPEST} nested mappings and lists"), None);
            return None;
        }
        Some(())
    }

    /// Adds a finished node to the innermost open list or mapping.
    fn add(&mut self, node: Node) -> Option<()> {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::Sequence(_, items)) => items.push(node),
            Some(Open::Mapping(_, table)) => match (table.pending.take(), node) {
                (None, Node { span, content: Content::Scalar { text, plain } }) => {
                    table.pending = Some(Key { text, plain, span });
                }
                // Lists and mappings as keys were already refused when they began.
                (None, _) => return None,
                (Some(key), value) => {
                    if let Some(first) = table.lines.get(&key.text) {
                        let hint = format!("it is already given in line {first}");
                        self.refuse(key.span, "duplicate-key", format!("duplicate key {:?}", key.text), Some(hint));
                    } else {
                        table.lines.insert(key.text.clone(), key.span.line);
                        table.entries.push(Entry { key, value });
                    }
                }
            },
        }
        Some(())
    }
}
