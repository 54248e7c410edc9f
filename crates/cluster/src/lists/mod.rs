//! Clusters read from texts: recordings, and kubectl's output.

mod documents;
mod recorded;
mod recording;

pub use documents::{Documents, Text};
pub use recorded::{Recorded, RecordedError};
pub use recording::record;
