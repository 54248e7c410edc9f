//! kubeadm's layout, which EKS Anywhere also uses.

use crate::collect::ask::is_there;
use crate::collect::layout::builds;
use crate::collect::layout::signs::Signs;
use crate::collect::layout::table::KUBEADM_KUBECONFIG;
use crate::component::own;
use definitions::benchmark::Platform;

use super::detected::{DetectedPlatform, said};

/// The kubeconfig with which kubeadm's kubelets join.
pub(super) const KUBEADM_BOOTSTRAP: &str = "/etc/kubernetes/bootstrap-kubelet.conf";

impl Signs<'_> {
    /// kubeadm's layout, which is EKS Anywhere if the images are from EKS Distro. The strongest image decides; those
    /// that contradict it are kept. The version may show EKS Anywhere too: see `with_version`.
    pub(super) fn kubeadm(&self) -> Option<DetectedPlatform> {
        let layout = self.kubeadm_layout()?;
        let mut signs = builds::signs(self.inventory);
        signs.extend(builds::configured(self.node));
        let decisive = signs.first().filter(|sign| sign.is_distro).map(|sign| sign.said.clone());
        let platform = if decisive.is_some() { Platform::EksAnywhere } else { Platform::Kubeadm };
        let of_eks = if self.control_plane().is_none() { self.eks_signs() } else { Vec::new() };
        let contrary = said(&signs, decisive.is_none()).chain(of_eks.iter().cloned()).collect();
        let contrary_to_eks_anywhere = said(&signs, false).chain(of_eks).collect();
        let evidence = [layout].into_iter().chain(decisive).chain(self.os_sentence()).collect();
        Some(DetectedPlatform { contrary, contrary_to_eks_anywhere, ..self.detected(platform, evidence) })
    }

    fn kubeadm_layout(&self) -> Option<String> {
        if self.kubelets().next().is_some() || !self.inventory.embedders.is_empty() {
            return self.kubelet_of_kubeadm();
        }
        // Nothing is running that could show the layout, so files must.
        [KUBEADM_KUBECONFIG, "/etc/kubernetes/admin.conf"]
            .iter()
            .find(|path| is_there(self.node, path))
            .map(|path| format!("{path} exists, where kubeadm puts it"))
    }

    /// The evidence of a kubelet whose kubeconfig is where kubeadm puts it.
    pub(super) fn kubelet_of_kubeadm(&self) -> Option<String> {
        self.kubelets().find_map(|kubelet| {
            [(own::KUBECONFIG, KUBEADM_KUBECONFIG), (own::BOOTSTRAP_KUBECONFIG, KUBEADM_BOOTSTRAP)]
                .into_iter()
                .find(|(flag, place)| kubelet.arguments.last(flag) == Some(*place))
                .map(|(flag, place)| {
                    format!("{flag} of kubelet (process {}) is {place}, as set by kubeadm", kubelet.pid)
                })
        })
    }
}
