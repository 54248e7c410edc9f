//! kubeadm's layout, and EKS Anywhere within it.

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
    /// kubeadm's layout; with images of EKS Distro it is EKS Anywhere's. The strongest image decides, and what others
    /// say against it is kept. The version may tell that too: see `with_version`.
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
        // Nothing runs that could say it: what lies there must.
        [KUBEADM_KUBECONFIG, "/etc/kubernetes/admin.conf"]
            .iter()
            .find(|path| is_there(self.node, path))
            .map(|path| format!("{path} exists, where kubeadm puts it"))
    }

    /// A kubelet that has its kubeconfig where kubeadm puts it.
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
