//! The platform of a node, and the evidence for it.

use crate::collect::layout::builds::Sign;
use crate::collect::layout::signs::Signs;
use definitions::benchmark::{Platform, Role};

/// The platform of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectedPlatform {
    /// The platform.
    pub platform: Platform,
    /// The evidence for it, as sentences; never empty.
    pub evidence: Vec<String>,
    /// The evidence for other platforms, as sentences.
    pub contrary: Vec<String>,
    /// The evidence for other platforms in case the version shows that this is EKS Anywhere.
    pub(super) contrary_to_eks_anywhere: Vec<String>,
    /// Whether a kubelet or a control plane component is running, on its own or within another program. If not, the
    /// platform is known only from files.
    pub(super) is_running: bool,
}

impl DetectedPlatform {
    pub(super) const fn new(platform: Platform, evidence: Vec<String>, is_running: bool) -> Self {
        Self { platform, evidence, contrary: Vec::new(), contrary_to_eks_anywhere: Vec::new(), is_running }
    }

    /// Why no profile is enabled automatically for the platform; `None` if there is no doubt.
    pub fn doubt(&self) -> Option<&'static str> {
        match (self.is_running, self.contrary.is_empty()) {
            (_, false) => Some("the evidence disagrees"),
            (false, true) => Some("neither a kubelet nor a control plane component runs"),
            (true, true) => None,
        }
    }
}

impl Signs<'_> {
    /// Returns this platform, and whether the node runs a kubelet or a control plane component.
    pub(super) fn detected(&self, platform: Platform, evidence: Vec<String>) -> DetectedPlatform {
        let runs = |key: &str| !self.inventory.of(key).is_empty();
        let is_running = runs("kubelet")
            || self.inventory.library.of_role(Role::ControlPlane).any(runs)
            || !self.inventory.embedders.is_empty();
        DetectedPlatform::new(platform, evidence, is_running)
    }
}

/// The evidence of the images that are from EKS Distro, or of those that are not.
pub(super) fn said(signs: &[Sign], is_distro: bool) -> impl Iterator<Item = String> + '_ {
    signs.iter().filter(move |sign| sign.is_distro == is_distro).map(|sign| sign.said.clone())
}
