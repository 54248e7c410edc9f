//! The text of a definition file and its names, as the loader takes them; nothing here opens files.

/// A definition file's text and names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// The name shown in messages: `benchmarks/controls/apiserver.yaml`.
    pub name: String,
    /// The path below the definitions directory, with `/`: `controls/apiserver.yaml`. It determines the kind of file.
    pub path: String,
    /// The contents.
    pub text: String,
}

impl SourceFile {
    /// Creates the file at `path` below `directory`.
    pub fn new(directory: &str, path: &str, text: impl Into<String>) -> Self {
        let directory = directory.trim_end_matches('/');
        Self { name: format!("{directory}/{path}"), path: path.to_owned(), text: text.into() }
    }
}
