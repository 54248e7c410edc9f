//! Whole clusters, written by hand with the right answers beside them (`golden/clusters`): what each control says of them,
//! and that every change that matters to a control turns it, and no other.

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
