//! What is told on standard error beside the output, and to whom.
//!
//! A pod's log joins both streams in any order, and a notice in between breaks readers of JSON, XML or YAML. So what
//! a report holds is repeated only at a terminal, or with `-v`.

use std::io::{self, IsTerminal};

use anstyle::AnsiColor;

use crate::report::escape;

use super::failure::{bounded, say};
use super::options::Verbosity;

/// Whether standard error may have a line beside output for programs.
pub(super) fn is_heard(verbosity: &Verbosity) -> bool {
    !verbosity.quiet && (verbosity.is_verbose() || io::stderr().is_terminal())
}

/// Tells what the report holds too, or what stands beside output for programs.
pub(super) fn beside_output(verbosity: &Verbosity, text: &str) {
    if is_heard(verbosity) {
        alone(verbosity, text);
    }
}

/// Tells what is told nowhere else, and where the output is for people or goes to a file.
pub(super) fn alone(verbosity: &Verbosity, text: &str) {
    if !verbosity.quiet {
        say(AnsiColor::Yellow, "notice", &bounded(&escape::line(text)));
    }
}
