//! What a run came to: verdicts with their evidence, and the summaries of them. Plain data; every report reads it.

mod assay;
pub mod escape;
mod evidence;
mod masked;
pub mod secret;
mod summary;
mod verdict;

pub use assay::{Assay, Finding, FindingGroup, Notice, PlatformNote, ProfileNote, TargetFindings, TargetNote};
pub use evidence::{Evidence, Source};
pub use summary::{State, Summary};
pub use verdict::{Skip, Verdict};
