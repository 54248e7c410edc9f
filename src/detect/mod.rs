//! Detects what kind of node this is: its platform, Kubernetes version and roles, and the benchmark and profile that
//! follow from them. All decisions are made here, and their evidence is kept as plain sentences.

mod benchmark;
mod detected_version;
mod kubelet;
mod platform;
mod profile;
mod program;
mod roles;
mod version;

use crate::collect;
use crate::component::CommandLines;
use probe::{Excerpt, Form, Location, Reason};

pub use benchmark::{Fit, FitReason, benchmark};
pub use detected_version::DetectedVersion;
pub use kubelet::{AskedKubelets, ask_kubelets};
pub use platform::{DetectedPlatform, platform, with_version};
pub use profile::{ProfileForNode, profile};
pub use roles::{DetectedTarget, targets};
pub use version::{other_versions, version};

/// Reduces the contents of a file to the parts that its readers use.
///
/// # Errors
///
/// Returns the reason if the file's reader rejects it.
pub fn excerpt(
    location: &Location,
    excerpt: &Excerpt,
    bytes: &[u8],
    lines: &CommandLines<'_>,
) -> Result<Vec<u8>, Reason> {
    let of_version = (excerpt.form == Form::Version).then(|| version::excerpt(&excerpt.parts, bytes)).flatten();
    of_version.map_or_else(|| collect::excerpt(location, excerpt, bytes, lines), Ok)
}
