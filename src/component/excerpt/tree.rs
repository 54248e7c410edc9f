//! A YAML document as written, with anchors, aliases, merge keys and duplicate keys.

use std::collections::HashMap;

use granit_parser::{Event, ScalarStyle, ScanError};
use yaml::{Events, Indented};

/// The index of a node in its tree.
pub(super) type Id = usize;

/// A node as written.
#[derive(Debug)]
pub(super) struct Written {
    /// The line where it starts, from 1.
    pub(super) line: usize,
    /// The kind of node.
    pub(super) is: Is,
    /// The list or mapping that contains it, and the index of its item or entry there.
    pub(super) within: Option<(Id, usize)>,
}

/// The kind of a node.
#[derive(Debug)]
pub(super) enum Is {
    /// A scalar, and whether it may be a number, boolean or null.
    Scalar { text: String, plain: bool },
    /// A list.
    List(Vec<Id>),
    /// A mapping, as pairs of key and value.
    Map(Vec<(Id, Id)>),
    /// An alias of another node.
    Alias(Id),
}

/// The first document in a text.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Written>,
    pub(super) root: Option<Id>,
}

impl Tree {
    /// Reads a text that [`yaml::parse`] accepts; returns none if that is not possible.
    pub(super) fn of(text: &str) -> Option<Self> {
        let broken = yaml::with_breaks(text);
        let mut indented = Indented::new(&broken);
        loop {
            match Builder::default().read(&indented.text) {
                Ok(tree) => return tree,
                Err(error) if indented.indent(&error) => {}
                Err(_) => return None,
            }
        }
    }

    pub(super) fn node(&self, id: Id) -> Option<&Written> {
        self.nodes.get(id)
    }

    /// Resolves an alias; returns any other node itself.
    pub(super) fn meant(&self, id: Id) -> Id {
        match self.node(id).map(|node| &node.is) {
            Some(Is::Alias(other)) => *other,
            _ => id,
        }
    }

    /// Returns the text of a scalar, resolving an alias.
    pub(super) fn text(&self, id: Id) -> Option<&str> {
        match self.node(self.meant(id)).map(|node| &node.is) {
            Some(Is::Scalar { text, .. }) => Some(text),
            _ => None,
        }
    }

    /// Whether a key is a merge key.
    pub(super) fn is_merge(&self, key: Id) -> bool {
        matches!(self.node(self.meant(key)).map(|node| &node.is), Some(Is::Scalar { text, plain: true }) if text == "<<")
    }
}

#[derive(Default)]
struct Builder {
    tree: Tree,
    /// The lists and mappings that are open, each with the key whose value is expected next.
    open: Vec<(Id, Option<Id>)>,
    anchors: HashMap<usize, Id>,
}

impl Builder {
    fn read(mut self, text: &str) -> Result<Option<Tree>, ScanError> {
        let options = granit_parser::options! { emit_comments: false };
        for event in Events::of(text, options) {
            let (event, span) = event?;
            let line = span.start.line();
            let whole = match event {
                Event::DocumentEnd => break,
                Event::Scalar(text, style, anchor, tag) => {
                    let plain = match tag.as_deref() {
                        Some(tag) => matches!(tag.core_suffix(), Some("bool" | "float" | "int" | "null")),
                        None => style == ScalarStyle::Plain,
                    };
                    self.put(line, Is::Scalar { text: text.into_owned(), plain }, anchor)
                }
                Event::SequenceStart(_, anchor, _) => self.begin(line, Is::List(Vec::new()), anchor),
                Event::MappingStart(_, anchor, _) => self.begin(line, Is::Map(Vec::new()), anchor),
                Event::SequenceEnd | Event::MappingEnd => self.open.pop().map(|_| ()),
                Event::Alias(anchor) => match self.anchors.get(&anchor) {
                    Some(id) => self.put(line, Is::Alias(*id), 0),
                    None => None,
                },
                _ => Some(()),
            };
            if whole.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(self.tree))
    }

    fn begin(&mut self, line: usize, is: Is, anchor: usize) -> Option<()> {
        let id = self.tree.nodes.len();
        self.put(line, is, anchor)?;
        self.open.push((id, None));
        Some(())
    }

    /// Adds a node to the list or mapping that is open, or as the root.
    fn put(&mut self, line: usize, is: Is, anchor: usize) -> Option<()> {
        let id = self.tree.nodes.len();
        let within = self.open.last().and_then(|(open, _)| {
            let place = match &self.tree.node(*open)?.is {
                Is::List(items) => items.len(),
                Is::Map(entries) => entries.len(),
                Is::Scalar { .. } | Is::Alias(_) => 0,
            };
            Some((*open, place))
        });
        self.tree.nodes.push(Written { line, is, within });
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        let Some((open, key)) = self.open.last_mut() else {
            self.tree.root = Some(id);
            return Some(());
        };
        match (self.tree.nodes.get_mut(*open).map(|node| &mut node.is)?, key.take()) {
            (Is::List(items), _) => items.push(id),
            (Is::Map(_), None) => *key = Some(id),
            (Is::Map(entries), Some(key)) => entries.push((key, id)),
            (Is::Scalar { .. } | Is::Alias(_), _) => return None,
        }
        Some(())
    }
}
