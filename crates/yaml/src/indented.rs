//! Indentation of quoted scalars. These may continue on lines that are not indented, which the parser rejects and other
//! parsers accept. Such lines are indented, which has no meaning inside quotes, and the text is parsed again.

use std::borrow::Cow;
use std::collections::BTreeSet;

use granit_parser::{ErrorKind, Options, ScanError};

use super::events::Events;
use super::quoted::lines_within_quotes;

/// How often a text may be parsed again: first with all lines indented that seem to lie within quotes, and if that
/// guess is wrong, with only the lines that the parser has rejected so far.
const MOST_READINGS: usize = 6;
/// Indentation deeper than any mapping within the depth limit.
const FAR: &str =
    "                                                                                                    ";

/// A text together with the lines that are indented for the parser.
#[derive(Debug)]
pub struct Indented<'t> {
    source: &'t str,
    lines: BTreeSet<usize>,
    readings: usize,
    /// Whether `lines` is a guess, made without the parser.
    is_guess: bool,
    /// The lines that the parser rejected.
    refused: BTreeSet<usize>,
    /// The input for the parser.
    pub text: Cow<'t, str>,
}

impl<'t> Indented<'t> {
    /// Creates it with the text unchanged.
    pub fn new(source: &'t str) -> Self {
        let (lines, refused) = (BTreeSet::new(), BTreeSet::new());
        Self { source, lines, readings: 0, is_guess: false, refused, text: Cow::Borrowed(source) }
    }

    /// Returns the events of the text. They end with an error at an indented line that does not lie within quotes.
    pub fn events(&self, options: Options) -> Events<'_> {
        Events::of(&self.text, options).with_quoted(self.lines.clone())
    }

    /// Indents the line that this error is about. Returns whether parsing again is worthwhile.
    pub fn indent(&mut self, error: &ScanError) -> bool {
        if self.readings == MOST_READINGS {
            return false;
        }
        let is_quoted = matches!(error.kind(), ErrorKind::InvalidQuotedScalarIndent);
        let is_new = is_quoted && self.refused.insert(error.marker().line());
        if self.readings == 0 && is_new {
            self.is_guess = true;
            self.lines = lines_within_quotes(self.source);
            self.lines.extend(&self.refused);
        } else if is_new {
            self.lines.extend(&self.refused);
        } else if std::mem::take(&mut self.is_guess) {
            // A line that was guessed to lie within quotes does not.
            self.lines.clone_from(&self.refused);
        } else {
            return false;
        }
        self.readings += 1;
        let mut text = String::with_capacity(self.source.len() + self.lines.len() * FAR.len());
        for (line, written) in numbered(self.source) {
            if self.lines.contains(&line) {
                text.push_str(FAR);
            }
            text.push_str(written);
        }
        self.text = Cow::Owned(text);
        true
    }

    /// Removes the added indentation from `text`, which has the lines of this text.
    pub fn restored(&self, text: &str) -> String {
        let near = |(line, text): (usize, &'_ str)| {
            let indentation = if self.lines.contains(&line) { FAR } else { "" };
            text.strip_prefix(indentation).unwrap_or(text).to_owned()
        };
        numbered(text).map(near).collect()
    }
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.split_inclusive('\n'))
}
