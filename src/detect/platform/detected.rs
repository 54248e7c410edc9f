//! The platform of a node, and what speaks for it.

use crate::collect::layout::builds::Sign;
use crate::collect::layout::signs::Signs;
use definitions::benchmark::{Platform, Role};

/// The platform of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectedPlatform {
    /// Which.
    pub platform: Platform,
    /// What speaks for it, in sentences; never empty.
    pub evidence: Vec<String>,
    /// What speaks for another platform, in sentences.
    pub contrary: Vec<String>,
    /// What would speak for another one if the version told that this is EKS Anywhere.
    pub(super) contrary_to_eks_anywhere: Vec<String>,
    /// Whether a kubelet or a component of the control plane runs, on its own or within another program; else files alone tell the platform.
    pub(super) is_running: bool,
}

impl DetectedPlatform {
    pub(super) const fn new(platform: Platform, evidence: Vec<String>, is_running: bool) -> Self {
        Self { platform, evidence, contrary: Vec::new(), contrary_to_eks_anywhere: Vec::new(), is_running }
    }

    /// Why no profile follows from the platform without being asked for; none where one does.
    pub fn doubt(&self) -> Option<&'static str> {
        match (self.is_running, self.contrary.is_empty()) {
            (_, false) => Some("the evidence disagrees"),
            (false, true) => Some("neither a kubelet nor a control plane component runs"),
            (true, true) => None,
        }
    }
}

impl Signs<'_> {
    /// This platform, on a node on which something runs or not.
    pub(super) fn detected(&self, platform: Platform, evidence: Vec<String>) -> DetectedPlatform {
        let runs = |key: &str| !self.inventory.of(key).is_empty();
        let is_running = runs("kubelet")
            || self.inventory.library.of_role(Role::ControlPlane).any(runs)
            || !self.inventory.embedders.is_empty();
        DetectedPlatform::new(platform, evidence, is_running)
    }
}

/// What the images say that are of EKS Distro, or of others.
pub(super) fn said(signs: &[Sign], is_distro: bool) -> impl Iterator<Item = String> + '_ {
    signs.iter().filter(move |sign| sign.is_distro == is_distro).map(|sign| sign.said.clone())
}
