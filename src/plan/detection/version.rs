//! The Kubernetes version of a node, without running anything.

use crate::benchmark::KubernetesVersion;
use crate::component::Instance;
use crate::plan::census::Census;
use crate::plan::static_pod::image_tag;
use crate::probe::{Location, Node};

use super::content;
use super::os_release::{self, OsRelease};

/// The Kubernetes version of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectedVersion {
    /// Major and minor.
    pub version: KubernetesVersion,
    /// As the evidence spells it: `v1.32.4-eks-1-32-14`.
    pub spelt: String,
    /// What told it: `image registry/kube-apiserver:v1.32.4 in /etc/kubernetes/manifests/kube-apiserver.yaml`.
    pub evidence: String,
}

/// The components whose version is that of the control plane.
const CONTROL_PLANE: [&str; 3] = ["apiserver", "controller-manager", "scheduler"];

/// Finds the Kubernetes version, by the first of these that tells it: the image of a control-plane component's static
/// pod, the image of a running one, Bottlerocket's variant, the package database, the image of a running kube-proxy.
///
/// The kubelet's own package comes before kube-proxy's image, which follows the control plane and not the node.
pub fn version(node: &dyn Node, census: &Census<'_>) -> Option<DetectedVersion> {
    SOURCES.iter().find_map(|source| source(node, census))
}

/// What else on the node tells a version, and another one than `version`.
pub fn other_versions(node: &dyn Node, census: &Census<'_>, version: KubernetesVersion) -> Vec<DetectedVersion> {
    let told = SOURCES.iter().filter_map(|source| source(node, census));
    told.filter(|detected| detected.version != version).collect()
}

/// What may tell a version.
type Source = fn(&dyn Node, &Census<'_>) -> Option<DetectedVersion>;

/// What tells the version, the strongest first.
const SOURCES: [Source; 5] = [
    |_, census| from_static_pods(census),
    |_, census| from_records(census, &CONTROL_PLANE),
    |node, _| from_os_release(node),
    |node, _| from_package_database(node),
    |_, census| from_records(census, &["proxy"]),
];

fn from_static_pods(census: &Census<'_>) -> Option<DetectedVersion> {
    CONTROL_PLANE.iter().find_map(|component| {
        let pod = census.static_pods.of(component).next()?;
        detected(image_tag(&pod.image)?, || format!("image {} in {}", pod.image, pod.manifest))
    })
}

fn from_records(census: &Census<'_>, components: &[&str]) -> Option<DetectedVersion> {
    components.iter().flat_map(|component| census.of(component)).find_map(|instance| {
        let RunningImage { image, file } = image_of(census, instance)?;
        detected(image_tag(image)?, || format!("image {image} of process {} in {file}", instance.pid))
    })
}

/// The image of a running container, and the file that says so.
pub(super) struct RunningImage<'c> {
    pub(super) image: &'c str,
    pub(super) file: &'c str,
}

/// The image that a process runs from, by what its container runtime keeps of it.
pub(super) fn image_of<'c>(census: &'c Census<'_>, instance: &Instance) -> Option<RunningImage<'c>> {
    let record = census.records.get(&instance.pid)?;
    Some(RunningImage { image: record.image.as_deref()?, file: &record.file })
}

/// Bottlerocket names its Kubernetes version in its variant: `VARIANT_ID=vmware-k8s-1.32`.
fn from_os_release(node: &dyn Node) -> Option<DetectedVersion> {
    let OsRelease { path, variant, .. } = os_release::read(node)?;
    let (_, version) = variant.split_once("-k8s-")?;
    detected(version, || format!("VARIANT_ID={variant} in {path}"))
}

/// What version detection needs of a file's content, where that is not the whole: a package database holds every
/// package.
pub(super) fn essential(location: &Location, bytes: &[u8]) -> Option<Vec<u8>> {
    let path = location.path.to_str()?;
    if path == PACKAGE_DATABASE {
        return Some(kubelet_entry(&String::from_utf8_lossy(bytes)).unwrap_or_default().as_bytes().to_vec());
    }
    None
}

/// dpkg's list of packages.
const PACKAGE_DATABASE: &str = "/var/lib/dpkg/status";

/// The kubelet's entry in dpkg's database.
fn kubelet_entry(text: &str) -> Option<&str> {
    text.split("\n\n").find(|entry| entry.lines().any(|line| line == "Package: kubelet"))
}

/// The version in the kubelet's entry in dpkg's database: `Version: 1.32.4-1.1`.
fn from_package_database(node: &dyn Node) -> Option<DetectedVersion> {
    let path = PACKAGE_DATABASE;
    let content = content(node, path)?;
    let text = content.text();
    let entry = kubelet_entry(&text)?;
    let installed = entry.lines().any(|line| line.starts_with("Status:") && line.ends_with(" installed"));
    let version = entry.lines().find_map(|line| line.strip_prefix("Version: ")).filter(|_| installed)?;
    detected(version, || format!("package kubelet {version} in {path}"))
}

fn detected(spelt: &str, evidence: impl FnOnce() -> String) -> Option<DetectedVersion> {
    let version = spelt.parse().ok()?;
    Some(DetectedVersion { version, spelt: spelt.to_owned(), evidence: evidence() })
}
