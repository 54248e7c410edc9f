//! Questions about rights, as people and programs ask them.

mod resources;
mod review;
mod words;

pub use review::{NoReview, answer};
pub use words::{NoQuestion, Question};
