//! Any text as an audit of a small node: it ends within its limits, and its result is deterministic.

#![no_main]

use std::sync::LazyLock;

use audit_shell::{Limits, AuditOutcome, interpret};
use kube_assay::node::Recorded;
use libfuzzer_sys::fuzz_target;

/// Small enough that a slow input must do work that the limits do not count.
const LIMITS: Limits = Limits { steps: 20_000, output: 256 << 10, depth: 32 };

static NODE: LazyLock<Recorded> =
    LazyLock::new(|| Recorded::parse("node.yaml", include_str!("../node.yaml")).expect("the node is well formed"));

fuzz_target!(|script: &str| {
    let outcome = interpret(script, &*NODE, &LIMITS);
    if let AuditOutcome::Done { stdout, .. } = &outcome {
        // An invalid UTF-8 byte becomes a three-byte replacement character.
        assert!(stdout.len() <= 3 * LIMITS.output, "{} bytes are printed", stdout.len());
    }
    assert_eq!(outcome, interpret(script, &*NODE, &LIMITS), "the same script comes to two things");
});
