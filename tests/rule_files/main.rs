//! Directories of kube-bench's rule files, run as they are, and the language of their audits.
//!
//! `own.rs` runs small directories that lie here, with canned answers. `oracle.rs` runs kube-bench's own directory on
//! nodes about which the real program has spoken; it does not lie in the project, and `KUBE_BENCH_CFG` names it. Without
//! it these tests are counted as ignored.

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
