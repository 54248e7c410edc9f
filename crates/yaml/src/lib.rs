//! Parser for other people's YAML files, as Kubernetes and kube-bench read them: the first document of a text, as a
//! tree whose nodes know their lines.
//!
//! Unlike our own definitions, such files may contain anchors, aliases, merge keys and duplicate keys (the last one
//! wins).

mod encoding;
mod events;
mod indented;
mod plain;
mod quoted;

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;
use std::slice;

use granit_parser::{Event, Marker, ScalarStyle, ScanError, Tag};

pub use encoding::decode;
pub use events::Events;
pub use indented::Indented;
pub use plain::{Plain, boolean, is_null};

/// The maximum nesting depth of mappings and lists.
const DEEPEST: usize = 100;
/// The maximum number of nodes in a document, aliases expanded: a node in memory takes up to a hundred times its size
/// in the file.
pub const MOST_NODES: usize = 30_000;
/// The number of bytes of text that count as one additional node.
const TEXT_OF_NODE: usize = 128;

/// The line breaks of YAML 1.1 other than `\n`, `\r` and `\r\n`.
pub const RARE_BREAKS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// A node of a document. Cloning it does not clone its children.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The line where it begins, from 1.
    pub line: usize,
    /// The content.
    pub content: Content,
    /// The number of nodes in this subtree, aliases expanded; long texts count as several.
    nodes: usize,
}

/// The content of a node.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A scalar as text, not yet resolved to a type.
    Scalar {
        /// The text.
        text: String,
        /// Whether it is unquoted and not a block scalar, so that it may be a number, boolean or null.
        plain: bool,
    },
    /// A list.
    List(Vec<Rc<Node>>),
    /// A mapping, in file order, without duplicates.
    Map(Vec<Entry>),
}

/// An entry of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The text of the key, even if it is a number.
    pub key: String,
    /// Whether the key is unquoted, so that it may be a number, boolean or null.
    pub plain: bool,
    /// The line of the key.
    pub line: usize,
    /// The value.
    pub value: Rc<Node>,
}

impl Node {
    /// Returns the number of nodes in this subtree, aliases expanded. Long texts count as several.
    pub const fn nodes(&self) -> usize {
        self.nodes
    }

    /// Whether it is null: empty, or `null` or `~` without quotes.
    pub fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar { text, plain: true } if is_null(text))
    }

    /// Returns the value of a key.
    pub fn get(&self, key: &str) -> Option<&Rc<Node>> {
        match &self.content {
            Content::Map(entries) => entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value),
            Content::Scalar { .. } | Content::List(_) => None,
        }
    }
}

/// Why a text is not usable YAML, and where.
#[derive(Debug, PartialEq)]
pub struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The error message.
    pub message: String,
}

impl Fault {
    fn at(place: &Marker, message: String) -> Self {
        Self { line: place.line(), column: place.col() + 1, message }
    }
}

/// A parsed document.
#[derive(Debug, Default)]
pub struct Document {
    /// The root node; `None` if the text is empty.
    pub root: Option<Rc<Node>>,
    /// Duplicate keys, with the line of the second occurrence.
    pub duplicates: Vec<(String, usize)>,
}

/// Parses the first document of a text.
pub fn parse(text: &str) -> Result<Document, Fault> {
    let broken = with_breaks(text);
    let text = broken.as_ref();
    let mut indented = Indented::new(text);
    loop {
        match attempt(&indented)? {
            Ok(document) => return Ok(document),
            Err(error) if indented.indent(&error) => {}
            Err(error) => return Err(fault(text, error.marker(), &error.info())),
        }
    }
}

/// Replaces the line breaks of YAML 1.1, which Kubernetes' parser supports, with those of YAML 1.2, which ours
/// supports, so that text after such a break is not taken for the rest of a comment. All byte offsets are preserved.
pub fn with_breaks(text: &str) -> Cow<'_, str> {
    if !text.contains('\r') && !text.contains(RARE_BREAKS) {
        return Cow::Borrowed(text);
    }
    let mut broken = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' if letters.peek() != Some(&'\n') => broken.push('\n'),
            '\u{85}' => broken.push_str(" \n"),
            '\u{2028}' | '\u{2029}' => broken.push_str("  \n"),
            letter => broken.push(letter),
        }
    }
    Cow::Owned(broken)
}

