//! Compares our verdicts with kube-bench's: each difference must be listed in `differences.yaml`, with the reason why
//! ours is right.
//!
//! The nodes are those in `tests/nodes`; `tests/verdicts` contains kube-bench's results for them.

#![allow(clippy::disallowed_methods, reason = "tests read and write the project's own files")]

mod comparison;
mod difference;
mod verdict;

use std::fs;
use std::path::Path;

use definitions::Definitions;
use definitions::SharedText;
use kube_assay::embedded;
use kube_assay::node::Recorded;
use kube_assay::run::{BenchmarkChoice, ProfileChoice, RunRequest, assay};

use crate::verdicts;
use comparison::{Run, compare};
use difference::Difference;
use verdict::{Ours, Theirs};

/// Benchmarks that kube-bench does not have: newer than its release, or our own lists.
const OURS_ALONE: [&str; 3] = ["cis-2.0", "eks-anywhere-guide", "eks-hardening"];
/// The number of benchmarks that both have.
const BENCHMARKS: usize = 18;

/// The number of verdicts. Fewer would mean that test data was lost.
const VERDICTS: usize = 8_975;

#[test]
fn verdicts_equal_those_of_kube_bench_but_for_the_listed_differences() {
    let listed =
        Difference::parse(include_str!("differences.yaml")).expect("tests/engine/conformance/differences.yaml");
    let definitions = embedded::definitions();
    let benchmarks: Vec<&str> = definitions
        .library
        .benchmarks
        .keys()
        .map(SharedText::as_str)
        .filter(|name| !OURS_ALONE.contains(name))
        .collect();
    assert_eq!(benchmarks.len(), BENCHMARKS, "{benchmarks:?}");
    let mut runs = Vec::new();
    for (node, checks) in verdicts::read(verdicts::PACKED) {
        let recorded = recorded(&node);
        for benchmark in &benchmarks {
            let theirs = Theirs::of(&checks, benchmark);
            let ours = ours(&recorded, benchmark, &definitions);
            runs.push(Run { node: node.clone(), benchmark: (*benchmark).to_owned(), theirs, ours });
        }
    }
    let problems = compare(&runs, &listed);
    let compared: usize = runs.iter().map(|run| run.theirs.len()).sum();
    assert_eq!(compared, VERDICTS, "the material is not what it was");
    assert!(problems.is_empty(), "{} problems in {compared} verdicts:\n{}", problems.len(), problems.join("\n"));
    println!("{compared} verdicts of {} runs compared", runs.len());
}

fn recorded(name: &str) -> Recorded {
    let name = format!("tests/nodes/{name}.yaml");
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&name));
    let text = text.unwrap_or_else(|error| panic!("{name}: {error}"));
    Recorded::parse(&name, &text).unwrap_or_else(|error| panic!("{error}"))
}

/// Returns our verdicts for a node: all targets, no profile.
fn ours(node: &Recorded, benchmark: &str, definitions: &Definitions) -> Vec<Ours> {
    let index = definitions.library.benchmark(benchmark).expect("the benchmark is shipped");
    let order = RunRequest {
        benchmark: BenchmarkChoice::Named(benchmark.to_owned()),
        targets: Some(index.targets.iter().map(|index| index.target).collect()),
        profile: ProfileChoice::None,
        ..RunRequest::default()
    };
    let assay = assay(node, definitions, &order).unwrap_or_else(|error| panic!("{error}"));
    let mut ours = Ours::of(&assay);
    if benchmark == "cis-1.11" {
        as_kube_bench_numbers(&mut ours);
    }
    ours
}

/// CIS 1.11 prints 2.1 twice, kube-bench's rule file only once, so kube-bench's numbers after it are one lower.
fn as_kube_bench_numbers(ours: &mut Vec<Ours>) {
    ours.retain(|ours| ours.target != "etcd" || ours.id != "2.2");
    for ours in ours.iter_mut().filter(|ours| ours.target == "etcd" && ours.id != "2.1") {
        let number: u32 = ours.id.trim_start_matches("2.").parse().expect("a number of section 2");
        ours.id = format!("2.{}", number - 1);
    }
}
