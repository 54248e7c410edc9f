//! Profiles: what a platform's guide leaves out or asks for otherwise, by control and with its reasons.

mod definition;
mod load;
mod selection;

pub use definition::{Adjustment, ControlSkip, NumberSkip, Profile, UnlessSet};
pub(crate) use load::load_all;
pub use selection::{Mistaken, SkipReason};
