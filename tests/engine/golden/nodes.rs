//! The recorded nodes: they equal what `record` writes for their sources, and suffice for every built-in benchmark.

use std::collections::BTreeSet;
use std::num::NonZero;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, Once};
use std::thread;

use definitions::SharedText;
use definitions::benchmark::{Benchmark, Library};
use kube_assay::embedded;
use kube_assay::run::ProfileChoice;
use probe::{Answer, Cause, Excerpt, Location, Node, Observed, Question};

use super::changes::changes;
use super::{GoldenNode, NODES, files, read, run};

#[test]
fn the_recordings_are_what_record_writes_of_the_made_up_nodes() {
    bless();
    let problems = for_each_node(|node| {
        let was = files::read_if_there(&node.path()).unwrap_or_default();
        let changes = changes(&was, &record(node)).map(|changes| format!("{}:\n{changes}", node.path()));
        changes.into_iter().collect()
    });
    assert!(problems.is_empty(), "KUBE_ASSAY_BLESS=1 writes them anew:\n{}", problems.join("\n"));
}

/// Returns what `record` writes for a synthetic node.
fn record(node: &GoldenNode) -> String {
    let empty: &[&str] = if node.platform == "none" { &["--allow-empty"] } else { &[] };
    let output = Command::new(env!("CARGO_BIN_EXE_kube-assay"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["record", "--node", &node.source()])
        .args(empty)
        .args(super::cluster_directory(node.name).into_iter().flat_map(|directory| ["--cluster-dir", directory]))
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{}: {}", node.source(), String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("a recording is text")
}

/// Rewrites the recordings if requested, once and before any test reads them.
pub(crate) fn bless() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if files::bless() {
            for_each_node(|node| {
                files::write(&node.path(), &record(node));
                Vec::new()
            });
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
    let definitions = embedded::definitions();
    let problems = for_each_node(|golden| {
        let watched = Watched { node: read(&golden.path()), unanswered: Mutex::new(Vec::new()) };
        run(&watched, golden.name, None, ProfileChoice::Detected, &definitions);
        for benchmark in definitions.library.benchmarks.keys() {
            run(&watched, golden.name, Some(benchmark), ProfileChoice::None, &definitions);
        }
        let unanswered = watched.unanswered.into_inner().expect("no thread panicked");
        unanswered.into_iter().map(|question| format!("{}: {question}", golden.path())).collect()
    });
    assert!(problems.is_empty(), "{} questions are not recorded:\n{}", problems.len(), problems.join("\n"));
}

/// Returns a small set of benchmarks that together contain every control.
pub(crate) fn with_all_controls(library: &Library) -> BTreeSet<String> {
    let controls = |name: &SharedText| -> BTreeSet<&str> {
        library
            .benchmark(name)
            .into_iter()
            .flat_map(Benchmark::checks)
            .map(|(_, check)| check.control.as_str())
            .collect()
    };
    let mut missing: BTreeSet<&str> = library.benchmarks.keys().flat_map(controls).collect();
    let mut taken = BTreeSet::new();
    while !missing.is_empty() {
        let most = |name: &&SharedText| controls(name).intersection(&missing).count();
        let name = library.benchmarks.keys().max_by_key(most).expect("there are benchmarks");
        missing.retain(|control| !controls(name).contains(control));
        taken.insert(name.to_string());
    }
    taken
}

/// Runs a function on each node, on all cores, and returns the combined results.
fn for_each_node(look: impl Fn(&GoldenNode) -> Vec<String> + Sync) -> Vec<String> {
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(node) = NODES.get(next.fetch_add(1, Ordering::Relaxed)) {
            let of_node = look(node);
            found.lock().expect("no thread panicked").extend(of_node);
        }
    };
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(work))));
    let mut found = found.into_inner().expect("no thread panicked");
    found.sort();
    found
}

/// A node that notes which questions a recording does not answer.
struct Watched<N> {
    node: N,
    unanswered: Mutex<Vec<String>>,
}

impl<N: Node> Node for Watched<N> {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        let answer = self.node.ask(question);
        // Program versions are only asked if the user allows it, which is rare.
        let is_of_program = matches!(question, Question::ProgramVersion { .. });
        if !is_of_program && matches!(&answer, Observed::Unknown(why) if why.cause == Cause::NotRecorded) {
            self.unanswered.lock().expect("no thread panicked").push(format!("{question:?}"));
        }
        answer
    }

    fn read(&self, location: &Location, excerpt: &dyn Fn() -> Excerpt) -> Observed<Answer> {
        let answer = self.node.read(location, excerpt);
        if matches!(&answer, Observed::Unknown(why) if why.cause == Cause::NotRecorded) {
            self.unanswered.lock().expect("not poisoned").push(format!("{location}: {:?}", excerpt()));
        }
        answer
    }
}

#[test]
fn a_recording_with_a_gap_is_noticed() {
    bless();
    let definitions = embedded::definitions();
    let path = NODES[0].path();
    let text = files::read(&path).replace("- path: /etc/kubernetes/super-admin.conf\n", "");
    assert_ne!(text, files::read(&path));
    let node = kube_assay::node::Recorded::parse(&path, &text).expect("still a recording");
    let watched = Watched { node, unanswered: Mutex::new(Vec::new()) };
    run(&watched, &path, Some("cis-1.12"), ProfileChoice::None, &definitions);
    let unanswered = watched.unanswered.into_inner().expect("no thread panicked");
    assert!(unanswered.iter().any(|question| question.contains("super-admin.conf")), "{unanswered:?}");
}
