//! Replays the corpus of the fuzz targets: each text through the parser and the interpreter.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use audit_shell::{AuditOutcome, Limits, commands, interpret};
use kube_assay::node::Recorded;

use crate::files::listed;

/// The limits of the fuzz target.
const LIMITS: Limits = Limits { steps: 20_000, output: 256 << 10, depth: 32 };

/// The maximum total size and number of the texts and configuration files.
const MOST_BYTES: usize = 200_000;
const MOST_FILES: usize = 400;

#[test]
fn the_fuzzing_corpus_is_small() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let files: usize = listed(&corpus).iter().map(|target| listed(target).len()).sum();
    assert!(
        files <= MOST_FILES,
        "{files} files are kept, at most {MOST_FILES} should be (minimise them, see CONTRIBUTING.md)"
    );
}

#[test]
fn what_fuzzing_found_stays_found() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let node = fs::read_to_string(fuzz.join("node.yaml")).expect("the fuzz targets have a node");
    let node = Recorded::parse("node.yaml", &node).unwrap_or_else(|error| panic!("{error}"));
    let mut total = 0;
    for target in ["audit_parser", "audit_interpreter", "rule_files"] {
        let kept = fs::read_dir(fuzz.join("corpus").join(target)).unwrap_or_else(|error| panic!("{target}: {error}"));
        let mut texts: Vec<_> = kept.map(|entry| entry.unwrap().path()).collect();
        texts.sort();
        assert!(texts.len() >= 20, "{target}: only {} texts are kept", texts.len());
        for path in texts {
            let bytes = fs::read(&path).unwrap();
            total += bytes.len();
            let Ok(text) = String::from_utf8(bytes) else { continue };
            let shown = path.display();
            let started = Instant::now();
            let names = commands(&text);
            assert_eq!(names, commands(&text), "{shown}");
            let outcome = interpret(&text, &node, &LIMITS);
            assert_eq!(outcome, interpret(&text, &node, &LIMITS), "{shown}");
            if let AuditOutcome::Done { stdout, .. } = &outcome {
                // An invalid byte becomes a replacement character of three bytes.
                assert!(stdout.len() <= 3 * LIMITS.output, "{shown}: prints {} bytes", stdout.len());
            }
            assert!(started.elapsed() < Duration::from_secs(30), "{shown}: took {:?}", started.elapsed());
        }
    }
    assert!(total <= MOST_BYTES, "{total} bytes are kept (minimise them, see CONTRIBUTING.md)");
}
