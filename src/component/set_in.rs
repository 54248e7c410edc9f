//! Values, and where they are set.

/// An environment variable of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// The value.
    pub value: String,
    /// Where it is set, if the process's own environment was not available.
    pub set_in: Option<SetIn>,
}

/// A location in a file that sets something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetIn {
    /// The file's path.
    pub file: String,
    /// The line, from 1, if known.
    pub line: Option<usize>,
}
