//! The profile that is enabled automatically on a node.

use crate::collect::inventory::{Inventory, Presence};
use definitions::benchmark::{Platform, Role};

/// A profile that is enabled automatically.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileForNode {
    /// Its name.
    pub name: &'static str,
    /// Why it is enabled: `etcd runs elsewhere`.
    pub because: String,
}

/// Returns the profile to enable if the user does not specify any.
///
/// EKS Anywhere's guide skips fewer checks if etcd runs on the control plane nodes. If that cannot be determined, the
/// profile that skips fewer checks is used.
pub fn profile(platform: Platform, inventory: &Inventory<'_>) -> Option<ProfileForNode> {
    if !matches!(platform, Platform::EksAnywhere | Platform::EksAnywhereBottlerocket) {
        return None;
    }
    let is_control_plane = inventory.library.of_role(Role::ControlPlane).any(|key| inventory.is_here(key));
    let (name, because) = match (is_control_plane, inventory.presence.get("etcd")) {
        (false, _) => ("eks-anywhere", "this is a worker node".to_owned()),
        (true, Some(Presence::Running | Presence::Installed(_))) => {
            ("eks-anywhere-stacked-etcd", inventory.sentence_on("etcd").unwrap_or_default())
        }
        (true, Some(Presence::Unknown(_))) => {
            ("eks-anywhere-stacked-etcd", "it is unknown whether etcd runs here".to_owned())
        }
        (true, Some(Presence::Absent | Presence::Embedded(_)) | None) => {
            ("eks-anywhere", "etcd runs on machines of its own".to_owned())
        }
    };
    Some(ProfileForNode { name, because })
}
