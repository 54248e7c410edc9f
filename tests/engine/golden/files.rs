//! The files in `golden/`, by their paths in the project.

use std::fs;
use std::path::{Path, PathBuf};

fn place(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Whether to write files instead of comparing them.
pub(crate) fn bless() -> bool {
    std::env::var_os("KUBE_ASSAY_BLESS").is_some_and(|bless| bless == "1")
}

pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(place(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns the content of a file; `None` if it does not exist.
pub(crate) fn read_if_there(path: &str) -> Option<String> {
    place(path).exists().then(|| read(path))
}

pub(crate) fn write(path: &str, text: &str) {
    let place = place(path);
    let written = place.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&place, text));
    written.unwrap_or_else(|error| panic!("{path}: {error}"));
}

pub(crate) fn remove(path: &str) {
    fs::remove_file(place(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
}

/// Returns the files in a directory, sorted.
pub(crate) fn list(directory: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(place(directory)) else { return Vec::new() };
    let mut files: Vec<String> = entries
        .map(|entry| entry.unwrap_or_else(|error| panic!("{directory}: {error}")).path())
        .filter(|path| path.is_file())
        .filter_map(|path| Some(format!("{directory}/{}", path.file_name()?.to_str()?)))
        .collect();
    files.sort();
    files
}
