//! Reads the tree of a definition file according to its schema, and collects every mistake.
//!
//! Reading does not stop at a mistake: unreadable parts are left out and the rest is still read.

use super::SourceFile;
use super::diagnostic::{Diagnostic, Severity};
use super::flag::is_flag;
use super::look::Look;
use super::suggestion;
use super::tree::{self, Content, Entry, Key, Node, Span};
use crate::SharedText;

/// The most mistakes listed per file.
const MOST_MISTAKES: usize = 100;

/// The longest source line, in bytes, that is kept with a mistake.
const LONGEST: usize = 64 << 10;

/// A mistake without its location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// One of the codes of [`super::diagnostic::CODES`].
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// How to fix it.
    pub hint: Option<String>,
}

impl Problem {
    /// A problem without a hint.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None }
    }

    /// Adds a hint on how to fix it.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Creates the problem of an unknown name, with a hint at the known ones.
    pub fn unknown<'k>(code: &'static str, what: &str, name: &str, known: impl IntoIterator<Item = &'k str>) -> Self {
        Self { code, message: format!("unknown {what} {name:?}"), hint: suggestion::hint(name, known) }
    }
}

/// A definition file being read, with its mistakes so far.
#[derive(Debug)]
pub(crate) struct Reader<'s> {
    source: &'s SourceFile,
    mistakes: Vec<Diagnostic>,
}

impl<'s> Reader<'s> {
    /// Parses the text into a tree; `None` if it cannot be read to its end.
    pub fn open(source: &'s SourceFile) -> (Self, Option<Node>) {
        let mut reader = Self::on(source);
        let (root, mistakes) = tree::parse(&source.text);
        for tree::Mistake { span, code, message, hint } in mistakes {
            reader.refuse(span, Problem { code, message, hint });
        }
        (reader, root)
    }

    /// Creates a reader for reporting mistakes in a file that was read before.
    pub fn on(source: &'s SourceFile) -> Self {
        Self { source, mistakes: Vec::new() }
    }

