//! What kind of node this is: its platform, Kubernetes version and roles, and what follows from them: the benchmark and
//! the profile. All of it is decided here, from evidence that is kept as plain sentences.

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

/// What is read of a file, and nothing else.
///
/// # Errors
///
/// What its reader has against it.
pub fn excerpt(
    location: &Location,
    excerpt: &Excerpt,
    bytes: &[u8],
    lines: &CommandLines<'_>,
) -> Result<Vec<u8>, Reason> {
    let of_version = (excerpt.form == Form::Version).then(|| version::excerpt(&excerpt.parts, bytes)).flatten();
    of_version.map_or_else(|| collect::excerpt(location, excerpt, bytes, lines), Ok)
}
