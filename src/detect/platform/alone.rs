//! Machines that are in no cluster: those for etcd, and those of a kubelet alone.

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
    /// That the kubelets belong to no cluster, where they do not.
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

    /// That the kubelets have joined no cluster, where that is sure: they are meant to, but the files that would let them
    /// are not there. Images for nodes start such a kubelet, which ends at once and is started again.
    fn not_joined(&self) -> Option<String> {
        let mut missing = Vec::new();
        for kubelet in self.kubelets() {
            let component = self.inventory.library.components.get(&kubelet.component)?;
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

    /// etcd, and no component that works for a cluster. Images for nodes often hold a kubelet that no cluster has.
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

    /// A kubelet without a cluster, and without one that it runs itself.
    pub(super) fn standalone(&self) -> Option<DetectedPlatform> {
        if self.control_plane().is_some() {
            return None;
        }
        let evidence = [self.without_cluster()?, "no control plane component is present".to_owned()];
        Some(self.detected(Platform::StandaloneKubelet, evidence.to_vec()))
    }
}
