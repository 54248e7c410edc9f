//! How a node was put together.
//!
//! Sources of the signs: kubeadm's own layout; for EKS Anywhere its cluster templates and its images, which are EKS
//! Distro's; for EKS the bootstrap of its images for Amazon Linux 2, nodeadm for Amazon Linux 2023, and Bottlerocket's
//! templates; for the others what [`layouts`] names.

mod alone;
mod eks;
mod kubeadm;
mod layout;
mod layouts;

use crate::component::Instance;
use crate::plan::census::Census;
use definitions::benchmark::Platform;
use probe::Node;

use super::builds::Sign;
use super::os_release::{self, OsRelease};
use super::roles::presence;
use super::version::DetectedVersion;

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
    contrary_to_eks_anywhere: Vec<String>,
    /// Whether a kubelet or a component of the control plane runs, on its own or within another program; else files alone tell the platform.
    is_running: bool,
}

impl DetectedPlatform {
    const fn new(platform: Platform, evidence: Vec<String>, is_running: bool) -> Self {
        Self { platform, evidence, contrary: Vec::new(), contrary_to_eks_anywhere: Vec::new(), is_running }
    }

    /// Why no profile follows from the platform without being asked for; none where one does.
    pub fn doubt(&self) -> Option<&'static str> {
        match (self.is_running, self.contrary.is_empty()) {
            (_, false) => Some("the evidence disagrees"),
            (false, true) => Some("neither a kubelet nor a component of the control plane runs"),
            (true, true) => None,
        }
    }
}

/// The components of a control plane; etcd is none of them.
const CONTROL_PLANE: [&str; 3] = ["apiserver", "controller-manager", "scheduler"];

/// Kubernetes' components on a node; etcd is none of them.
const KUBERNETES: [&str; 5] = ["apiserver", "controller-manager", "scheduler", "kubelet", "proxy"];

/// Finds out how a node was put together; none where nothing of Kubernetes or etcd is on it.
///
/// Distributions and installers that work with kubeadm come before kubeadm itself. A local control plane or kubeadm's
/// layout speak against EKS, whatever else there is: EKS Anywhere reports versions
/// that look like those of EKS.
pub fn platform(node: &dyn Node, census: &Census<'_>) -> Option<DetectedPlatform> {
    let signs = Signs { node, census, os: os_release::read(node) };
    let etcd = presence(census, "etcd");
    let components: Vec<String> = KUBERNETES.iter().filter_map(|key| presence(census, key)).collect();
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
        let nothing = "no layout of a known distribution, service or installer is here".to_owned();
        Some(signs.detected(Platform::SelfManaged, evidence.chain([nothing]).collect()))
    })
}

/// Whether a distribution set up this node, by its name in definitions, as far as that is seen so far.
pub(in crate::plan) fn is_laid_out_as(node: &dyn Node, census: &Census<'_>, distribution: &str) -> bool {
    Signs { node, census, os: os_release::read(node) }.shows(distribution)
}

/// What a platform is once the version is known: kubeadm's layout with a build of AWS is EKS Anywhere, whoever tells it.
pub fn with_version(detected: DetectedPlatform, version: &DetectedVersion) -> DetectedPlatform {
    if detected.platform != Platform::Kubeadm || !version.spelt.contains("-eks-") {
        return detected;
    }
    let said = format!("{} is a build of EKS Distro ({})", version.spelt, version.evidence);
    let DetectedPlatform { mut evidence, contrary_to_eks_anywhere: contrary, is_running, .. } = detected;
    evidence.insert(1.min(evidence.len()), said);
    DetectedPlatform { contrary, ..DetectedPlatform::new(Platform::EksAnywhere, evidence, is_running) }
}

/// What is asked of a node for its platform.
struct Signs<'a> {
    node: &'a dyn Node,
    census: &'a Census<'a>,
    os: Option<OsRelease>,
}

impl Signs<'_> {
    fn detected(&self, platform: Platform, evidence: Vec<String>) -> DetectedPlatform {
        let runs = |key: &&str| !self.census.of(key).is_empty();
        let is_running = runs(&"kubelet") || CONTROL_PLANE.iter().any(runs) || !self.census.embedders.is_empty();
        DetectedPlatform::new(platform, evidence, is_running)
    }

    /// The kubelets that are processes of their own.
    fn kubelets(&self) -> impl Iterator<Item = &Instance> {
        own(self.census, "kubelet")
    }

    /// What a control plane here is seen by.
    fn control_plane(&self) -> Option<String> {
        CONTROL_PLANE.iter().find_map(|key| presence(self.census, key))
    }

    fn is_bottlerocket(&self) -> bool {
        self.os.as_ref().is_some_and(|os| os.id == "bottlerocket")
    }

    fn os_sentence(&self) -> Option<String> {
        let OsRelease { path, id, version, variant, .. } = self.os.as_ref()?;
        let said = [("ID", id), ("VARIANT_ID", variant), ("VERSION_ID", version)]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| format!("{key}={value}"))
            .collect::<Vec<_>>();
        (!said.is_empty()).then(|| format!("{} in {path}", said.join(", ")))
    }
}

/// The processes of a component, but for those that hold it within themselves: what such a program is, and where it keeps
/// things, says nothing of other ways of setting up nodes.
pub(super) fn own<'c>(census: &'c Census<'_>, component: &str) -> impl Iterator<Item = &'c Instance> {
    census.of(component).iter().filter(|instance| instance.embedded_in.is_none())
}

/// What the images say that are of EKS Distro, or of others.
fn said(signs: &[Sign], is_distro: bool) -> impl Iterator<Item = String> + '_ {
    signs.iter().filter(move |sign| sign.is_distro == is_distro).map(|sign| sign.said.clone())
}
