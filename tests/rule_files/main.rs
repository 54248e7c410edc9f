//! Directories of kube-bench's rule files, run as they are.
//!
//! `own.rs` runs small directories that lie here, with canned answers. `oracle.rs` runs kube-bench's own directory on
//! nodes about which the real program has spoken; that lies beside the project, not in it, and without it the test says
//! that it skips.

#![allow(clippy::disallowed_methods, reason = "tests read and write the project's own files")]

mod convert;
mod files;
mod oracle;
mod own;
mod shell;
