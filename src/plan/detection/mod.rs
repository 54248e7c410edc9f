//! What kind of node this is: its platform, Kubernetes version and roles, and what follows from them: the benchmark and
//! the profile. All of it is decided here, from evidence that is kept as plain sentences, and no process is run.

mod benchmark;
mod builds;
mod os_release;
mod pause_image;
mod platform;
mod profile;
mod program;
mod roles;
mod version;

use super::out_of_reach::ReadOnlySystem;
use probe::{Answer, Content, Location, Node, Observed, Question};

pub use benchmark::{Fit, Reason, benchmark};
pub(super) use platform::is_laid_out_as;
pub use platform::{DetectedPlatform, platform, with_version};
pub use profile::{ProfileForNode, profile};
pub use roles::{DetectedTarget, targets};
pub use version::{DetectedVersion, other_versions, version};

/// The operating system, where its own files cannot be changed while it runs.
pub(super) fn read_only_system(node: &dyn Node) -> Option<ReadOnlySystem> {
    let system = os_release::read(node)?;
    ReadOnlySystem::of(&system.id, system.is_ostree)
}

/// What detection needs of a file's content, where that is not the whole.
pub fn essential(location: &Location, bytes: &[u8]) -> Option<Vec<u8>> {
    version::essential(location, bytes)
        .or_else(|| pause_image::essential(location, bytes))
        .or_else(|| super::runtime::essential(location, bytes))
}

fn content(node: &dyn Node, path: &str) -> Option<Content> {
    match node.ask(&Question::Content(Location::node(path))) {
        Observed::Present(Answer::Content(content)) => Some(content),
        _ => None,
    }
}

/// Whether something is known to lie at a path of the node.
fn is_there(node: &dyn Node, path: &str) -> bool {
    node.ask(&Question::Metadata(Location::node(path))).as_present().is_some()
}
