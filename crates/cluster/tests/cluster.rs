//! The crate's tests: one program, which links once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod anywhere;
mod pods;
mod rbac;
mod rights;
mod workloads;
