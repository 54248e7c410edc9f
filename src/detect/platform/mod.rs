//! Detects how a node was provisioned.
//!
//! Sources of the signs: kubeadm's own layout; for EKS Anywhere its cluster templates and its images, which are EKS
//! Distro's; for EKS the bootstrap script of its Amazon Linux 2 images, nodeadm for Amazon Linux 2023, and
//! Bottlerocket's templates; for other platforms see `collect::layout`.

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

/// Detects how a node was provisioned; `None` if it has nothing of Kubernetes or etcd.
///
/// Distributions and installers that build on kubeadm are tried before kubeadm itself. A local control plane or
/// kubeadm's layout rules out EKS, whatever else is found: EKS Anywhere reports versions that look like those of EKS.
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

/// Corrects the platform once the version is known: kubeadm's layout with an EKS Distro build is EKS Anywhere, whatever
/// the version's source.
pub fn with_version(detected: DetectedPlatform, version: &DetectedVersion) -> DetectedPlatform {
    if detected.platform != Platform::Kubeadm || !version.spelt.contains("-eks-") {
        return detected;
    }
    let said = format!("{} is an EKS Distro build ({})", version.spelt, version.evidence);
    let DetectedPlatform { mut evidence, contrary_to_eks_anywhere: contrary, is_running, .. } = detected;
    evidence.insert(1.min(evidence.len()), said);
    DetectedPlatform { contrary, ..DetectedPlatform::new(Platform::EksAnywhere, evidence, is_running) }
}
