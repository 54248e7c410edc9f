//! Secrets in YAML and JSON: masks scalars and comments in place, and never touches the structure around them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use granit_parser::{Event, ScalarStyle, ScanError, Span, StructureStyle};

use super::positions::{Id, Node, Place, Tree};
use super::scalar::Written;
use super::{assignments, text, words};
use crate::MASK;
use yaml::{Indented, MOST_NODES};

/// How many levels of documents may be nested as strings: an annotation of a manifest may contain another manifest.
const DEEPEST: usize = 4;

/// How many secrets are searched for behind the last complete document; if there are more, all of that part is masked.
const MOST_SECRETS: usize = 100;
/// The shortest secret searched for, in bytes: shorter ones occur everywhere.
const SHORTEST_SECRET: usize = 4;

/// Masks the secrets of a text whose only line break is `\n`.
///
/// A YAML document is masked by its structure. Text that cannot be parsed, and everything behind it, is masked as plain
/// text.
pub(super) fn mask(source: &str) -> String {
    as_document(source, DEEPEST).unwrap_or_else(|| text::mask(source))
}

/// Masks a scalar, which may be a document itself.
///
/// It is also masked as plain text, since its structure does not have to be preserved.
fn mask_inner(source: &str, depth: usize) -> String {
    let inner = (depth > 0 && source.contains(['{', '[', ':', '\n'])).then(|| as_document(source, depth - 1)).flatten();
    text::mask(inner.as_deref().unwrap_or(source))
}

/// Masks a document; returns none if the text is neither a list nor a mapping.
fn as_document(source: &str, depth: usize) -> Option<String> {
    let (indented, stream, error) = read(source);
    let patched = &*indented.text;
    // Every reader rejects a document with too many nodes, so it is masked as plain text.
    if stream.tree.nodes.len() > MOST_NODES || !stream.is_document() {
        return None;
    }
    // After an error, only the complete documents are reliable; the rest is masked as plain text.
    let end = if error.is_some() { stream.end } else { patched.len() };
    let places = stream.tree.places();
    let changes: Vec<_> =
        stream.changes(patched, &places, depth).into_iter().take_while(|(place, _)| place.start < end).collect();
    let mut masked = changed(patched, 0..end, &changes);
    if error.is_some() {
        let secrets = stream.secrets(patched, &places, end);
        masked.push_str(&mask_behind(patched.get(end..).unwrap_or_default(), &secrets));
    }
    Some(indented.restored(&masked))
}

/// Masks the text behind the last complete document: as plain text, and each of `secrets` wherever it occurs.
fn mask_behind(source: &str, secrets: &BTreeSet<&str>) -> String {
    let masked = text::mask(source);
    if secrets.len() > MOST_SECRETS {
        return masked.split('\n').map(|_| MASK).collect::<Vec<_>>().join("\n");
    }
    let mut secrets: Vec<&&str> = secrets.iter().collect();
    // One secret may be part of another.
    secrets.sort_by_key(|secret| Reverse(secret.len()));
    secrets.into_iter().fold(masked, |masked, secret| masked.replace(*secret, MASK))
}

/// Returns a part of a text with the changes applied.
fn changed(text: &str, part: Range<usize>, changes: &[(Range<usize>, String)]) -> String {
    let mut written = String::with_capacity(part.len());
    let mut at = part.start;
    for (place, new) in changes {
        written.push_str(text.get(at..place.start).unwrap_or_default());
        written.push_str(new);
        at = place.end;
    }
    written.push_str(text.get(at..part.end).unwrap_or_default());
    written
}

/// Reads the text up to its first syntax error, if any.
fn read(source: &str) -> (Indented<'_>, Stream, Option<ScanError>) {
    let mut indented = Indented::new(source);
    loop {
        let (stream, error) = attempt(&indented);
        if !error.as_ref().is_some_and(|error| indented.indent(error)) {
            return (indented, stream, error);
        }
    }
}

