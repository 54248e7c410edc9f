//! Expands words to the arguments of a command.

use std::os::unix::ffi::OsStrExt;

use super::budget::{Budget, Run, Stop};
use super::pattern::Pattern;
use super::state::Shell;
use super::streams::{Sink, Streams};
use super::tree::{Change, Parameter, Part, Word};
use probe::FileKind;
use sorting::Sorting;

/// The approximate overhead of a field, in bytes.
const BYTES_OF_A_FIELD: usize = 64;

/// A byte of an expanded word.
#[derive(Debug, Clone, Copy)]
struct Letter {
    byte: u8,
    quoted: bool,
    /// Whether the word is split at white space here: the byte is from an unquoted variable or substitution.
    splits: bool,
}

/// A word during expansion.
#[derive(Debug, Default)]
struct Expanded {
    letters: Vec<Letter>,
    /// Whether it contained quotes, so that it is kept even if empty.
    quoted: bool,
    /// The offsets at which `$@` and `$*` split it, and whether they are quoted, so that empty arguments are kept.
    breaks: Vec<(usize, bool)>,
}

impl Expanded {
    /// Adds bytes, counting them before they are copied: a word can contain a long value many times.
    fn push(&mut self, bytes: &[u8], quoted: bool, splits: bool, budget: &Budget) -> Run<()> {
        budget.bytes(bytes.len())?;
        budget.look(bytes.len())?;
        self.quoted |= quoted;
        self.letters.extend(bytes.iter().map(|byte| Letter { byte: *byte, quoted, splits }));
        Ok(())
    }
}

