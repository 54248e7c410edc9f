//! The events of a text in YAML: all that the program reads of YAML is read through these.

use std::collections::BTreeSet;

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span, StrInput};

/// The events of a text, one after the other, each with its place.
///
/// It is the parser's own iterator. That is generic, and would be compiled anew in each crate that uses it.
pub struct Events<'t> {
    parser: Parser<'t, StrInput<'t>>,
    /// Lines that lie within quotes, of which no text in quotes was read yet.
    quoted: BTreeSet<usize>,
}

impl<'t> Events<'t> {
    /// The events of a text.
    pub fn of(text: &'t str, options: Options) -> Self {
        Self { parser: Parser::new_from_str_with_options(text, options), quoted: BTreeSet::new() }
    }

    /// The same, with an error where one of these lines does not lie within quotes.
    pub(super) fn with_quoted(self, quoted: BTreeSet<usize>) -> Self {
        Self { quoted, ..self }
    }

    /// Whether no line is passed over that was to lie within quotes.
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
