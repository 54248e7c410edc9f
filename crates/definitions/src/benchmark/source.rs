//! A definition file as the loader takes it: its text and what it is called, never the file itself.

/// The text of a definition file, with the names that it goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// As it is shown to people: `benchmarks/controls/apiserver.yaml`.
    pub name: String,
    /// Its path below the directory of definitions, with `/`: `controls/apiserver.yaml`. It tells what the file holds.
    pub path: String,
    /// What is written in it.
    pub text: String,
}

impl SourceFile {
    /// The file at `path` below `directory`.
    pub fn new(directory: &str, path: &str, text: impl Into<String>) -> Self {
        let directory = directory.trim_end_matches('/');
        Self { name: format!("{directory}/{path}"), path: path.to_owned(), text: text.into() }
    }
}
