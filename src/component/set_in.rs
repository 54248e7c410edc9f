//! Values, and the places that set them.

/// A variable of a process's environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its value.
    pub value: String,
    /// What sets it, where the process itself could not be asked.
    pub set_in: Option<SetIn>,
}

/// The place in a file that sets something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetIn {
    /// The file.
    pub file: String,
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
}
