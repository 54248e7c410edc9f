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
    /// What was typed is wrong, or a definition is: nothing was audited.
    Usage(anyhow::Error),
    /// The system refused something that the run cannot do without.
    System(anyhow::Error),
    /// The same, and it has been told already.
    Told,
}

impl Failure {
    /// The exit code for wrong usage.
    pub(super) const USAGE: u8 = 2;
    /// The exit code for a system that refused.
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

    /// Tells it on standard error.
    pub(super) fn print(&self) {
        let (Self::Usage(error) | Self::System(error)) = self else { return };
        // Several lines: the mistakes of definitions, each with its place.
        say(AnsiColor::Red, "error", &bounded(&escape::lines(&format!("{error:#}"))));
    }
}

/// How long a line of a message is at most, in bytes. Paths and what nodes hold are shown in full, unless they are absurd.
const LONGEST: usize = 2_000;

/// A text of lines that can be read: of one that is too long, both ends, since the advice comes last.
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

/// Prints lines on standard error, wrapped to a terminal's columns; a closed stream is no error.
pub(super) fn say(colour: AnsiColor, word: &str, text: &str) {
    use std::io::Write;
    let style = Style::new().fg_color(Some(colour.into())).bold();
    // What is pointed at in a line stays where it is.
    let points = text.lines().any(|line| line.trim_start().starts_with('^'));
    let said = match columns_of(&std::io::stderr()).filter(|_| !points) {
        None => format!("{word}: {text}\n"),
        Some(width) => format!("{word}: {text}").lines().map(|line| hanging(line, [0, 2], width)).collect(),
    };
    // The word stands first, however narrow the terminal is.
    let rest = said.strip_prefix(word).and_then(|rest| rest.strip_prefix(':')).unwrap_or_default();
    // With a deadline, the run does not wait for a reader that does not read either.
    let _ = printing(Path::new("standard error"), || write!(anstream::stderr(), "{style}{word}:{style:#}{rest}"));
}
