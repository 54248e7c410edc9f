//! What holds whatever a node holds.

#![allow(clippy::disallowed_methods, reason = "tests make nodes, and read what was made")]

mod chaos;
mod configurations;
mod evaluation;
#[path = "../mutations/machine.rs"]
#[expect(dead_code, reason = "shared with the mutation suite, which uses all of it")]
mod machine;
mod roots;
#[path = "../node/support.rs"]
#[expect(dead_code, reason = "shared with the tests of nodes, which use all of it")]
mod support;