/// Parses the text. Returns either the document or the parser's error, for which indentation may help.
fn attempt(text: &Indented<'_>) -> Result<Result<Document, ScanError>, Fault> {
    let mut builder = Builder::default();
    let options = granit_parser::options! { emit_comments: false };
    for event in text.events(options) {
        match event {
            Ok((Event::DocumentEnd, _)) => break,
            Ok((event, span)) => builder.take(event, &span.start)?,
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(builder.document))
}

/// Converts a parser error. Names tabs in the indentation, which the parser rejects without saying so.
fn fault(text: &str, place: &Marker, info: &str) -> Fault {
    let tab = |line: usize| {
        let written = line.checked_sub(1).and_then(|index| text.lines().nth(index)).unwrap_or_default();
        let indentation = &written[..written.len() - written.trim_start().len()];
        let before = indentation.chars().take_while(|letter| *letter != '\t').count();
        let message = "a tab in the indentation (YAML takes spaces only)".to_owned();
        indentation.contains('\t').then_some(Fault { line, column: before + 1, message })
    };
    tab(place.line())
        .or_else(|| tab(place.line() + 1))
        .unwrap_or_else(|| Fault::at(place, format!("not valid YAML: {info}")))
}

/// A list or mapping that is not closed yet.
struct Open {
    line: usize,
    anchor: usize,
    items: Items,
}

enum Items {
    List(Vec<Rc<Node>>),
    Map { given: Vec<Given>, pending: Option<(String, usize, bool)> },
}

/// An entry of a mapping under construction, in file order.
enum Given {
    /// An ordinary entry.
    Own(Entry),
    /// An entry from a merge key.
    Merged(Entry),
}

#[derive(Default)]
struct Builder {
    document: Document,
    open: Vec<Open>,
    anchors: HashMap<usize, Rc<Node>>,
    /// The number of nodes so far, without expanded aliases.
    nodes: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, place: &Marker) -> Result<(), Fault> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = is_plain(style, tag.as_deref());
                let nodes = nodes_of(&text);
                if nodes > MOST_NODES {
                    return Err(too_many(place));
                }
                let content = Content::Scalar { text: text.into_owned(), plain };
                self.finish(Node { line: place.line(), content, nodes }, anchor, place)
            }
            Event::SequenceStart(_, anchor, _) => self.begin(place, anchor, Items::List(Vec::new())),
            Event::MappingStart(_, anchor, _) => {
                self.begin(place, anchor, Items::Map { given: Vec::new(), pending: None })
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(open) => {
                    let Open { line, anchor, items } = open;
                    let content = match items {
                        Items::List(items) => Content::List(items),
                        Items::Map { given, .. } => Content::Map(self.settled(given)),
                    };
                    let nodes = 1 + count(&content);
                    self.finish(Node { line, content, nodes }, anchor, place)
                }
                None => Ok(()),
            },
            Event::Alias(anchor) => match self.anchors.get(&anchor).cloned() {
                Some(node) => self.add(node, place),
                None => Err(Fault::at(place, "an alias inside its own anchor".to_owned())),
            },
            _ => Ok(()),
        }
    }

    fn begin(&mut self, place: &Marker, anchor: usize, items: Items) -> Result<(), Fault> {
        if self.open.len() >= DEEPEST {
            return Err(Fault::at(place, format!("more than {DEEPEST} nested mappings and lists")));
        }
        self.open.push(Open { line: place.line(), anchor, items });
        Ok(())
    }

    fn finish(&mut self, node: Node, anchor: usize, place: &Marker) -> Result<(), Fault> {
        self.nodes += match &node.content {
            Content::Scalar { .. } => node.nodes,
            Content::List(_) | Content::Map(_) => 1,
        };
        if node.nodes.max(self.nodes) > MOST_NODES {
            return Err(too_many(place));
        }
        let node = Rc::new(node);
        if anchor != 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        self.add(node, place)
    }

    /// Adds a completed node to its parent.
    fn add(&mut self, node: Rc<Node>, place: &Marker) -> Result<(), Fault> {
        match self.open.last_mut().map(|open| &mut open.items) {
            None => self.document.root = Some(node),
            Some(Items::List(items)) => items.push(node),
            Some(Items::Map { given, pending }) => match pending.take() {
                None => match &node.content {
                    Content::Scalar { text, plain } => *pending = Some((text.clone(), place.line(), *plain)),
                    Content::List(_) | Content::Map(_) => {
                        return Err(Fault::at(place, "a mapping or list stands where a key belongs".to_owned()));
                    }
                },
                Some((key, _, true)) if key == "<<" => {
                    let Some(entries) = merged(&node) else {
                        let message = "a merge key (<<) takes a mapping or a list of mappings".to_owned();
                        return Err(Fault::at(place, message));
                    };
                    self.nodes += entries.iter().map(|entry| entry.value.nodes + nodes_of(&entry.key)).sum::<usize>();
                    given.extend(entries.into_iter().map(Given::Merged));
                }
                Some((key, line, plain)) => given.push(Given::Own(Entry { key, plain, line, value: node })),
            },
        }
        Ok(())
    }

    /// Resolves duplicates in a mapping: the last entry of each key replaces the first, in its position.
    fn settled(&mut self, given: Vec<Given>) -> Vec<Entry> {
        let mut places: HashMap<String, (usize, bool)> = HashMap::new();
        let mut kept: Vec<Entry> = Vec::with_capacity(given.len());
        // Most mappings have no duplicates and need no copies of their keys.
        let is_simple = are_unique(&given);
        for given in given {
            let (entry, own) = match given {
                Given::Own(entry) => (entry, true),
                Given::Merged(entry) => (entry, false),
            };
            if is_simple {
                kept.push(entry);
                continue;
            }
            match places.get_mut(&entry.key) {
                None => {
                    places.insert(entry.key.clone(), (kept.len(), own));
                    kept.push(entry);
                }
                Some((place, was_own)) => {
                    if own && *was_own {
                        self.document.duplicates.push((entry.key.clone(), entry.line));
                    }
                    *was_own |= own;
                    if let Some(earlier) = kept.get_mut(*place) {
                        earlier.value = entry.value;
                    }
                }
            }
        }
        kept
    }
}

