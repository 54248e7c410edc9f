//! Questions about rights, from the command line or as `SubjectAccessReviews`.

mod resources;
mod review;
mod words;

pub use resources::{SUBRESOURCES, names as resources};
pub use review::{NoReview, answer};
pub use words::{Doubt, NoQuestion, Question, VERBS};