impl Shell<'_> {
    /// Expands words to arguments.
    pub(super) fn words(&mut self, words: &[Word], streams: &Streams) -> Run<Vec<Vec<u8>>> {
        let mut arguments = Vec::new();
        for word in words {
            let expanded = self.expand(word, streams)?;
            for field in split(&expanded, &self.budget)? {
                let bytes: Vec<(u8, bool)> = field.iter().map(|letter| (letter.byte, letter.quoted)).collect();
                let plain: Vec<u8> = field.iter().map(|letter| letter.byte).collect();
                if Pattern::can_be_special(&bytes) && Pattern::new(&bytes, &self.budget)?.is_special() {
                    let found = self.paths(&bytes)?;
                    if !found.is_empty() {
                        arguments.extend(found);
                        continue;
                    }
                }
                arguments.push(plain);
            }
        }
        Ok(arguments)
    }

    /// Expands a word without splitting it.
    pub(super) fn value(&mut self, word: &Word, streams: &Streams) -> Run<Vec<u8>> {
        let expanded = self.expand(word, streams)?;
        Ok(expanded.letters.iter().map(|letter| letter.byte).collect())
    }

    /// Expands a word to a pattern.
    pub(super) fn pattern(&mut self, word: &Word, streams: &Streams) -> Run<Pattern> {
        let expanded = self.expand(word, streams)?;
        let bytes: Vec<(u8, bool)> = expanded.letters.iter().map(|letter| (letter.byte, letter.quoted)).collect();
        Pattern::new(&bytes, &self.budget)
    }

    fn expand(&mut self, word: &Word, streams: &Streams) -> Run<Expanded> {
        let mut expanded = Expanded::default();
        for part in &word.0 {
            match part {
                Part::Text { text, quoted } => {
                    expanded.push(text.as_bytes(), *quoted, false, &self.budget)?;
                }
                Part::Parameter { parameter, quoted } => {
                    self.parameter(parameter, *quoted, &mut expanded, streams)?;
                }
                Part::Output { commands, quoted } => {
                    let output = self.output_of(commands, streams)?;
                    expanded.push(&output, *quoted, !quoted, &self.budget)?;
                }
                Part::Unknown(what) => return Err(Stop::Refused(format!("line {}: {what}", self.line))),
            }
        }
        self.budget.step()?;
        Ok(expanded)
    }

    /// The output of commands, without trailing line breaks.
    fn output_of(&mut self, commands: &super::tree::Script, streams: &Streams) -> Run<Vec<u8>> {
        let output = Sink::memory();
        let inside = Streams { output: output.clone(), ..streams.clone() };
        let budget = self.budget.clone();
        let mut part = self.part();
        let status = budget.deeper(|| part.whole(commands, &inside))?;
        self.status = status;
        let mut bytes = output.take();
        while bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        // Shell variables cannot contain NUL.
        bytes.retain(|byte| *byte != 0);
        Ok(bytes)
    }

    fn parameter(
        &mut self,
        parameter: &Parameter,
        quoted: bool,
        expanded: &mut Expanded,
        streams: &Streams,
    ) -> Run<()> {
        let Parameter { name, change } = parameter;
        if matches!(name.as_str(), "@" | "*") {
            if *change != Change::None {
                return Err(Stop::Refused(format!("line {}: a form of ${name} that is not interpreted", self.line)));
            }
            let arguments = self.arguments.clone();
            for (index, argument) in arguments.iter().enumerate() {
                if index > 0 {
                    if name == "*" && quoted {
                        expanded.push(b" ", true, false, &self.budget)?;
                    } else {
                        expanded.breaks.push((expanded.letters.len(), quoted));
                    }
                }
                expanded.push(argument, quoted, !quoted, &self.budget)?;
            }
            if quoted && name == "@" && arguments.is_empty() {
                expanded.quoted = false;
            }
            return Ok(());
        }
        let value = self.variable(name);
        let budget = self.budget.clone();
        match change {
            Change::None => expanded.push(&value.unwrap_or_default(), quoted, !quoted, &budget)?,
            Change::Length => {
                let length = value.unwrap_or_default().len().to_string();
                expanded.push(length.as_bytes(), quoted, !quoted, &budget)?;
            }
            Change::Otherwise { how, colon, word } => {
                let is_set = value.as_ref().is_some_and(|value| !(*colon && value.is_empty()));
                match (how, is_set) {
                    ('+', false) => expanded.push(b"", quoted, !quoted, &budget)?,
                    ('-' | '=' | '?', true) => expanded.push(&value.unwrap_or_default(), quoted, !quoted, &budget)?,
                    ('?', false) => {
                        let text = budget.deeper(|| self.value(word, streams))?;
                        let text = if text.is_empty() { b"parameter not set".to_vec() } else { text };
                        let message = [name.as_bytes(), b": ", &text].concat();
                        self.complain(&message, streams)?;
                        return Err(Stop::Exit(2));
                    }
                    ('=', false) => {
                        let text = budget.deeper(|| self.value(word, streams))?;
                        self.assign(name, &text)?;
                        expanded.push(&text, quoted, !quoted, &budget)?;
                    }
                    _ => {
                        let inner = budget.deeper(|| self.expand(word, streams))?;
                        expanded.quoted |= inner.quoted || quoted;
                        expanded.letters.extend(inner.letters.iter().map(|letter| Letter {
                            byte: letter.byte,
                            quoted: letter.quoted || quoted,
                            splits: !letter.quoted && !quoted,
                        }));
                    }
                }
            }
            Change::Without { suffix, longest, pattern } => {
                let value = value.unwrap_or_default();
                let pattern = budget.deeper(|| self.pattern(pattern, streams))?;
                let kept = self.without(&value, &pattern, *suffix, *longest)?;
                expanded.push(&kept, quoted, !quoted, &budget)?;
            }
        }
        Ok(())
    }

    /// Removes the shortest or longest matching prefix or suffix from a value.
    fn without(&self, value: &[u8], pattern: &Pattern, suffix: bool, longest: bool) -> Run<Vec<u8>> {
        for shorter in 0..=value.len() {
            // The number of bytes to remove, starting with the most if the longest match counts.
            let cut = if longest { value.len() - shorter } else { shorter };
            let (part, kept) = if suffix {
                let (kept, part) = value.split_at(value.len() - cut);
                (part, kept)
            } else {
                value.split_at(cut)
            };
            if pattern.matches(part, &self.budget)? {
                return Ok(kept.to_vec());
            }
        }
        Ok(value.to_vec())
    }

    /// The node's paths that match a pattern, sorted by name.
    fn paths(&mut self, pattern: &[(u8, bool)]) -> Run<Vec<Vec<u8>>> {
        let absolute = pattern.first().is_some_and(|(byte, _)| *byte == b'/');
        let mut found: Vec<Vec<u8>> = vec![if absolute { b"/".to_vec() } else { Vec::new() }];
        let steps: Vec<&[(u8, bool)]> =
            pattern.split(|(byte, _)| *byte == b'/').filter(|step| !step.is_empty()).collect();
        let wants_directory = pattern.last().is_some_and(|(byte, _)| *byte == b'/');
        for (index, step) in steps.iter().enumerate() {
            let is_last = index + 1 == steps.len() && !wants_directory;
            let pattern = Pattern::new(step, &self.budget)?;
            let mut next: Vec<Vec<u8>> = Vec::new();
            for parent in &found {
                if pattern.is_special() {
                    for entry in self.node.entries_to_match(parent)? {
                        let name = entry.name.as_bytes();
                        let hidden = name.first() == Some(&b'.') && !pattern.begins_with_dot();
                        if hidden || !pattern.matches(name, &self.budget)? {
                            continue;
                        }
                        if is_last || matches!(entry.kind, FileKind::Directory | FileKind::Link) {
                            self.budget.bytes(parent.len() + name.len() + BYTES_OF_A_FIELD)?;
                            next.push(joined(parent, name));
                        }
                    }
                } else {
                    let name: Vec<u8> = step.iter().map(|(byte, _)| *byte).collect();
                    let path = joined(parent, &name);
                    self.budget.bytes(path.len())?;
                    if self.node.lies_there(&path)? {
                        next.push(path);
                    }
                }
            }
            found = next;
        }
        if wants_directory {
            for path in &mut found {
                path.push(b'/');
            }
        }
        found.order();
        Ok(found)
    }
}

