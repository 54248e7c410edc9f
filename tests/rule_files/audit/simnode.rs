//! Runs every distinct audit of kube-bench's rule files inside synthetic nodes and compares the interpreter with the
//! node's own shell.
//!
//! The test starts itself inside each node, where `/bin/sh`, its programs, the files and the processes are the node's.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use audit_shell::{AuditOutcome, Limits, interpret};
use kube_assay::node::{Live, LiveOptions, Recorded};

use super::properties::shell;
use super::reference::{distinct_audits, substituted};
use crate::outside;

/// The path of the audits inside a node, and the separator between them.
const AUDITS: &str = "/audits";
const BETWEEN: char = '\u{1e}';

/// Runs inside a node and prints the differences.
#[test]
#[ignore = "is started inside a node by the test below"]
fn inside() {
    let audits = fs::read_to_string(AUDITS).expect("this runs inside a node");
    let description = fs::read_to_string("/described").expect("this runs inside a node");
    let described = Recorded::parse("described", &description).unwrap();
    let live = Live::open(LiveOptions { root: "/".into(), proc: "/proc".into() }).unwrap();
    let (mut compared, mut report) = (0, String::new());
    for audit in audits.split(BETWEEN) {
        let limits = Limits::default();
        let outcomes = [interpret(audit, &live, &limits), interpret(audit, &described, &limits)];
        if outcomes.iter().all(|outcome| !matches!(outcome, AuditOutcome::Done { .. })) {
            continue;
        }
        compared += 1;
        for (outcome, node) in outcomes.iter().zip(["live", "described"]) {
            // If the description omits part of the node's base system, the result is unknown.
            let AuditOutcome::Done { stdout, status: ours } = outcome else { continue };
            // Whether `ps` shows the last commands of its pipeline is a race, so a difference is retried.
            let mut said = (String::new(), 0);
            let agrees = (0..8).any(|_| {
                said = shell(audit.trim());
                (canonical(stdout), *ours) == (canonical(&said.0), said.1)
            });
            if !agrees {
                let (output, status) = said;
                let _ = writeln!(report, "--- {node}: {audit}\nshell {status}: {output}\nours {ours}: {stdout}");
            }
        }
    }
    println!("compared {compared}\n{report}");
}

/// Removes what varies from output: the columns of `ps`, the processes of the test itself, and the order of `find`.
fn canonical(output: &str) -> Vec<String> {
    let mut lines: Vec<String> = output
        .lines()
        .filter_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let is_row = words.len() >= 8 && words.get(5) == Some(&"?");
            if !is_row {
                return Some(line.to_owned());
            }
            let command = words.get(7..).unwrap_or_default().join(" ");
            let own = ["/bin/sh", "ps ", "/bin/ps ", "grep ", "/bin/grep ", "/audit-test"];
            (!own.iter().any(|own| command.starts_with(own)))
                .then(|| format!("{} {command}", words.first().unwrap_or(&"")))
        })
        .collect();
    lines.sort();
    lines
}

#[test_with::env(KUBE_BENCH_CFG, SIMNODE)]
#[test]
fn audits_print_what_the_shell_of_a_node_prints() {
    let simnode = outside::simnode();
    let directory = tempfile::tempdir().unwrap();
    let audits: Vec<String> = distinct_audits().iter().map(|audit| substituted(audit)).collect();
    let list = directory.path().join("audits");
    fs::write(&list, audits.join(&BETWEEN.to_string())).unwrap();
    let mut problems = String::new();
    for node in &outside::nodes() {
        let report = run_inside(&simnode, node, &list);
        let (_, report) = report.split_once("compared ").unwrap_or_else(|| panic!("{}: {report}", node.display()));
        let (compared, report) = report.split_once('\n').unwrap_or((report, ""));
        let compared: usize = compared.trim().parse().unwrap();
        assert!(compared > 300, "{}: only {compared} audits were compared", node.display());
        let differences = report.split_once("\ntest ").map_or(report, |(report, _)| report);
        if differences.contains("--- ") {
            let _ = writeln!(problems, "{}:\n{differences}", node.display());
        }
    }
    assert!(problems.is_empty(), "{problems}");
}

/// Runs the test inside a node and returns its output.
fn run_inside(simnode: &Path, node: &Path, list: &Path) -> String {
    let ourselves = std::env::current_exe().unwrap();
    let output = Command::new(simnode)
        .arg("--bind")
        .arg(format!("{}:{AUDITS}", list.display()))
        .arg("--bind")
        .arg(format!("{}:/described", node.display()))
        .arg("--bind")
        .arg(format!("{}:/audit-test", ourselves.display()))
        .arg(node)
        .args(["--", "/audit-test", "--exact", "audit::simnode::inside", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("running"),
        "{} does not run here (root and its setup are needed): {errors}",
        simnode.display()
    );
    assert!(output.status.success(), "{said}{errors}");
    said
}
