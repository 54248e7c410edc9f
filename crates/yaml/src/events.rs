//! YAML parser events, through which the program reads all YAML.

use std::collections::BTreeSet;

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span, StrInput};

/// An iterator over the events of a text, each with its position.
///
/// It wraps the parser's own iterator, which is generic and would be compiled anew in each crate that uses it.
pub struct Events<'t> {
    parser: Parser<'t, StrInput<'t>>,
    /// Lines that should lie within quotes, and for which no quoted scalar has been read yet.
    quoted: BTreeSet<usize>,
}

impl<'t> Events<'t> {
    /// Creates the events of a text.
    pub fn of(text: &'t str, options: Options) -> Self {
        Self { parser: Parser::new_from_str_with_options(text, options), quoted: BTreeSet::new() }
    }

    /// Adds lines that must lie within quotes; an event past one that does not is an error.
    pub(super) fn with_quoted(self, quoted: BTreeSet<usize>) -> Self {
        Self { quoted, ..self }
    }

    /// Whether every line before the end of this event that should lie within quotes does so.
    fn holds(&mut self, event: &Event<'_>, span: &Span) -> bool {
        let (start, end) = (span.start.line(), span.end.line());
        if matches!(event, Event::Scalar(_, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted, ..)) {
            while self.quoted.first().is_some_and(|line| start < *line && *line <= end) {
                self.quoted.pop_first();
            }
        }
        self.quoted.first().is_none_or(|line| end < *line)
    }
}

impl<'t> Iterator for Events<'t> {
    type Item = Result<(Event<'t>, Span), ScanError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.parser.next()? {
            Ok((event, span)) if !self.quoted.is_empty() && !self.holds(&event, &span) => {
                Some(Err(ScanError::new(span.start, "a line that is not indented")))
            }
            other => Some(other),
        }
    }
}
