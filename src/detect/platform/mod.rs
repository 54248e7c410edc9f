//! How a node was put together.
//!
//! Sources of the signs: kubeadm's own layout; for EKS Anywhere its cluster templates and its images, which are EKS
//! Distro's; for EKS the bootstrap of its images for Amazon Linux 2, nodeadm for Amazon Linux 2023, and Bottlerocket's
//! templates; for the others what `collect::layout` names.

mod alone;
mod detected;
mod eks;
mod known;
mod kubeadm;

use crate::collect::inventory::Inventory;
use crate::collect::layout::signs::Signs;
use definitions::benchmark::{Platform, Role};
use probe::Node;

use super::detected_version::DetectedVersion;

pub use detected::DetectedPlatform;

/// Finds out how a node was put together; none where nothing of Kubernetes or etcd is on it.
///
/// Distributions and installers that work with kubeadm come before kubeadm itself. A local control plane or kubeadm's
/// layout speak against EKS, whatever else there is: EKS Anywhere reports versions
/// that look like those of EKS.
pub fn platform(node: &dyn Node, inventory: &Inventory<'_>) -> Option<DetectedPlatform> {
    let signs = Signs::of(node, inventory);
    let of_role = |role| inventory.library.of_role(role);
    let kubernetes = of_role(Role::ControlPlane).chain(of_role(Role::Node));
    let etcd = inventory.sentence_on("etcd");
    let components: Vec<String> = kubernetes.filter_map(|key| inventory.sentence_on(key)).collect();
    if etcd.is_none() && components.is_empty() {
        return None;
    }
    if let Some(found) = etcd.as_ref().and_then(|etcd| signs.machine_for_etcd(etcd)) {
        return Some(found);
    }
    if let Some(found) = signs.standalone() {
        return Some(found);
    }
    let by_installer =
        || if signs.is_bottlerocket() { signs.bottlerocket() } else { signs.kubeadm().or_else(|| signs.eks()) };
    signs.known_layout().or_else(by_installer).or_else(|| {
        let evidence = components.into_iter().chain(etcd).chain(signs.os_sentence());
        let nothing = "no known distribution, service or installer is recognized".to_owned();
        Some(signs.detected(Platform::SelfManaged, evidence.chain([nothing]).collect()))
    })
}

/// What a platform is once the version is known: kubeadm's layout with a build of AWS is EKS Anywhere, whatever shows it.
pub fn with_version(detected: DetectedPlatform, version: &DetectedVersion) -> DetectedPlatform {
    if detected.platform != Platform::Kubeadm || !version.spelt.contains("-eks-") {
        return detected;
    }
    let said = format!("{} is an EKS Distro build ({})", version.spelt, version.evidence);
    let DetectedPlatform { mut evidence, contrary_to_eks_anywhere: contrary, is_running, .. } = detected;
    evidence.insert(1.min(evidence.len()), said);
    DetectedPlatform { contrary, ..DetectedPlatform::new(Platform::EksAnywhere, evidence, is_running) }
}
