//! The profile that is enabled automatically on a node.

use crate::collect::inventory::{Inventory, Presence};
use definitions::benchmark::{Platform, Role};

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
