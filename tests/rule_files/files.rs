//! Reads rule directories and nodes from files.

use std::fs;
use std::path::{Path, PathBuf};

use kube_assay::kube_bench::Directory;
use kube_assay::node::Recorded;

/// Returns all files below a directory, by path.
pub(crate) fn directory(name: &str, place: &Path) -> Directory {
    let mut files = Vec::new();
    collect(place, "", &mut files);
    Directory::new(name, files)
}

fn collect(place: &Path, below: &str, files: &mut Vec<(String, String)>) {
    let entries = fs::read_dir(place).unwrap_or_else(|error| panic!("{}: {error}", place.display()));
    for entry in entries {
        let path = entry.expect("the directory can be listed").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("names are UTF-8");
        let inside = format!("{below}{name}");
        if path.is_dir() {
            collect(&path, &format!("{inside}/"), files);
        } else {
            files.push((inside, fs::read_to_string(&path).expect("rule files are UTF-8")));
        }
    }
}

/// Reads a recorded node.
pub(crate) fn node(path: &Path) -> Recorded {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"));
    Recorded::parse(&name, &text).unwrap_or_else(|error| panic!("{error}"))
}

/// Returns the paths in a directory, sorted.
pub(crate) fn listed(place: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(place).unwrap_or_else(|error| panic!("{}: {error}", place.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    paths.sort();
    paths
}
