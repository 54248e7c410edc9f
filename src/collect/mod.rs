//! Everything that has to be seen of a node: who runs here ([`inventory`]), and what the chosen controls need
//! ([`observations`]).
//!
//! Looking takes a few rounds, since answers lead to questions. The rounds are bounded: nothing that is found in the last
//! one leads to another.

pub(crate) mod ask;
pub mod compared;
mod configuration;
mod distribution;
mod embedded;
mod environment;
mod identity;
pub mod inventory;
mod keys;
pub(crate) mod layout;
pub mod observations;
mod openshift;
pub(crate) mod os_release;
pub mod out_of_reach;
pub mod owners;
mod pause_image;
mod place;
mod runtime;
pub mod runtime_record;
mod started;
pub mod static_pod;
mod unit;
