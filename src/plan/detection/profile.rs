//! The profile that goes with a node by itself.

use crate::plan::census::{Census, Presence};
use definitions::benchmark::Platform;

use super::roles::presence;

/// A profile that a node asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileForNode {
    /// Its name.
    pub name: &'static str,
    /// Why: `etcd runs elsewhere`.
    pub because: String,
}

/// The profile that is switched on where the user says nothing of profiles.
///
/// EKS Anywhere's guide leaves out less where etcd runs on the control plane nodes. Where that cannot be known, the
/// profile that leaves out less is taken.
pub fn profile(platform: Platform, census: &Census<'_>) -> Option<ProfileForNode> {
    if !matches!(platform, Platform::EksAnywhere | Platform::EksAnywhereBottlerocket) {
        return None;
    }
    let is_control_plane = ["apiserver", "controller-manager", "scheduler"].iter().any(|key| census.is_here(key));
    let (name, because) = match (is_control_plane, census.presence.get("etcd")) {
        (false, _) => ("eks-anywhere", "this is a worker node".to_owned()),
        (true, Some(Presence::Running | Presence::Installed(_))) => {
            ("eks-anywhere-stacked-etcd", presence(census, "etcd").unwrap_or_default())
        }
        (true, Some(Presence::Unknown(_))) => {
            ("eks-anywhere-stacked-etcd", "whether etcd runs here is not known".to_owned())
        }
        (true, Some(Presence::Absent | Presence::Embedded(_)) | None) => {
            ("eks-anywhere", "etcd runs on machines of its own".to_owned())
        }
    };
    Some(ProfileForNode { name, because })
}
