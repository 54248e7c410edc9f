//! The audit language: small scripts, comparison with a real shell, hostile input, and kube-bench's own rule files.

#![allow(clippy::disallowed_methods, reason = "tests make files, and run a shell to compare with")]

mod cases;
mod corpus;
mod hostile;
mod minimise;
mod properties;
mod reference;
mod simnode;
