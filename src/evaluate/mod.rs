//! Compares expectations with observations and produces findings. Pure and total: nothing here touches a node, and
//! every observation has a result.

mod absent;
mod certificate;
mod check;
mod condition;
mod expected;
mod file;
mod given;
mod judgement;
mod objects;
mod owned;
mod remedy;
mod said;
mod setting;
mod skip;
mod unit;

pub use check::assess;
pub use expected::expectation;
pub use objects::{Judges, Policies, PolicyAnswer, PolicyOutcome};
