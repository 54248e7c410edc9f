//! What a run found as people and programs read it: one file a format, each a view of the one model.
//!
//! A report writes to what it is given and touches nothing else. It takes masked reports only, and whatever a node holds
//! is escaped, in every format.

pub mod escape;
mod fix;
mod format;
mod head;
mod json;
mod junit;
mod lines;
mod native;
mod options;
pub mod printer;
mod saved;
mod section;
mod stable;
mod summary;
mod text;
pub mod words;
pub mod wrap;

pub use format::{Format, UnknownFormat};
pub use options::{FailOn, Options};
pub use saved::{MOST_BYTES, Refused, read};
pub use section::{Section, Sections, UnknownSection, keep};
pub use summary::{State, Summary, state, title};
