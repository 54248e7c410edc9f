//! From a benchmark, a profile and a node: what is to be checked, and everything that has to be seen for it.
//!
//! Looking takes a few rounds, since answers lead to questions: who runs here ([`census`]), what that says about the
//! node ([`detection`]), and what the chosen controls need ([`survey`]). The rounds are bounded: nothing that is found
//! in the last one leads to another.

pub mod census;
pub mod compared;
mod configuration;
pub mod detection;
mod distribution;
mod embedded;
mod environment;
mod identity;
mod keys;
mod openshift;
pub mod out_of_reach;
pub mod owners;
mod place;
mod runtime;
pub mod runtime_record;
pub mod selection;
mod started;
pub mod static_pod;
pub mod survey;
mod unit;
