//! Directories of kube-bench rule files, run as they are, and the language of their audits.
//!
//! `own.rs` runs small directories in this one, with canned answers. `oracle.rs` runs kube-bench's own directory on
//! nodes for which the real program's results are known. That directory is not part of the project; `KUBE_BENCH_CFG`
//! names it, and without it these tests are ignored.

#![allow(clippy::disallowed_methods, reason = "tests read and write the project's own files")]

mod audit;
mod convert;
mod files;
#[path = "../fuzzed/mod.rs"]
mod fuzzed;
mod oracle;
mod outside;
mod own;
mod shell;
#[path = "../verdicts/mod.rs"]
mod verdicts;
