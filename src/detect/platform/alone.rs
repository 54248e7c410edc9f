//! Machines that are in no cluster: those for etcd, and those with only a kubelet.

use crate::collect::ask::{is_roots, is_there};
use crate::collect::inventory::Presence;
use crate::collect::layout::signs::Signs;
use crate::collect::layout::table::KUBEADM_KUBECONFIG;
use crate::component::{Instance, Origin, own};
use definitions::benchmark::Platform;
use probe::{Observed, Question};

use super::detected::DetectedPlatform;
use super::eks::EKS_KUBECONFIG;
use super::kubeadm::KUBEADM_BOOTSTRAP;

/// The file of etcd's variables that Kubespray and `KubeKey` write.
const KUBESPRAY: &str = "/etc/etcd.env";

impl Signs<'_> {
    /// The evidence that the kubelets belong to no cluster; `None` if one does.
    fn without_cluster(&self) -> Option<String> {
        let belongs = |kubelet: &Instance| {
            [own::KUBECONFIG, own::BOOTSTRAP_KUBECONFIG]
                .iter()
                .any(|flag| kubelet.arguments.last(flag).is_some_and(|path| !path.is_empty()))
        };
        let kubelet = self.kubelets().next()?;
        (!self.kubelets().any(belongs))
            .then(|| format!("kubelet (process {}) has no --kubeconfig, so it belongs to no cluster", kubelet.pid))
    }

    /// The evidence that the kubelets have joined no cluster; `None` if that is uncertain. They are configured to join
    /// one, but the files that they need for it do not exist. Node images start such a kubelet, which exits immediately
    /// and is restarted.
    fn not_joined(&self) -> Option<String> {
        let mut missing = Vec::new();
        for kubelet in self.kubelets() {
            let component = self.inventory.library.components.get(kubelet.component.as_str())?;
            for flag in [own::KUBECONFIG, own::BOOTSTRAP_KUBECONFIG] {
                let Some(path) = kubelet.arguments.last(flag).filter(|path| !path.is_empty()) else { continue };
                let location = kubelet.locate(path, &Origin::Argument(flag.to_owned()), component).ok()?;
                if self.node.ask(&Question::Metadata(location)) != Observed::Absent {
                    return None;
                }
                missing.push(path.to_owned());
            }
        }
        let kubelet = self.kubelets().next()?;
        Some(format!("kubelet (process {}) has joined no cluster: missing: {}", kubelet.pid, missing.join(", ")))
    }

    /// A machine with etcd and no component that works for a cluster. Node images often include a kubelet that belongs
    /// to no cluster.
    pub(super) fn machine_for_etcd(&self, etcd: &str) -> Option<DetectedPlatform> {
        let inventory = self.inventory;
        if self.control_plane().is_some() || inventory.sentence_on("proxy").is_some() {
            return None;
        }
        let kubelet = match inventory.presence.get("kubelet") {
            Some(Presence::Running) => self.without_cluster().or_else(|| self.not_joined())?,
            Some(Presence::Installed(path)) => {
                let has_joined = [KUBEADM_KUBECONFIG, KUBEADM_BOOTSTRAP, EKS_KUBECONFIG]
                    .iter()
                    .any(|kubeconfig| is_there(self.node, kubeconfig));
                if has_joined {
                    return None;
                }
                let runs = if inventory.unlisted.is_some() { "may run" } else { "does not run" };
                format!("kubelet {runs} and has no kubeconfig, although {path} exists")
            }
            Some(Presence::Embedded(_) | Presence::Unknown(_)) => return None,
            Some(Presence::Absent) | None => "no kubelet is present".to_owned(),
        };
        let evidence = [etcd.to_owned(), "no control plane component is present".to_owned(), kubelet];
        let by =
            is_roots(self.node, KUBESPRAY).then(|| format!("{KUBESPRAY} exists, where Kubespray and KubeKey put it"));
        let evidence = evidence.into_iter().chain(by).chain(self.os_sentence()).collect();
        Some(self.detected(Platform::ExternalEtcd, evidence))
    }

    /// A kubelet that belongs to no cluster, on a node without a control plane.
    pub(super) fn standalone(&self) -> Option<DetectedPlatform> {
        if self.control_plane().is_some() {
            return None;
        }
        let evidence = [self.without_cluster()?, "no control plane component is present".to_owned()];
        Some(self.detected(Platform::StandaloneKubelet, evidence.to_vec()))
    }
}
