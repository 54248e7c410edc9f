//! Reports in kube-bench's formats.

mod json;
mod junit;
mod options;
mod text;

pub use json::json;
pub use junit::junit;
pub use options::ReportStyle;
pub use text::text;
