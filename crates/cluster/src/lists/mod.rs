//! Clusters that are read of texts: recordings of ours, and what kubectl printed.

mod documents;
mod recorded;
mod recording;

pub use documents::{Documents, Text};
pub use recorded::{Recorded, RecordedError};
pub use recording::record;