fn joined(parent: &[u8], name: &[u8]) -> Vec<u8> {
    let slash: &[u8] = if parent.is_empty() || parent.ends_with(b"/") { b"" } else { b"/" };
    [parent, slash, name].concat()
}

/// Splits a word into fields at white space from variables and substitutions.
fn split(expanded: &Expanded, budget: &Budget) -> Run<Vec<Vec<Letter>>> {
    let is_blank = |letter: &Letter| letter.splits && matches!(letter.byte, b' ' | b'\t' | b'\n');
    let mut fields: Vec<Vec<Letter>> = Vec::new();
    let mut field: Option<Vec<Letter>> = None;
    let mut breaks = expanded.breaks.iter().peekable();
    for (index, letter) in expanded.letters.iter().enumerate() {
        while let Some((_, quoted)) = breaks.next_if(|(at, _)| *at <= index) {
            part(&mut fields, &mut field, *quoted, budget)?;
        }
        if is_blank(letter) {
            part(&mut fields, &mut field, false, budget)?;
        } else {
            field.get_or_insert_default().push(*letter);
        }
    }
    for (_, quoted) in breaks {
        part(&mut fields, &mut field, *quoted, budget)?;
    }
    fields.extend(field);
    if fields.is_empty() && expanded.quoted {
        fields.push(Vec::new());
    }
    Ok(fields)
}

/// Ends a field; with `empty`, a field is kept even if it is empty.
fn part(fields: &mut Vec<Vec<Letter>>, field: &mut Option<Vec<Letter>>, empty: bool, budget: &Budget) -> Run<()> {
    if empty {
        field.get_or_insert_default();
    }
    if let Some(field) = field.take() {
        budget.bytes(BYTES_OF_A_FIELD)?;
        fields.push(field);
    }
    *field = empty.then(Vec::new);
    Ok(())
}
