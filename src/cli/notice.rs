//! Prints notices on standard error, and decides when to.
//!
//! A pod's log merges both streams in any order, and a notice in between breaks parsers of JSON, XML or YAML. So
//! notices that a report already contains are repeated only on a terminal, or with `-v`.

use std::io::{self, IsTerminal};

use anstyle::AnsiColor;

use crate::report::escape;

use super::failure::{bounded, say};
use super::options::Verbosity;

/// Whether notices may be printed while the output is for programs.
pub(super) fn is_heard(verbosity: &Verbosity) -> bool {
    !verbosity.quiet && (verbosity.is_verbose() || io::stderr().is_terminal())
}

/// Prints a notice that the report also contains, or that accompanies output for programs.
pub(super) fn beside_output(verbosity: &Verbosity, text: &str) {
    if is_heard(verbosity) {
        alone(verbosity, text);
    }
}

/// Prints a notice that appears nowhere else, or that accompanies text output or output to a file.
pub(super) fn alone(verbosity: &Verbosity, text: &str) {
    if !verbosity.quiet {
        say(AnsiColor::Yellow, "notice", &bounded(&escape::line(text)));
    }
}
