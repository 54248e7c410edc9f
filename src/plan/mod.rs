//! From a benchmark, a profile and a node: what is to be checked, and everything that has to be seen for it.
//!
//! Looking takes a few rounds, since answers lead to questions: who runs here ([`census`]), what that says about the
//! node ([`detection`]), and what the chosen controls need ([`survey`]). The rounds are bounded: nothing that is found
//! in the last one leads to another.

pub mod census;
pub mod compared;
mod configuration;
pub mod detection;
mod embedded;
mod environment;
mod identity;
mod openshift;
pub mod out_of_reach;
pub mod owners;
mod place;
pub mod runtime_record;
pub mod selection;
pub mod static_pod;
pub mod survey;
mod unit;
