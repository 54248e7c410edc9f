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
use crate::collect::inventory::Inventory;
use probe::Location;

pub use benchmark::{Fit, FitReason, benchmark};
pub use detected_version::DetectedVersion;
pub use kubelet::{AskedKubelets, ask_kubelets};
pub use platform::{DetectedPlatform, platform, with_version};
pub use profile::{ProfileForNode, profile};
pub use roles::{DetectedTarget, targets};
pub use version::{other_versions, version};

/// What of a file's content needs to be recorded, where that is not the whole: what was looked at for `inventory`, and
/// what detection looks at besides.
pub fn essential(inventory: &Inventory<'_>, location: &Location, bytes: &[u8]) -> Option<Vec<u8>> {
    collect::essential(inventory, location, bytes).or_else(|| version::essential(location, bytes))
}
