//! The client against a server of our own: one program for all of it, since each takes long to link. What measures the
//! memory of a process has one for itself (`tests/many.rs`).

mod connections;
mod credentials;
mod discovery;
#[path = "../fake/mod.rs"]
mod fake;
mod lists;
mod mutants;
