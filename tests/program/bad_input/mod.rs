//! Nodes that are broken, that change during a run, or that lie: each problem is reported with its reason, and
//! everything else in the run is unaffected.

#![allow(clippy::disallowed_methods, reason = "tests make nodes, and read what was made")]

mod bounded;
mod deception;
mod environment;
mod identity;
mod secrets;
mod things;
