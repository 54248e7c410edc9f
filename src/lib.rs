//! kube-assay assays a Kubernetes node against the CIS benchmarks.
//!
//! The way of the data: definitions → plan → observations → findings → report.
//!
//! - [`benchmark`], [`profile`]: what should be so, and where; never touches a node.
//! - [`probe`]: the questions that can be put to a node, and their answers, as data.
//! - [`node`]: who answers those questions: a live node, or a recording of one.
//! - [`finding`]: verdicts with their evidence.

pub mod benchmark;
pub mod finding;
pub mod node;
pub mod probe;
pub mod profile;
