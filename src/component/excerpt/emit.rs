//! Writes an excerpt as YAML in flow style, in which every value can be on its original line.

use std::fmt::Write as _;

use yaml::Plain;

use super::command_line::{CommandLines, WITHHELD};
use super::document::{Mark, Marks};
use super::need::Action;
use super::tree::{Id, Is};

/// The longest key that YAML allows without a question mark, in bytes.
const LONGEST_KEY: usize = 500;

/// Returns the excerpt of a marked document.
pub(super) fn emit(marks: &Marks<'_>, root: Id, lines: &CommandLines<'_>) -> String {
    let mut emitter = Emitter { marks, lines, text: String::new(), line: 1, is_apart: false };
    emitter.node(root, "");
    emitter.text.push('\n');
    emitter.text
}

struct Emitter<'m> {
    marks: &'m Marks<'m>,
    lines: &'m CommandLines<'m>,
    text: String,
    line: usize,
    /// Whether a blank separates the next token from the previous one on the same line.
    is_apart: bool,
}

/// The placeholder for a value that is not read.
const NOTHING: &str = "~";

impl Emitter<'_> {
    fn at(&mut self, line: usize) {
        let is_apart = std::mem::take(&mut self.is_apart);
        if self.line >= line && is_apart {
            self.text.push(' ');
        }
        while self.line < line {
            self.text.push('\n');
            self.line += 1;
        }
    }

    /// Writes a separator.
    fn between(&mut self, sign: char) {
        self.text.push(sign);
        self.is_apart = true;
    }

    /// Writes a node; `name` is the name that its value is masked by.
    fn node(&mut self, id: Id, name: &str) {
        let marks = self.marks;
        let (Some(node), Some(mark)) = (marks.tree.node(id), marks.of.get(id)) else { return };
        self.at(node.line);
        let is_read = mark.whole.is_some() || mark.there || mark.part || !mark.carried.is_empty();
        if mark.anchored {
            let _ = write!(self.text, "&a{id} ");
        }
        let name = mark.name.as_deref().unwrap_or(name);
        match (&node.is, mark.whole) {
            (Is::Alias(target), _) if is_read => {
                let _ = write!(self.text, "*a{target}");
            }
            _ if !is_read => self.text.push_str(NOTHING),
            (Is::Alias(_), _) => self.text.push_str(NOTHING),
            (Is::Scalar { text, plain }, Some(action)) => self.value(text, *plain, name, action),
            (Is::Scalar { text, plain }, None) => {
                let is_empty = text.is_empty() || (*plain && Plain::of(text) == Plain::Null);
                let stands = if !is_empty {
                    "true"
                } else if *plain {
                    NOTHING
                } else {
                    "\"\""
                };
                self.text.push_str(stands);
            }
            (Is::List(items), Some(Action::Words)) => self.words(items, true),
            (Is::List(items), Some(Action::Arguments)) => self.words(items, false),
            (Is::List(items), whole) => {
                self.text.push('[');
                let last = if whole.is_some() || mark.part {
                    items.len()
                } else {
                    mark.carried.last().map_or(0, |last| last + 1)
                };
                for (place, item) in items.iter().enumerate().take(last) {
                    if place > 0 {
                        self.between(',');
                    }
                    self.node(*item, name);
                }
                if last == 0 && !items.is_empty() {
                    self.text.push_str(NOTHING);
                }
                self.text.push(']');
            }
            (Is::Map(entries), whole) => self.map(entries, mark, whole),
        }
    }

    fn map(&mut self, entries: &[(Id, Id)], mark: &Mark, whole: Option<Action>) {
        let tree = self.marks.tree;
        self.text.push('{');
        let mut is_first = true;
        for (place, (key, value)) in entries.iter().enumerate() {
            let is_shown = whole.is_some() || mark.kept.contains(&place);
            if !is_shown && !mark.carried.contains(&place) {
                continue;
            }
            if !std::mem::take(&mut is_first) {
                self.between(',');
            }
            let name = tree.text(*key).unwrap_or_default();
            self.at(tree.node(*key).map_or(0, |key| key.line));
            let start = self.text.len();
            if self.marks.of.get(*key).is_some_and(|mark| mark.anchored) {
                let _ = write!(self.text, "&a{key} ");
            }
            let is_meant =
                self.marks.of.get(*key).is_some_and(|mark| mark.anchored && mark.whole == Some(Action::Read));
            if tree.is_merge(*key) && is_shown {
                self.text.push_str("<<");
            } else if is_meant {
                self.scalar(name);
            } else if is_shown {
                self.scalar(&self.lines.shown("", name));
            } else {
                // Unique, and not a name that is read.
                self.scalar(&format!("{WITHHELD} key {key})"));
            }
            if self.text.len() - start > LONGEST_KEY {
                self.text.insert_str(start, "? ");
                self.text.push(' ');
            }
            self.between(':');
            match whole {
                Some(Action::Flags) => self.of_flag(*value, name),
                _ => self.node(*value, name),
            }
        }
        if is_first && mark.there && !entries.is_empty() {
            self.scalar(WITHHELD);
            self.text.push_str(": ~");
        }
        self.text.push('}');
    }

    /// Writes the values of a flag.
    fn of_flag(&mut self, id: Id, name: &str) {
        self.node(id, &format!("--{name}"));
    }

    /// Writes the words of a command line.
    fn words(&mut self, items: &[Id], have_program: bool) {
        let tree = self.marks.tree;
        let texts: Vec<&str> = items.iter().map(|item| tree.text(*item).unwrap_or_default()).collect();
        let kept = self.lines.words(&texts, have_program);
        self.text.push('[');
        for (place, ((item, text), kept)) in items.iter().zip(&texts).zip(&kept).enumerate() {
            if place > 0 {
                self.between(',');
            }
            self.at(tree.node(*item).map_or(0, |item| item.line));
            match tree.node(tree.meant(*item)).map(|node| &node.is) {
                Some(Is::Scalar { plain, .. }) if text == kept => self.written(text, *plain),
                Some(Is::Scalar { .. }) => self.scalar(kept),
                _ => self.text.push_str(NOTHING),
            }
        }
        self.text.push(']');
    }

    fn value(&mut self, text: &str, plain: bool, name: &str, action: Action) {
        // A value that is not a string does not have the format of a secret.
        if plain && action == Action::Read && !matches!(Plain::of(text), Plain::Text(_)) {
            self.written(text, plain);
            return;
        }
        let kept = match action {
            Action::Read => self.lines.shown(name, text),
            Action::Flags => self.lines.value(name, text),
            Action::Nested => self.lines.nested(text),
            Action::Schemes => super::command_line::schemes(text),
            Action::Words | Action::Arguments | Action::Variables | Action::There => self.lines.withheld(text),
        };
        if kept == text { self.written(text, plain) } else { self.scalar(&kept) }
    }

    /// Writes a scalar, which may be a number, boolean or null.
    fn written(&mut self, text: &str, plain: bool) {
        match Plain::of(text) {
            Plain::Null if plain => self.text.push_str(NOTHING),
            Plain::Text(_) => self.scalar(text),
            _ if plain => self.text.push_str(text),
            _ => self.quoted(text),
        }
    }

    /// Writes a string.
    fn scalar(&mut self, text: &str) {
        let first = |c: char| c.is_ascii_alphabetic() || c == '/';
        let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
        let is_bare = text.starts_with(first) && text.chars().all(rest) && matches!(Plain::of(text), Plain::Text(_));
        if is_bare { self.text.push_str(text) } else { self.quoted(text) }
    }

    fn quoted(&mut self, text: &str) {
        self.text.push('"');
        for letter in text.chars() {
            match letter {
                '"' | '\\' => self.text.extend(['\\', letter]),
                '\n' => self.text.push_str("\\n"),
                '\t' => self.text.push_str("\\t"),
                ' '..='~' => self.text.push(letter),
                letter if letter.is_alphanumeric() => self.text.push(letter),
                letter => {
                    let _ = write!(self.text, "\\U{:08X}", u32::from(letter));
                }
            }
        }
        self.text.push('"');
    }
}
