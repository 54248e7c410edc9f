//! Tests of the client against a fake server, in one program since each takes long to link. The test that measures
//! memory has its own process (`tests/many.rs`).

mod connections;
mod credentials;
mod discovery;
#[path = "../fake/mod.rs"]
mod fake;
mod lists;
mod mutants;
