//! What kind of node this is: its platform, Kubernetes version and roles, and what follows from them: the benchmark and
//! the profile. All of it is decided here, from evidence that is kept as plain sentences, and no process is run.

mod benchmark;
mod os_release;
mod pause_image;
mod platform;
mod profile;
mod roles;
mod version;

use crate::probe::{Answer, Content, Location, Node, Observed, Question};

pub use benchmark::{Fit, Reason, benchmark};
pub use platform::{DetectedPlatform, platform, with_version};
pub use profile::{ProfileForNode, profile};
pub use roles::{DetectedTarget, targets};
pub use version::{DetectedVersion, version};

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
