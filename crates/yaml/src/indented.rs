//! Texts in quotes may go on in lines that are not indented, which the parser refuses and other parsers do not: such
//! lines are indented, which means nothing inside of quotes, and the text is read again.

use std::borrow::Cow;
use std::collections::BTreeSet;

use granit_parser::{ErrorKind, ScanError};

/// How many lines of texts in quotes are indented; each costs another reading.
const MOST: usize = 200;
/// Farther to the right than any mapping that is not too deep.
const FAR: &str =
    "                                                                                                    ";

/// A text as the parser is to read it.
#[derive(Debug)]
pub struct Indented<'t> {
    source: &'t str,
    lines: BTreeSet<usize>,
    /// What the parser is given.
    pub text: Cow<'t, str>,
}

impl<'t> Indented<'t> {
    /// The text as it is.
    pub fn new(source: &'t str) -> Self {
        Self { source, lines: BTreeSet::new(), text: Cow::Borrowed(source) }
    }

    /// Indents the line that the parser has this against; whether that is worth another reading.
    pub fn indent(&mut self, error: &ScanError) -> bool {
        let again = matches!(error.kind(), ErrorKind::InvalidQuotedScalarIndent)
            && self.lines.len() < MOST
            && self.lines.insert(error.marker().line());
        if again {
            let far = |(line, text): (usize, &str)| {
                if self.lines.contains(&line) { format!("{FAR}{text}") } else { text.to_owned() }
            };
            self.text = numbered(self.source).map(far).collect::<String>().into();
        }
        again
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
