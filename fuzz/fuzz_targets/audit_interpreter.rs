//! Any text as an audit of a small node: it ends within its limits, and is deterministic.

#![no_main]

use std::sync::LazyLock;

use audit_shell::{Limits, AuditOutcome, interpret};
use kube_assay::node::Recorded;
use libfuzzer_sys::fuzz_target;

/// Little enough that whatever takes long does more work than it counts.
const LIMITS: Limits = Limits { steps: 20_000, output: 256 << 10, depth: 32 };

static NODE: LazyLock<Recorded> =
    LazyLock::new(|| Recorded::parse("node.yaml", include_str!("../node.yaml")).expect("the node is well formed"));

fuzz_target!(|script: &str| {
    let outcome = interpret(script, &*NODE, &LIMITS);
    if let AuditOutcome::Done { stdout, .. } = &outcome {
        // A byte that is no UTF-8 becomes a mark of three.
        assert!(stdout.len() <= 3 * LIMITS.output, "{} bytes are printed", stdout.len());
    }
    assert_eq!(outcome, interpret(script, &*NODE, &LIMITS), "the same script comes to two things");
});
