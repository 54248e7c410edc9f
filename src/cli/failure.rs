//! Why a run could not be carried out, and the exit code for it.

use std::borrow::Cow;
use std::path::Path;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};

use crate::node::printing;
use crate::report::escape;
use crate::report::wrap::hanging;

use super::output::columns_of;

/// A run that could not be carried out.
#[derive(Debug)]
pub(super) enum Failure {
    /// Wrong usage, or an invalid definition: nothing was checked.
    Usage(anyhow::Error),
    /// The system refused something that the run requires.
    System(anyhow::Error),
    /// The same, already reported on standard error.
    Told,
}

impl Failure {
    /// The exit code for wrong usage.
    pub(super) const USAGE: u8 = 2;
    /// The exit code for a run that could not be carried out.
    pub(super) const SYSTEM: u8 = 1;

    pub(super) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self::Usage(error.into())
    }

    pub(super) fn system(error: impl Into<anyhow::Error>) -> Self {
        Self::System(error.into())
    }

    pub(super) fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Usage(_) => Self::USAGE,
            Self::System(_) | Self::Told => Self::SYSTEM,
        })
    }

    /// Prints the error on standard error.
    pub(super) fn print(&self) {
        let (Self::Usage(error) | Self::System(error)) = self else { return };
        // May have several lines: the mistakes in definitions, each with its position.
        say(AnsiColor::Red, "error", &bounded(&escape::lines(&format!("{error:#}"))));
    }
}

/// The longest line of a message, in bytes. Paths and values from a node are shown in full unless they exceed it.
const LONGEST: usize = 2_000;

/// Shortens overlong lines, keeping both ends, since the advice comes last.
pub(super) fn bounded(text: &str) -> Cow<'_, str> {
    if text.lines().all(|line| line.len() <= LONGEST) {
        return Cow::Borrowed(text);
    }
    let cut = |line: &str| {
        if line.len() <= LONGEST {
            return line.to_owned();
        }
        let (head, tail) = (line.floor_char_boundary(LONGEST / 2), line.ceil_char_boundary(line.len() - LONGEST / 2));
        format!("{} ... {}", line.get(..head).unwrap_or_default(), line.get(tail..).unwrap_or_default())
    };
    Cow::Owned(text.lines().map(cut).collect::<Vec<_>>().join("\n"))
}

/// Prints lines on standard error, wrapped to the terminal's width; a closed stream is not an error.
pub(super) fn say(colour: AnsiColor, word: &str, text: &str) {
    use std::io::Write;
    let style = Style::new().fg_color(Some(colour.into())).bold();
    // Wrapping would misalign the `^` markers below source lines.
    let points = text.lines().any(|line| line.trim_start().starts_with('^'));
    let said = match columns_of(&std::io::stderr()).filter(|_| !points) {
        None => format!("{word}: {text}\n"),
        Some(width) => format!("{word}: {text}").lines().map(|line| hanging(line, [0, 2], width)).collect(),
    };
    // The word comes first, however narrow the terminal is.
    let rest = said.strip_prefix(word).and_then(|rest| rest.strip_prefix(':')).unwrap_or_default();
    // With a deadline, the run does not wait for a reader of standard error either.
    let _ = printing(Path::new("standard error"), || write!(anstream::stderr(), "{style}{word}:{style:#}{rest}"));
}
