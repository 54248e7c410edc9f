//! What does not lie in the project, and is named by environment variables: tests that need it are counted as ignored
//! where a variable is not set.

use std::path::{Path, PathBuf};

use crate::files::listed;

/// So that tests are compiled anew when a variable is set or changes: `test_with` looks at them then.
const _: [Option<&str>; 3] = [option_env!("KUBE_BENCH_CFG"), option_env!("KUBE_BENCH_OUTPUTS"), option_env!("SIMNODE")];

fn named(variable: &str, is_there: impl Fn(&Path) -> bool, what: &str) -> PathBuf {
    let place = PathBuf::from(std::env::var_os(variable).unwrap_or_else(|| panic!("{variable}: not set ({what})")));
    assert!(is_there(&place), "{variable}={}: {what} is not there", place.display());
    place
}

/// kube-bench's own rule files: its directory `cfg`.
pub(crate) fn rules() -> PathBuf {
    named("KUBE_BENCH_CFG", |place| place.join("config.yaml").is_file(), "kube-bench's directory of rule files")
}

/// What kube-bench printed: a directory for each of the nodes, with `verdicts.jsonl` and whole reports.
pub(crate) fn outputs() -> PathBuf {
    let is_there = |place: &Path| nodes().iter().all(|node| place.join(name(node)).join("verdicts.jsonl").is_file());
    named("KUBE_BENCH_OUTPUTS", is_there, "a directory of kube-bench's outputs for each node of tests/nodes")
}

/// The program that runs a command inside of a made-up node.
pub(crate) fn simnode() -> PathBuf {
    named("SIMNODE", Path::is_file, "the program that runs a command inside of a made-up node")
}

/// The nodes of which it is known what kube-bench says of them; these lie in the project.
pub(crate) fn nodes() -> Vec<PathBuf> {
    listed(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nodes"))
}

/// One of them.
pub(crate) fn node(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/nodes/{name}.yaml"))
}

/// What a node is called.
pub(crate) fn name(node: &Path) -> String {
    node.file_stem().and_then(|name| name.to_str()).expect("names are UTF-8").to_owned()
}
