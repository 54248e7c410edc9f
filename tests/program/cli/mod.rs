//! The command line, as used by users and attackers: every option in the help, on synthetic nodes.

#![allow(clippy::disallowed_methods, reason = "tests make nodes, and read what was made")]

mod benchmarks;
mod choices;
mod cluster_directory;
mod definitions;
mod detect;
mod house;
mod kube_bench;
mod kube_bench_choice;
mod kube_bench_words;
mod lint;
mod names;
mod output_files;
mod outputs;
mod platforms;
mod profiles;
mod recordings;
mod saved;
mod secrets;
mod several_benchmarks;
mod streams;
mod subcommands;
mod terminals;
mod units;

use crate::synthetic::{Said, kube_assay};

/// Runs the program with these arguments only.
fn says(words: &[&str]) -> Said {
    Said::of(kube_assay().args(words))
}

/// Asserts that the arguments were refused before anything was audited, with a message that contains these parts.
fn refused(said: &Said, parts: &[&str]) {
    assert_eq!((said.code, said.out.as_str()), (2, ""), "{}", said.err);
    for part in parts {
        assert!(said.err.contains(part), "{part:?} is in: {}", said.err);
    }
}
