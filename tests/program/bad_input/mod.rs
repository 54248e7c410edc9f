//! Nodes that are broken, that change under our eyes, or that lie: each thing is reported with its reason, and the rest
//! of the run is as if it were not there.

#![allow(clippy::disallowed_methods, reason = "tests make nodes, and read what was made")]

mod bounded;
mod deception;
mod environment;
mod identity;
mod secrets;
mod things;
