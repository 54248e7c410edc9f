//! The recorded nodes: what `record` writes of the made-up ones, and enough for every shipped benchmark.

use std::process::Command;
use std::sync::{Mutex, Once};

use kube_assay::assay::ProfileChoice;
use kube_assay::definitions;
use kube_assay::probe::{Answer, Cause, Node, Observed, Question};

use crate::changes::changes;
use crate::{GoldenNode, NODES, files, read, run};

#[test]
fn the_recordings_are_what_record_writes_of_the_made_up_nodes() {
    bless();
    let problems: Vec<String> = NODES
        .iter()
        .filter_map(|node| {
            let was = files::read_if_there(&node.path()).unwrap_or_default();
            changes(&was, &record(node)).map(|changes| format!("{}:\n{changes}", node.path()))
        })
        .collect();
    assert!(problems.is_empty(), "KUBE_ASSAY_BLESS=1 writes them anew:\n{}", problems.join("\n"));
}

/// What `record` writes of a made-up node.
fn record(node: &GoldenNode) -> String {
    let empty: &[&str] = if node.platform == "none" { &["--allow-empty"] } else { &[] };
    let output = Command::new(env!("CARGO_BIN_EXE_kube-assay"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["record", "--node", &node.source()])
        .args(empty)
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{}: {}", node.source(), String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("a recording is text")
}

/// Writes the recordings anew where that is wanted, once and before any test reads them.
pub(crate) fn bless() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if files::bless() {
            for node in &NODES {
                files::write(&node.path(), &record(node));
            }
        }
    });
}

#[test]
fn every_file_among_the_nodes_is_one_of_them() {
    bless();
    let known: Vec<String> = NODES.iter().map(GoldenNode::path).collect();
    assert_eq!(files::list("golden/nodes"), known);
    let known: Vec<String> = NODES.iter().map(GoldenNode::source).collect();
    assert_eq!(files::list("golden/nodes/made-up"), known);
}

#[test]
fn a_recording_answers_everything_that_any_shipped_benchmark_asks() {
    let definitions = definitions::embedded();
    let mut problems = Vec::new();
    for golden in &NODES {
        let watched = Watched { node: read(&golden.path()), unanswered: Mutex::new(Vec::new()) };
        run(&watched, &golden.path(), None, ProfileChoice::Detected, &definitions);
        for benchmark in definitions.library.benchmarks.keys() {
            run(&watched, &golden.path(), Some(benchmark), ProfileChoice::None, &definitions);
        }
        let unanswered = watched.unanswered.into_inner().expect("nobody panicked");
        problems.extend(unanswered.into_iter().map(|question| format!("{}: {question}", golden.path())));
    }
    assert!(problems.is_empty(), "{} questions are not recorded:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn a_recording_and_what_it_was_made_from_come_to_the_same() {
    let definitions = definitions::embedded();
    for golden in &NODES {
        let (recorded, made_up) = (read(&golden.path()), read(&golden.source()));
        for benchmark in definitions.library.benchmarks.keys() {
            let of = |node: &dyn Node| run(node, golden.name, Some(benchmark), ProfileChoice::None, &definitions);
            assert_eq!(of(&recorded), of(&made_up), "{} under {benchmark}", golden.name);
        }
    }
}

/// Notes the questions to which a recording has no answer.
struct Watched<N> {
    node: N,
    unanswered: Mutex<Vec<String>>,
}

impl<N: Node> Node for Watched<N> {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        let answer = self.node.ask(question);
        if matches!(&answer, Observed::Unknown(why) if why.cause == Cause::NotRecorded) {
            self.unanswered.lock().expect("nobody panicked").push(format!("{question:?}"));
        }
        answer
    }
}

#[test]
fn a_recording_with_a_gap_is_noticed() {
    bless();
    let definitions = definitions::embedded();
    let path = NODES[0].path();
    let text = files::read(&path).replace("- path: /etc/kubernetes/super-admin.conf\n", "");
    assert_ne!(text, files::read(&path));
    let node = kube_assay::node::Recorded::parse(&path, &text).expect("still a recording");
    let watched = Watched { node, unanswered: Mutex::new(Vec::new()) };
    run(&watched, &path, Some("cis-1.12"), ProfileChoice::None, &definitions);
    let unanswered = watched.unanswered.into_inner().expect("nobody panicked");
    assert!(unanswered.iter().any(|question| question.contains("super-admin.conf")), "{unanswered:?}");
}
