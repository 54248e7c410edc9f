//! Texts in quotes may go on in lines that are not indented, which the parser refuses and other parsers do not: such
//! lines are indented, which means nothing inside of quotes, and the text is read again.

use std::borrow::Cow;
use std::collections::BTreeSet;

use granit_parser::{ErrorKind, Options, ScanError};

use super::events::Events;
use super::quoted::lines_within_quotes;

/// How often a text is read again: once with all lines that seem to lie within quotes, and where that is not so, for as
/// many lines as remain.
const MOST_READINGS: usize = 6;
/// Farther to the right than any mapping that is not too deep.
const FAR: &str =
    "                                                                                                    ";

/// A text as the parser is to read it.
#[derive(Debug)]
pub struct Indented<'t> {
    source: &'t str,
    lines: BTreeSet<usize>,
    readings: usize,
    /// Whether the lines are those that seem to lie within quotes.
    is_guess: bool,
    /// The lines against which the parser had something.
    refused: BTreeSet<usize>,
    /// What the parser is given.
    pub text: Cow<'t, str>,
}

impl<'t> Indented<'t> {
    /// The text as it is.
    pub fn new(source: &'t str) -> Self {
        let (lines, refused) = (BTreeSet::new(), BTreeSet::new());
        Self { source, lines, readings: 0, is_guess: false, refused, text: Cow::Borrowed(source) }
    }

    /// The events of the text. Where a line is indented that does not lie within quotes, they end in an error.
    pub fn events(&self, options: Options) -> Events<'_> {
        Events::of(&self.text, options).with_quoted(self.lines.clone())
    }

    /// Indents the lines that the parser has this against; whether that is worth another reading.
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
            // A line was taken for one within quotes that is none.
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

    /// A text with the lines of this one, without what was put before some of them.
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
