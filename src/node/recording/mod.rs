//! Recorded nodes: their file format, writing and reading.

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

/// The version of the format that is written.
const FORM: u32 = 3;

/// The previous version, which can be read: it contains whole files instead of excerpts.
const WHOLE: u32 = 2;

/// The version of release 0.1.0, which did not record who runs a process.
const FORMER: u32 = 1;

/// Why a recording cannot be read: its name, the position, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct RecordingError {
    /// The file, as named by the user.
    pub name: String,
    /// Line and column, from 1, if the position is known.
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
    /// Parses a recorded node from the text of its file; `name` is the file's, for errors.
    pub fn parse(name: &str, text: &str) -> Result<Self, RecordingError> {
        let refused = |reader::Refused { place, detail }| RecordingError { name: name.to_owned(), place, detail };
        reader::read(text).map_err(refused)
    }

    /// Returns the text of its file.
    pub fn to_yaml(&self) -> Result<String, serde_yaml::Error> {
        serde_yaml::to_string(self)
    }

    /// Whether it is the recording of a real node, rather than a made-up node.
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
