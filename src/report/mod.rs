//! The report formats: one module for each, all rendering the same model.
//!
//! A format only writes to the given writer. It takes masked reports only, and escapes all text from the node.

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
