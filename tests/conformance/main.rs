//! Ours against kube-bench's own verdicts: each difference is listed in `differences.yaml`, with the reason why ours is
//! right.
//!
//! The nodes and the verdicts lie beside the project, not in it; without them there is nothing to compare, and the test
//! says so.

#![allow(clippy::disallowed_methods, reason = "tests read and write the project's own files")]

mod comparison;
mod difference;
mod verdict;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use definitions::Definitions;
use kube_assay::embedded;
use kube_assay::node::Recorded;
use kube_assay::run::{BenchmarkChoice, ProfileChoice, RunRequest, assay};

use comparison::{Run, compare};
use difference::Difference;
use verdict::{Ours, Theirs};

/// Newer than kube-bench's release.
const OURS_ALONE: &str = "cis-2.0";
/// How many benchmarks both have.
const BENCHMARKS: usize = 18;

/// Fewer verdicts would mean that the material is not what it was.
const FEWEST: usize = 8_000;

#[test]
fn verdicts_equal_those_of_kube_bench_but_for_the_listed_differences() {
    let Some(material) = material() else { return };
    let listed = Difference::parse(include_str!("differences.yaml")).expect("tests/conformance/differences.yaml");
    let definitions = embedded::definitions();
    let benchmarks: Vec<&str> =
        definitions.library.benchmarks.keys().map(String::as_str).filter(|name| *name != OURS_ALONE).collect();
    assert_eq!(benchmarks.len(), BENCHMARKS, "{benchmarks:?}");
    let mut runs = Vec::new();
    for node in nodes(&material) {
        let mut theirs = Theirs::read(&material.join("oracle").join(&node).join("verdicts.jsonl"));
        let recorded = recorded(&material.join("nodes").join(&node).with_extension("yaml"));
        for benchmark in &benchmarks {
            let theirs = theirs.remove(*benchmark).unwrap_or_default();
            let ours = ours(&recorded, benchmark, &definitions);
            runs.push(Run { node: node.clone(), benchmark: (*benchmark).to_owned(), theirs, ours });
        }
    }
    let problems = compare(&runs, &listed);
    let compared: usize = runs.iter().map(|run| run.theirs.len()).sum();
    assert!(compared > FEWEST, "only {compared} verdicts were compared: the material is not what it was");
    assert!(problems.is_empty(), "{} problems in {compared} verdicts:\n{}", problems.len(), problems.join("\n"));
    println!("{compared} verdicts of {} runs compared", runs.len());
}

/// Where nodes and verdicts lie, if they are there.
fn material() -> Option<PathBuf> {
    let material = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    if material.join("nodes").is_dir() && material.join("oracle").is_dir() {
        return Some(material);
    }
    // Not with a macro, whose output cargo keeps back when a test passes.
    let _ =
        writeln!(std::io::stderr(), "conformance: skipped, since ../shared/nodes and ../shared/oracle are not there");
    None
}

/// The names of all nodes.
fn nodes(material: &Path) -> Vec<String> {
    let entries = fs::read_dir(material.join("nodes")).expect("the nodes can be listed");
    let mut nodes: Vec<String> = entries
        .map(|entry| entry.expect("the nodes can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    nodes.sort();
    nodes
}

fn recorded(path: &Path) -> Recorded {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"));
    Recorded::parse(&name, &text).unwrap_or_else(|error| panic!("{error}"))
}

/// What we say of a node: every target, no profile.
fn ours(node: &Recorded, benchmark: &str, definitions: &Definitions) -> Vec<Ours> {
    let index = definitions.library.benchmark(benchmark).expect("the benchmark is shipped");
    let order = RunRequest {
        benchmark: BenchmarkChoice::Named(benchmark.to_owned()),
        targets: Some(index.targets.iter().map(|index| index.target).collect()),
        profile: ProfileChoice::None,
        ..RunRequest::default()
    };
    let assay = assay(node, definitions, &order).unwrap_or_else(|error| panic!("{error}"));
    Ours::of(&assay)
}
