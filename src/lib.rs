//! kube-assay assays a Kubernetes node against the CIS benchmarks.
//!
//! The way of the data: definitions → plan → observations → findings → report.
//!
//! - [`benchmark`], [`profile`]: what should be so, and where; never touches a node.
//! - [`probe`]: the questions that can be put to a node, and their answers, as data.
//! - [`finding`]: verdicts with their evidence.
//! - [`report`]: findings as text, JSON and JUnit.

pub mod benchmark;
pub mod finding;
pub mod probe;
pub mod profile;
pub mod report;
