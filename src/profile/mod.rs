//! Profiles: what a platform's guide leaves out or asks for otherwise, by control and with its reasons.

mod definition;

pub use definition::{Adjustment, ControlSkip, NumberSkip, Profile};