fn attempt(text: &Indented<'_>) -> (Stream, Option<ScanError>) {
    let mut stream = Stream::default();
    let options = granit_parser::options! {
        emit_comments: true,
        emit_unresolved_aliases: true,
        max_buffered_comment_events: usize::MAX,
    };
    for event in text.events(options) {
        match event {
            Ok(_) if stream.tree.nodes.len() > MOST_NODES => break,
            Ok((event, span)) => stream.take(event, &span),
            Err(error) => return (stream, Some(error)),
        }
    }
    (stream, None)
}

/// The nodes and comments read.
#[derive(Debug, Default)]
struct Stream {
    tree: Tree,
    scalars: Vec<Scalar>,
    /// The places of comments, by line number.
    comments: BTreeMap<usize, Range<usize>>,
    open: Vec<Open>,
    anchors: HashMap<usize, Id>,
    /// Where the last complete document ends, as a byte offset.
    end: usize,
}

/// A scalar's place in the text.
#[derive(Debug)]
struct Scalar {
    id: Id,
    place: Range<usize>,
    style: ScalarStyle,
    in_flow: bool,
    column: usize,
}

/// A list or mapping that is not yet closed.
#[derive(Debug)]
struct Open {
    id: Id,
    in_flow: bool,
    /// The key whose value is expected next.
    key: Option<Id>,
}

impl Stream {
    fn take(&mut self, event: Event<'_>, span: &Span) {
        match event {
            Event::DocumentStart(..) => self.anchors.clear(),
            Event::DocumentEnd => self.end = span.byte_range().map_or(self.end, |place| place.end),
            Event::Scalar(said, style, anchor, _) => {
                let id = self.add(Node::Scalar(said.into_owned()), anchor);
                let in_flow = self.in_flow();
                let column = span.start.col();
                self.scalars.extend(span.byte_range().map(|place| Scalar { id, place, style, in_flow, column }));
            }
            Event::SequenceStart(style, anchor, _) => self.begin(Node::List(Vec::new()), style, anchor),
            Event::MappingStart(style, anchor, _) => self.begin(Node::Map(Vec::new()), style, anchor),
            Event::SequenceEnd | Event::MappingEnd => {
                self.open.pop();
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(id) => self.put(*id),
                None => self.unknown(),
            },
            Event::UnresolvedAlias(_) => self.unknown(),
            Event::Comment(..) => self.comments.extend(span.byte_range().map(|place| (span.start.line(), place))),
            _ => {}
        }
    }

    fn in_flow(&self) -> bool {
        self.open.last().is_some_and(|open| open.in_flow)
    }

    fn begin(&mut self, node: Node, style: StructureStyle, anchor: usize) {
        let id = self.add(node, anchor);
        let in_flow = style == StructureStyle::Flow;
        self.open.push(Open { id, in_flow, key: None });
    }

    /// Adds a node for an unresolved alias.
    fn unknown(&mut self) {
        self.add(Node::List(Vec::new()), 0);
    }

    fn add(&mut self, node: Node, anchor: usize) -> Id {
        let id = self.tree.nodes.len();
        self.tree.nodes.push(node);
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        self.put(id);
        id
    }

    /// Adds a node to the list or mapping that is open, or to the roots.
    fn put(&mut self, id: Id) {
        let Some(open) = self.open.last_mut() else {
            self.tree.roots.push(id);
            return;
        };
        match self.tree.nodes.get_mut(open.id) {
            Some(Node::List(items)) => items.push(id),
            Some(Node::Map(entries)) => match open.key.take() {
                Some(key) => entries.push((key, id)),
                None => open.key = Some(id),
            },
            Some(Node::Scalar(_)) | None => {}
        }
    }

    /// Whether this is a document with a list or mapping, not lines of assignments (`NAME="a: b"`).
    fn is_document(&self) -> bool {
        self.tree.roots.iter().any(|root| match self.tree.get(*root) {
            Some(Node::List(_)) => true,
            Some(Node::Map(entries)) => {
                let pending = self.open.first().and_then(|open| open.key);
                let keys = entries.iter().map(|(key, _)| *key).chain(pending);
                !assignments(keys.map(|key| self.tree.text(key).unwrap_or_default()))
            }
            Some(Node::Scalar(_)) | None => false,
        })
    }

