//! Whole clusters, written by hand together with their correct answers (`golden/clusters`): what each control answers
//! for them, and that each relevant change affects exactly the controls it should.

#![allow(clippy::disallowed_methods, reason = "tests read made-up clusters")]

mod answers;
mod editions;
mod exemptions;
mod gaps;
mod management;
mod mutants;
mod node_settings;
mod offenders;
mod parallel;
mod world;

pub(crate) use answers::today;
pub(crate) use world::{Edition, World};
