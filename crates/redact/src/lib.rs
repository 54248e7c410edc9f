//! Recognizes and masks secrets: by names and by formats, in plain text, in YAML and JSON, and in whole reports.
//!
//! A wrong mask costs a reader one word; a missing one leaks a credential. In doubt, text is masked.

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

/// The replacement for a secret in reports and recordings, which is a plain scalar in YAML.
pub const MASK: &str = "(masked)";