    /// Returns the changes to be made, in order.
    fn changes(&self, source: &str, places: &[Place], depth: usize) -> Vec<(Range<usize>, String)> {
        let mut changes = self.comments(source);
        for scalar in &self.scalars {
            let (Some(raw), Some(said)) = (source.get(scalar.place.clone()), self.tree.text(scalar.id)) else {
                continue;
            };
            let Scalar { style, in_flow, column, .. } = *scalar;
            let written = Written { raw, style, in_flow, column };
            let place = places.get(scalar.id).copied().unwrap_or_default();
            let new = masked(&written, said, place, depth);
            changes.extend(new.filter(|new| new != raw).map(|new| (scalar.place.clone(), new)));
        }
        changes.sort_by_key(|(place, _)| place.start);
        changes
    }

    /// Returns the lines of scalars behind `end` that their places show to be secrets.
    fn secrets<'t>(&self, source: &'t str, places: &[Place], end: usize) -> BTreeSet<&'t str> {
        let behind = self.scalars.iter().filter(|scalar| scalar.place.start >= end);
        let secret = behind.filter(|scalar| places.get(scalar.id).is_some_and(|place| place.is_secret));
        let lines = secret.filter_map(|scalar| source.get(scalar.place.clone())).flat_map(|raw| raw.split('\n'));
        lines
            .map(|line| line.trim().trim_matches(['"', '\'', '\\']))
            .filter(|line| line.len() >= SHORTEST_SECRET && !MASK.contains(line))
            .collect()
    }

    /// Returns the changes to comments. Those on consecutive lines are masked together, as one text.
    fn comments(&self, source: &str) -> Vec<(Range<usize>, String)> {
        let mut changes = Vec::new();
        let mut together: Vec<(usize, Range<usize>, &str)> = Vec::new();
        for (line, place) in &self.comments {
            let said = source.get(place.clone()).and_then(|comment| comment.strip_prefix('#')).unwrap_or_default();
            if together.last().is_some_and(|(last, ..)| last + 1 != *line) {
                changes.extend(masked_comments(&together));
                together.clear();
            }
            together.push((*line, place.clone(), said));
        }
        changes.extend(masked_comments(&together));
        changes
    }
}

fn masked_comments(together: &[(usize, Range<usize>, &str)]) -> Vec<(Range<usize>, String)> {
    let joined = together.iter().map(|(_, _, said)| *said).collect::<Vec<_>>().join("\n");
    let masked = text::mask(&joined);
    let lines: Vec<&str> = masked.split('\n').collect();
    let places = together.iter().map(|(_, place, _)| place.clone());
    if masked == joined {
        Vec::new()
    } else if lines.len() == together.len() {
        places.zip(lines).map(|(place, line)| (place, format!("#{line}"))).collect()
    } else {
        places.map(|place| (place, format!("# {MASK}"))).collect()
    }
}

/// Returns the replacement for a scalar; none if it contains no secret.
fn masked(written: &Written<'_>, said: &str, place: Place, depth: usize) -> Option<String> {
    if place.is_secret {
        return Some(written.with(MASK));
    }
    let authorized = |said: String| if place.authorizes { words::authorization(&said) } else { said };
    let mask = |said: &str| authorized(mask_inner(said, depth));
    let new = mask(said);
    match written.style {
        ScalarStyle::Literal => {
            let block = written.block();
            let new = mask(&block);
            (new != block).then(|| written.with_block(&new).unwrap_or_else(|| written.with_line(MASK)))
        }
        _ if new == said => None,
        // A folded scalar's lines form one, so it may be written as one.
        ScalarStyle::Folded => {
            let line = new.trim_end_matches('\n');
            let is_line = !line.contains('\n') && !line.starts_with([' ', '\t']);
            Some(written.with_line(if is_line { line } else { MASK }))
        }
        _ => Some(written.with(&new)),
    }
}
