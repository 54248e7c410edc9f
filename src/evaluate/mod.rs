//! Expectations against what was seen: findings. Pure and total: nothing here looks at a node, and everything that was
//! seen has an answer.

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
