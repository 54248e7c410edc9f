//! kube-assay assays a Kubernetes node against the CIS benchmarks.
//!
//! The way of the data: definitions → plan → observations → findings → report.
//!
//! - [`benchmark`], [`profile`]: what should be so, and where; never touches a node.
//! - [`definitions`]: those that came with the program, and those that the user adds.
//! - [`probe`]: the questions that can be put to a node, and their answers, as data.
//! - [`finding`]: verdicts with their evidence.

pub mod benchmark;
pub mod definitions;
pub mod finding;
pub mod probe;
pub mod profile;