/// Returns the entries of a merge key's value in order of increasing precedence: in a list of mappings the first one
/// wins. Returns `None` if the value is neither a mapping nor a list of mappings.
///
/// In version 2 of Go's library, but not in version 3, they override the entries before the merge key:
/// <https://github.com/go-yaml/yaml/blob/v2.4.0/decode.go>.
fn merged(node: &Rc<Node>) -> Option<Vec<Entry>> {
    let maps = match &node.content {
        Content::List(items) => items.as_slice(),
        Content::Scalar { .. } | Content::Map(_) => slice::from_ref(node),
    };
    let mut entries = Vec::new();
    for map in maps.iter().rev() {
        let Content::Map(more) = &map.content else { return None };
        entries.extend(more.iter().cloned());
    }
    Some(entries)
}

/// Whether a scalar may be a number, boolean or null: by its tag, or without a tag if it is unquoted.
fn is_plain(style: ScalarStyle, tag: Option<&Tag>) -> bool {
    match tag {
        Some(tag) => matches!(tag.core_suffix(), Some("bool" | "float" | "int" | "null")),
        None => style == ScalarStyle::Plain,
    }
}

/// Whether all keys are unique.
fn are_unique(given: &[Given]) -> bool {
    let mut keys: Vec<&str> = given
        .iter()
        .map(|given| match given {
            Given::Own(entry) | Given::Merged(entry) => entry.key.as_str(),
        })
        .collect();
    keys.sort_unstable();
    keys.windows(2).all(|two| two.first() != two.last())
}

