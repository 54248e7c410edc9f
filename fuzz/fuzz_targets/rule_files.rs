//! Any text as a rule file and its settings: both are linted and run, or rejected, in time.

#![no_main]

use std::sync::LazyLock;

use audit_shell::{Allowance, Limits};
use kube_assay::kube_bench::{Directory, Native, RulesRequest, Selection, Targets, Which, lint, run};
use kube_assay::node::Recorded;
use libfuzzer_sys::fuzz_target;

/// Limits per audit, low since a file can have many.
const LIMITS: Limits = Limits { steps: 2_000, output: 64 << 10, depth: 16 };

/// The directory's settings; the benchmark's own are added to them.
const SETTINGS: &str = include_str!("../settings.yaml");

static NODE: LazyLock<Recorded> =
    LazyLock::new(|| Recorded::parse("node.yaml", include_str!("../node.yaml")).expect("the node is well formed"));

fuzz_target!(|text: &str| {
    // A line of dashes separates the rules from the benchmark's own settings.
    let (rules, own) = text.split_once("\n-----\n").unwrap_or((text, ""));
    let files = [("config.yaml", SETTINGS), ("made-up-1.0/config.yaml", own), ("made-up-1.0/master.yaml", rules)];
    let directory = Directory::new("fuzz", files.map(|(path, text)| (path.to_owned(), text.to_owned())));
    let linted = lint(&directory);
    assert_eq!(linted.benchmarks, 1);
    let order = RulesRequest {
        which: Which::Benchmark("made-up-1.0".to_owned()),
        detected: String::new(),
        targets: Targets::All,
        selection: Selection::default(),
    };
    if let Ok(report) = run(&directory, &order, &*NODE, &Native { limits: LIMITS, allowance: Allowance::default() }) {
        assert!(linted.errors.is_empty(), "a run passes over mistakes: {:?}", linted.errors);
        assert!(report.controls.len() <= 1);
    }
});
