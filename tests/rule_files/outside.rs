//! Data outside the project, named by environment variables. Tests that need it are ignored if a variable is not set.

use std::path::{Path, PathBuf};

use crate::files::listed;

/// Recompiles the tests when a variable changes, because `test_with` reads it at compile time.
const _: [Option<&str>; 3] = [option_env!("KUBE_BENCH_CFG"), option_env!("KUBE_BENCH_OUTPUTS"), option_env!("SIMNODE")];

fn named(variable: &str, is_there: impl Fn(&Path) -> bool, what: &str) -> PathBuf {
    let place = PathBuf::from(std::env::var_os(variable).unwrap_or_else(|| panic!("{variable}: not set ({what})")));
    assert!(is_there(&place), "{variable}={}: {what} is not there", place.display());
    place
}

/// Returns kube-bench's own rule files: its directory `cfg`.
pub(crate) fn rules() -> PathBuf {
    named("KUBE_BENCH_CFG", |place| place.join("config.yaml").is_file(), "kube-bench's directory of rule files")
}

/// Returns kube-bench's outputs: a directory for each node, with `verdicts.jsonl` and whole reports.
pub(crate) fn outputs() -> PathBuf {
    let is_there = |place: &Path| nodes().iter().all(|node| place.join(name(node)).join("verdicts.jsonl").is_file());
    named("KUBE_BENCH_OUTPUTS", is_there, "a directory of kube-bench's outputs for each node of tests/nodes")
}

/// Returns the program that runs a command inside a synthetic node.
pub(crate) fn simnode() -> PathBuf {
    named("SIMNODE", Path::is_file, "the program that runs a command inside of a made-up node")
}

/// Returns the nodes for which kube-bench's results are known; these are part of the project.
pub(crate) fn nodes() -> Vec<PathBuf> {
    listed(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nodes"))
}

/// Returns the path of one of these nodes.
pub(crate) fn node(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/nodes/{name}.yaml"))
}

/// Returns the name of a node.
pub(crate) fn name(node: &Path) -> String {
    node.file_stem().and_then(|name| name.to_str()).expect("names are UTF-8").to_owned()
}
