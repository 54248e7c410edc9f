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

use kube_assay::assay::{BenchmarkChoice, Order, ProfileChoice, assay};
use kube_assay::definitions::{self, Definitions};
use kube_assay::node::Recorded;

use comparison::{Run, compare};
use difference::Difference;
use verdict::{Ours, Theirs};

const BENCHMARKS: [&str; 3] = ["cis-1.20", "cis-1.23", "cis-1.12"];

#[test]
fn verdicts_equal_those_of_kube_bench_but_for_the_listed_differences() {
    let Some(material) = material() else { return };
    let listed = Difference::parse(include_str!("differences.yaml")).expect("tests/conformance/differences.yaml");
    let definitions = definitions::embedded();
    let mut runs = Vec::new();
    for node in nodes(&material) {
        let theirs = Theirs::read(&material.join("oracle").join(&node).join("verdicts.jsonl"));
        for benchmark in BENCHMARKS {
            let theirs = theirs.iter().filter(|theirs| theirs.benchmark == benchmark).cloned().collect();
            let ours = ours(&material, &node, benchmark, &definitions);
            runs.push(Run { node: node.clone(), benchmark: benchmark.to_owned(), theirs, ours });
        }
    }
    let problems = compare(&runs, &listed);
    let compared: usize = runs.iter().map(|run| run.theirs.len()).sum();
    assert!(compared > 1_000, "only {compared} verdicts were compared: the material is not what it was");
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

/// What we say of a node: every target, no profile.
fn ours(material: &Path, node: &str, benchmark: &str, definitions: &Definitions) -> Vec<Ours> {
    let path = material.join("nodes").join(node).with_extension("yaml");
    let name = path.display().to_string();
    let text = fs::read_to_string(&path).expect("the node can be read");
    let recorded = Recorded::parse(&name, &text).unwrap_or_else(|error| panic!("{error}"));
    let index = definitions.library.benchmark(benchmark).expect("the benchmark is shipped");
    let order = Order {
        benchmark: BenchmarkChoice::Named(benchmark.to_owned()),
        targets: Some(index.targets.iter().map(|index| index.target).collect()),
        profile: ProfileChoice::None,
        ..Order::default()
    };
    let assay = assay(&recorded, definitions, &order, &|_| None).unwrap_or_else(|error| panic!("{error}"));
    Ours::of(&assay)
}
