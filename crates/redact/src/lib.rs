//! All knowledge of secrets: the names and forms by which they are known, and the masks for texts, for YAML and JSON,
//! and for whole reports.
//!
//! A wrong mask costs a reader one word; a missing one costs a credential. So where a text leaves it open, it is masked.

mod bounds;
pub mod content;
mod masked;
mod report;
mod scan;
mod secrecy;
mod text;
mod words;

pub use bounds::Bounds;
pub use masked::{Mask, Masked};
pub use text::{mask_argument, mask_output, mask_text};

/// What stands where a secret stood, in reports and recordings: a plain word also in YAML.
pub const MASK: &str = "(masked)";
