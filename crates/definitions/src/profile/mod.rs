//! Profiles: the controls that a platform's guide excludes or adjusts, each with a reason.

mod definition;
mod load;
mod selection;

pub use definition::{Adjustment, ControlSkip, NumberSkip, Profile, UnlessSet};
pub(crate) use load::load_all;
pub use selection::{Mistaken, SkipReason};
