//! Recordings keep the value of every flag that the program's own code reads.

use std::fs;
use std::path::{Path, PathBuf};

use kube_assay::{collect, embedded};

/// The source directories that read settings.
const ROOMS: [&str; 4] = ["collect", "component", "detect", "evaluate"];

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    let (directories, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    files.into_iter().chain(directories.iter().flat_map(|directory| rust_files(directory))).collect()
}

/// Returns the flags that are string literals of their own in a file, outside its tests.
fn flags(text: &str) -> impl Iterator<Item = String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let is_comment = |line: &&str| line.trim_start().starts_with("//");
    let words = code.lines().filter(move |line| !is_comment(line)).flat_map(|line| line.split('"').skip(1).step_by(2));
    let is_name = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    words.filter(move |word| word.len() > 2 && word.starts_with("--") && word.chars().all(is_name)).map(str::to_owned)
}

#[test]
fn the_flags_that_readers_name_keep_their_values() {
    let sets = collect::sets(&embedded::definitions().library);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut named, mut lacking) = (0, Vec::new());
    for file in ROOMS.iter().flat_map(|room| rust_files(&root.join(room))) {
        for flag in flags(&fs::read_to_string(&file).expect("text")) {
            named += 1;
            if !sets.read.contains(flag.as_str()) {
                lacking.push(format!("{}: {flag}", file.display()));
            }
        }
    }
    assert!(lacking.is_empty(), "put them into src/component/own.rs:\n{}", lacking.join("\n"));
    assert!(named > 50, "only {named} flags were found");
}
