//! The guarantees of reports to their readers: people, scripts, dashboards.

#![allow(clippy::disallowed_methods, reason = "tests make nodes, and read what was made")]

mod dashboards;
mod fuzzed;
mod json;
mod junit;
mod properties;
mod sample;
mod saved;
mod text;
mod tools;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use kube_assay::report::{Format, Options};
use redact::Masked;

use fuzzed::render;

#[test]
fn what_fuzzing_found_stays_found() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/reports");
    let mut ends = BTreeSet::new();
    for entry in fs::read_dir(&corpus).expect("it is kept") {
        let path = entry.expect("an entry").path();
        println!("{}", path.display());
        ends.insert(fuzzed::hold(&fs::read(&path).expect("readable")));
    }
    assert!(ends.len() >= 3, "only {} ways to end: {ends:#?}", ends.len());
}

#[test]
fn a_writer_that_fails_is_heard() {
    let report = Masked::new(sample::report());
    for format in Format::ALL {
        let mut full: &mut [u8] = &mut [0; 10];
        assert!(format.write(&report, &Options::default(), &mut full).is_err(), "{format}");
    }
}
