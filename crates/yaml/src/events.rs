//! The events of a text in YAML: all that the program reads of YAML is read through these.

use granit_parser::{Event, Options, Parser, ScanError, Span, StrInput};

/// The events of a text, one after the other, each with its place.
///
/// It is the parser's own iterator. That is generic, and would be compiled anew in each crate that uses it.
pub struct Events<'t>(Parser<'t, StrInput<'t>>);

impl<'t> Events<'t> {
    /// The events of a text.
    pub fn of(text: &'t str, options: Options) -> Self {
        Self(Parser::new_from_str_with_options(text, options))
    }
}

impl<'t> Iterator for Events<'t> {
    type Item = Result<(Event<'t>, Span), ScanError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}