/// Returns the number of nodes that a text counts as.
const fn nodes_of(text: &str) -> usize {
    1 + text.len() / TEXT_OF_NODE
}

fn too_many(place: &Marker) -> Fault {
    let most = (MOST_NODES * TEXT_OF_NODE) >> 20;
    Fault::at(place, format!("more than {MOST_NODES} values or {most} MiB of text, aliases written out"))
}

fn count(content: &Content) -> usize {
    match content {
        Content::Scalar { .. } => 0,
        Content::List(items) => items.iter().fold(0, |sum, item| sum.saturating_add(item.nodes)),
        Content::Map(entries) => {
            entries.iter().fold(0, |sum, entry| sum.saturating_add(entry.value.nodes + nodes_of(&entry.key)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(node: &Node, key: &str) -> String {
        match node.get(key).map(|node| &node.content) {
            Some(Content::Scalar { text, .. }) => text.clone(),
            other => panic!("{key}: {other:?}"),
        }
    }

    #[test]
    fn aliases_and_merge_keys_are_written_out() {
        let document = parse("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3\n---\nsecond: 1\n").expect("YAML");
        let root = document.root.expect("a document");
        let b = root.get("b").expect("b");
        assert_eq!((text(b, "x"), text(b, "y")), ("1".to_owned(), "3".to_owned()));
        assert!(root.get("second").is_none());
    }

    #[test]
    fn many_keys_take_no_longer_than_their_number_demands() {
        let lines: Vec<String> = (0..14_000).map(|number| format!("k{}: {number}", number % 13_999)).collect();
        let document = parse(&lines.join("\n")).expect("YAML");
        assert_eq!(document.duplicates, [("k0".to_owned(), 14_000)]);
        assert_eq!(text(&document.root.expect("a document"), "k0"), "13999");
    }

    #[test]
    fn the_last_of_two_keys_counts_and_is_told() {
        let document = parse("a: 1\nb: 2\na: 3\n").expect("YAML");
        assert_eq!(text(&document.root.expect("a document"), "a"), "3");
        assert_eq!(document.duplicates, [("a".to_owned(), 3)]);
    }

    #[test]
    fn a_tag_says_more_than_quotes() {
        let yaml = "a: 1\nb: '1'\nc: !!str 1\nd: !!int '1'\ne: ! 1\nf: !own 1\ng: !!bool \"no\"\nh: >-\n  1\n";
        let root = parse(yaml).expect("YAML").root.expect("a document");
        let plain: String = "abcdefgh"
            .chars()
            .filter(|key| match &root.get(&key.to_string()).expect("a value").content {
                Content::Scalar { plain, .. } => *plain,
                other => panic!("{key}: {other:?}"),
            })
            .collect();
        assert_eq!(plain, "adg");
    }

    #[test]
    fn merge_keys_are_laid_over_what_stands_before_them() {
        let maps = "a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc:\n";
        for (entries, x, y, z) in [
            ("  <<: [*b, *a]\n  z: 3\n", "2", "1", "3"),
            ("  z: 3\n  <<: [*b, *a]\n", "2", "1", "2"),
            ("  <<: *b\n  <<: *a\n", "1", "1", "2"),
            ("  x: 4\n  <<: {y: 5}\n  z: 6\n", "4", "5", "6"),
        ] {
            let document = parse(&format!("{maps}{entries}")).expect("YAML");
            let root = document.root.expect("a document");
            let c = root.get("c").expect("c");
            assert_eq!([text(c, "x"), text(c, "y"), text(c, "z")], [x, y, z], "{entries}");
            assert_eq!(document.duplicates, [], "{entries}");
        }
        let root = parse("'<<': {c: 4}\n").expect("YAML").root.expect("a document");
        assert!(root.get("c").is_none() && root.get("<<").is_some(), "in quotes it is a key like others");
    }

    #[test]
    fn all_breaks_of_lines_end_a_comment() {
        for line_break in ["\n", "\r", "\r\n", "\u{85}", "\u{2028}", "\u{2029}"] {
            let yaml = format!("a: 1 # x{line_break}a: 2\nb: \"x{line_break}y\"\n");
            assert_eq!(with_breaks(&yaml).len(), yaml.len());
            let root = parse(&yaml).expect(&yaml).root.expect("a document");
            assert_eq!((text(&root, "a"), text(&root, "b")), ("2".to_owned(), "x y".to_owned()), "{yaml:?}");
        }
    }

    #[test]
    fn texts_in_quotes_go_on_in_lines_of_any_indentation() {
        let document = parse("a:\n  - b: \"one\ntwo\n\n  three\"\n    c: 'x\n y'\n  - d\n").expect("YAML");
        let root = document.root.expect("a document");
        let Some(Content::List(items)) = root.get("a").map(|node| &node.content) else { panic!("{root:?}") };
        assert_eq!((text(&items[0], "b"), text(&items[0], "c")), ("one two\nthree".to_owned(), "x y".to_owned()));
        assert_eq!(items[1].line, 8);
    }

    #[test]
    fn many_texts_in_quotes_are_read_in_two_goes() {
        let lines: Vec<String> = (0..2_000).map(|number| format!("k{number}: \"one\ntwo\" # 'x\n")).collect();
        let root = parse(&lines.concat()).expect("YAML").root.expect("a document");
        assert_eq!((text(&root, "k0"), text(&root, "k1999")), ("one two".to_owned(), "one two".to_owned()));
        assert_eq!(root.get("k1999").expect("the last").line, 3_999);
    }

    #[test]
    fn what_only_looks_like_the_begin_of_quotes_is_none() {
        let document = parse("a: it is\n  \"not\nb: \"one\ntwo\"\nc: 1\n").expect("YAML");
        let root = document.root.expect("a document");
        assert_eq!([text(&root, "a"), text(&root, "b"), text(&root, "c")], ["it is \"not", "one two", "1"]);
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_line() {
        let mut bomb = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n".to_owned();
        for n in 1..20 {
            let before = format!("*a{}", n - 1);
            bomb.push_str(
                &["a", &n.to_string(), ": &a", &n.to_string(), " [", &[before.as_str(); 10].join(","), "]\n"].concat(),
            );
        }
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let long = format!("[{}]", "1,".repeat(300_000));
        for (yaml, line, part) in [
            ("a:\n\tb: 1\n", 2, "tab"),
            ("a: 1\nb: \"x\n", 0, "not valid YAML"),
            ("a: b: c\n", 1, "not valid YAML"),
            ("? [1]\n: 2\n", 1, "where a key belongs"),
            ("a: &x [*x]\n", 1, "alias"),
            ("<<: 3\n", 1, "merge key"),
            ("<<: [{}, [{}]]\n", 1, "merge key"),
            (&bomb, 0, "of text, aliases written out"),
            (&deep, 0, "nested mappings and lists"),
            (&long, 1, "of text, aliases written out"),
            (&"x".repeat(4 << 20), 1, "values or 3 MiB of text"),
            (&format!("a: &a {0}\nb: [{1}]\n", "x".repeat(1 << 20), "*a,".repeat(4)), 2, "values or 3 MiB of text"),
            (&format!("a: &a {{{}: 1}}\nb: [{}]\n", "k".repeat(1000), "*a,".repeat(4000)), 2, "3 MiB of text"),
            (&format!("a: &a {{b: {}}}\n{}", "x".repeat(1 << 20), "c: {<<: *a}\n".repeat(4)), 0, "3 MiB of text"),
        ] {
            let fault = parse(yaml).expect_err(part);
            assert!(fault.message.contains(part), "{part}: {fault:?}");
            assert!(line == 0 || fault.line == line, "{part}: {fault:?}");
        }
    }
}