    /// Returns the path of the file below the definitions directory.
    pub fn path(&self) -> &'s str {
        &self.source.path
    }

    /// Records a mistake. After 100 mistakes, one more says that the rest is not listed.
    pub fn refuse(&mut self, span: Span, problem: Problem) {
        let problem = match self.mistakes.len() {
            MOST_MISTAKES => {
                let message = format!("more than {MOST_MISTAKES} mistakes in this file: the rest is not listed");
                Problem { message, hint: Some("correct the others first".to_owned()), ..problem }
            }
            more if more > MOST_MISTAKES => return,
            _ => problem,
        };
        let line = self.source.text.lines().nth(span.line.saturating_sub(1));
        self.mistakes.push(Diagnostic {
            code: problem.code,
            severity: Severity::Error,
            file: self.source.name.clone(),
            line: span.line,
            column: span.column,
            length: span.length,
            message: problem.message,
            hint: problem.hint,
            source: line.filter(|line| line.len() <= LONGEST).unwrap_or("").to_owned(),
        });
    }

    /// Whether there are any mistakes so far.
    pub fn has_mistakes(&self) -> bool {
        !self.mistakes.is_empty()
    }

    /// Returns the mistakes.
    pub fn into_mistakes(self) -> Vec<Diagnostic> {
        self.mistakes
    }

    /// Returns the location of a text within a node; that of the node itself if the text is not found.
    pub fn span_of(&self, node: &Node, written: &str) -> Span {
        let first = node.span.line.saturating_sub(1);
        for (number, line) in self.source.text.lines().enumerate().skip(first) {
            // In its first line, the node begins at its column.
            let before = if number == first { node.span.column.saturating_sub(1) } else { 0 };
            let start = line.char_indices().nth(before).map_or(line.len(), |(index, _)| index);
            if let Some((skipped, _)) = line.get(start..).and_then(|rest| rest.split_once(written)) {
                let column = before + skipped.chars().count() + 1;
                return Span { line: number + 1, column, length: written.chars().count() };
            }
        }
        node.span
    }

    /// Returns the value, or records the problem and returns `None`.
    pub fn keep<T>(&mut self, span: Span, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.refuse(span, problem)).ok()
    }

    /// Returns the value of a key, if the node is a mapping that has it.
    pub fn value_within<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
        let Content::Mapping(entries) = &node.content else { return None };
        entries.iter().find(|entry| entry.key.text == name).map(|entry| &entry.value)
    }

    /// Returns the entries of a mapping with arbitrary keys.
    pub fn entries<'n>(&mut self, what: &str, node: &'n Node) -> &'n [Entry] {
        if let Content::Mapping(entries) = &node.content {
            return entries;
        }
        self.wrong_type(what, "a mapping", node);
        &[]
    }

    /// Reads a mapping that may only have the `known` keys. `at` is the location for reporting missing keys.
    pub fn fields<'n>(&mut self, what: &str, at: Span, node: &'n Node, known: &[&'static str]) -> Fields<'n> {
        let mut fields =
            Fields { entries: &[], what: what.to_owned(), at, meant: Vec::new(), unknown: false, broken: false };
        let Content::Mapping(entries) = &node.content else {
            self.wrong_type(what, "a mapping", node);
            fields.broken = true;
            return fields;
        };
        fields.entries = entries;
        for entry in entries {
            let name = entry.key.text.as_str();
            if !known.contains(&name) {
                fields.unknown = true;
                fields.meant.extend(suggestion::nearest(name, known.iter().copied()));
                self.refuse(entry.key.span, Problem::unknown("unknown-key", "key", name, known.iter().copied()));
            }
        }
        fields
    }

    /// Refuses a node of the wrong type.
    pub fn wrong_type(&mut self, what: &str, wanted: &str, node: &Node) {
        let found = found(node);
        let mut problem = Problem::new("wrong-type", format!("{what} must be {wanted}, not {found}"));
        if wanted == "a string"
            && let Content::Scalar { text, .. } = &node.content
            && !text.is_empty()
        {
            problem = problem.hint(format!("put it in quotes: \"{text}\""));
        }
        self.refuse(node.span, problem);
    }

    /// Reads a text that is not empty, trimmed.
    pub fn text(&mut self, what: &str, node: &Node) -> Option<SharedText> {
        let Content::Scalar { text, plain } = &node.content else {
            self.wrong_type(what, "a string", node);
            return None;
        };
        if *plain && Look::of(text) != Look::Text {
            self.wrong_type(what, "a string", node);
            return None;
        }
        if text.trim().is_empty() {
            self.refuse(node.span, Problem::new("empty-text", format!("{what} is empty")));
            return None;
        }
        Some(text.trim().into())
    }

    /// Reads a list of texts with at least one item.
    pub fn texts(&mut self, what: &str, node: &Node) -> Option<Vec<SharedText>> {
        let Content::Sequence(items) = &node.content else {
            self.wrong_type(what, "a list", node);
            return None;
        };
        if items.is_empty() {
            self.refuse(node.span, Problem::new("empty-text", format!("{what} is an empty list")));
        }
        let texts: Vec<SharedText> =
            items.iter().filter_map(|item| self.text(&format!("an item of {what}"), item)).collect();
        (!texts.is_empty()).then_some(texts)
    }

    /// Reads `true` or `false`.
    pub fn boolean(&mut self, what: &str, node: &Node) -> Option<bool> {
        match &node.content {
            Content::Scalar { text, plain: true } if text == "true" => Some(true),
            Content::Scalar { text, plain: true } if text == "false" => Some(false),
            _ => {
                self.wrong_type(what, "true or false", node);
                None
            }
        }
    }

    /// Reads one of the given words and returns its meaning.
    pub fn word<T: Copy>(&mut self, what: &str, node: &Node, words: &[(&'static str, T)]) -> Option<T> {
        let text = self.text(what, node)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let listed: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.refuse(
                node.span,
                Problem {
                    code: "unknown-word",
                    message: format!("{what} cannot be {text:?}"),
                    hint: suggestion::hint(&text, listed),
                },
            );
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// Checks that a key is a valid name: lowercase letters, digits, dashes and underscores.
    pub fn name(&mut self, what: &str, key: &Key) -> bool {
        let good = key.text.starts_with(|c: char| c.is_ascii_lowercase())
            && key.text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_');
        if !good {
            self.refuse(
                key.span,
                Problem::new("bad-name", format!("{:?} cannot be the name of a {what}", key.text))
                    .hint("begin with a lowercase letter, followed by lowercase letters, digits, - and _"),
            );
        }
        good
    }

    /// Reads a key as a number such as `1.10`, which YAML parsers would take for 1.1 if unquoted.
    pub fn number(&mut self, key: &Key) -> SharedText {
        if key.plain && Look::of(&key.text) != Look::Text {
            self.refuse(
                key.span,
                Problem::new(
                    "ambiguous-word",
                    format!("{:?} without quotes may be parsed as a different number", key.text),
                )
                .hint(format!("put it in quotes: \"{}\"", key.text)),
            );
        }
        key.to_shared()
    }

    /// Reads a flag with its dashes and without a value.
    pub fn flag(&mut self, what: &str, node: &Node) -> Option<SharedText> {
        let text = self.text(what, node)?;
        let result = flag(&text);
        self.keep(node.span, result)
    }

    /// Reads a list of flags.
    pub fn flags(&mut self, what: &str, node: &Node) -> Vec<SharedText> {
        let texts = self.texts(what, node).unwrap_or_default();
        for text in &texts {
            if let Err(problem) = flag(text) {
                self.refuse(item_span(node, text), problem);
            }
        }
        texts
    }

    /// Reads a key path and checks that it can be parsed; returns the text.
    pub fn key_path(&mut self, what: &str, node: &Node) -> Option<SharedText> {
        let text = self.text(what, node)?;
        if let Err(error) = text.parse::<super::KeyPath>() {
            self.refuse(
                node.span,
                Problem::new("bad-key-path", error.to_string())
                    .hint("write it as a.b[*].c, a[0], a[key=x|y].b or a.b~"),
            );
        }
        Some(text)
    }

    /// Reads a pattern for file names in a directory.
    pub fn glob(&mut self, what: &str, node: &Node) -> Option<SharedText> {
        let text = self.text(what, node)?;
        if text.contains('/') {
            let message = format!("{what} is a pattern for the names of files, not {text:?}");
            self.refuse(node.span, Problem::new("bad-glob", message).hint("leave out directories, as in \"*.conf\""));
        }
        Some(text)
    }
}

/// Checks that a text is a flag, `--name`.
pub(crate) fn flag(text: &str) -> Result<SharedText, Problem> {
    if is_flag(text) {
        return Ok(text.into());
    }
    let name = text.trim_start_matches('-').split(['=', ' ']).next().unwrap_or("");
    Err(Problem::new("bad-flag", format!("{text:?} is not a flag")).hint(format!("write it as \"--{name}\"")))
}

/// Returns the location of the list item equal to `text`; that of the list if there is none.
pub(crate) fn item_span(node: &Node, text: &str) -> Span {
    let items = if let Content::Sequence(items) = &node.content { items.as_slice() } else { &[] };
    items
        .iter()
        .find(|item| matches!(&item.content, Content::Scalar { text: found, .. } if found.trim() == text))
        .map_or(node.span, |item| item.span)
}

/// The entries of a mapping with a fixed set of keys.
pub(crate) struct Fields<'n> {
    entries: &'n [Entry],
    what: String,
    at: Span,
    /// Known keys for which unknown ones were probably misspelt, and which are therefore not reported as missing.
    meant: Vec<&'static str>,
    /// Whether any key was unknown.
    unknown: bool,
    /// Whether the node is not a mapping.
    broken: bool,
}

impl<'n> Fields<'n> {
    /// Returns the entry with this key.
    pub fn get(&self, name: &str) -> Option<&'n Entry> {
        self.entries.iter().find(|entry| entry.key.text == name)
    }

    /// Returns the value of this key.
    pub fn value(&self, name: &str) -> Option<&'n Node> {
        self.get(name).map(|entry| &entry.value)
    }

    /// Returns the value of a required key.
    pub fn required(&self, reader: &mut Reader<'_>, name: &str) -> Option<&'n Node> {
        let value = self.value(name);
        if value.is_none() {
            self.lacks(reader, name);
        }
        value
    }

    /// Reports a missing key.
    pub fn lacks(&self, reader: &mut Reader<'_>, name: &str) {
        self.lacks_all(reader, &[name]);
    }

    /// Reports that one of several keys is missing.
    pub fn lacks_all(&self, reader: &mut Reader<'_>, names: &[&str]) {
        if !self.broken && !names.iter().any(|name| self.meant.contains(name)) {
            let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
            let message = format!("{} lacks {}", self.what, names.join(" or "));
            reader.refuse(self.at, Problem::new("missing-key", message));
        }
    }

    /// Whether a key was unknown or the node is not a mapping, so that a seemingly missing key may only be misspelt.
    pub fn in_doubt(&self) -> bool {
        self.broken || self.unknown
    }

    /// Reads the text of a required key.
    pub fn text(&self, reader: &mut Reader<'_>, name: &str) -> Option<SharedText> {
        let node = self.required(reader, name)?;
        reader.text(&format!("{name:?}"), node)
    }

    /// Reads the text of an optional key.
    pub fn text_if_any(&self, reader: &mut Reader<'_>, name: &str) -> Option<SharedText> {
        reader.text(&format!("{name:?}"), self.value(name)?)
    }

    /// Reads an optional boolean.
    pub fn boolean(&self, reader: &mut Reader<'_>, name: &str, default: bool) -> bool {
        self.value(name).and_then(|node| reader.boolean(&format!("{name:?}"), node)).unwrap_or(default)
    }

    /// Reads an optional list of texts.
    pub fn texts(&self, reader: &mut Reader<'_>, name: &str) -> Vec<SharedText> {
        self.value(name).and_then(|node| reader.texts(&format!("{name:?}"), node)).unwrap_or_default()
    }

    /// Reads an optional list of flags.
    pub fn flags(&self, reader: &mut Reader<'_>, name: &str) -> Vec<SharedText> {
        self.value(name).map(|node| reader.flags(&format!("{name:?}"), node)).unwrap_or_default()
    }
}

/// Describes a node's type for messages.
fn found(node: &Node) -> String {
    match &node.content {
        Content::Sequence(_) => "a list".to_owned(),
        Content::Mapping(_) => "a mapping".to_owned(),
        Content::Scalar { text, plain: true } => match Look::of(text) {
            Look::Null => "nothing".to_owned(),
            Look::Bool(_) => format!("the boolean {text}"),
            Look::Integer(_) | Look::Number => format!("the number {text}"),
            Look::OldBoolean | Look::Text => format!("{text:?}"),
        },
        Content::Scalar { text, plain: false } => format!("the text {text:?}"),
    }
}
