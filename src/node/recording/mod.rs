//! Recorded nodes: how they are written down, written, and read again.

mod base64;
mod certificates;
mod form;
mod reader;
mod record;
mod replay;
#[cfg(test)]
mod schema;
mod shell;
mod synthetic;
mod things;

use std::fmt;

pub use form::Recording;
pub use record::{Kept, record};
pub(super) use replay::ReplayedNode;
pub(super) use synthetic::SyntheticNode;

/// The form of recordings that this version writes.
const FORM: u32 = 3;

/// The form before it, which this version reads: it holds whole files where this one holds excerpts.
const WHOLE: u32 = 2;

/// The form of version 0.1.0, which did not say who runs a process.
const FORMER: u32 = 1;

/// Why a recording cannot be read: its name, the place in it, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct RecordingError {
    /// The file, as it was named.
    pub name: String,
    /// Line and column, from 1, where the place is known.
    pub place: Option<(usize, usize)>,
    /// What is wrong.
    pub detail: String,
}

impl fmt::Display for RecordingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some((line, column)) => write!(f, "{}:{line}:{column}: {}", self.name, self.detail),
            None => write!(f, "{}: {}", self.name, self.detail),
        }
    }
}

impl Recording {
    /// Reads a recorded node from the text of its file; `name` is the file's, for errors.
    pub fn parse(name: &str, text: &str) -> Result<Self, RecordingError> {
        let refused = |reader::Refused { place, detail }| RecordingError { name: name.to_owned(), place, detail };
        reader::read(text).map_err(refused)
    }

    /// The text of its file.
    pub fn to_yaml(&self) -> Result<String, serde_yaml::Error> {
        serde_yaml::to_string(self)
    }

    /// Whether it is what was asked of a real node, or a made-up one.
    pub(super) fn is_asked(&self) -> Result<bool, String> {
        match self.form {
            Some(FORM | WHOLE) => Ok(true),
            Some(FORMER) => Err(format!(
                "form {FORMER}: does not say which user runs a process, so nothing in it can be believed (record the node \
                 again with this version)"
            )),
            Some(other) => Err(format!("form {other} is not known (this version reads forms {WHOLE} and {FORM})")),
            None => Ok(false),
        }
    }
}
