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

/// Where containerd and CRI-O keep what they know of a container; `{}` is its number.
const BUNDLES: [&str; 4] = [
    "/run/containerd/io.containerd.runtime.v2.task/k8s.io/{}/config.json",
    "/run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/{}/config.json",
    "/run/containers/storage/overlay-containers/{}/userdata/config.json",
    "/var/lib/containers/storage/overlay-containers/{}/userdata/config.json",
];

/// The annotations in which they keep the image's name.
const IMAGE_ANNOTATIONS: [&str; 3] =
    ["io.kubernetes.cri.image-name", "io.kubernetes.cri-o.ImageName", "io.kubernetes.cri-o.Image"];

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
    |node, census| from_bundles(node, census, &["apiserver", "controller-manager", "scheduler"]),
    |node, _| from_os_release(node),
    |node, _| from_package_database(node),
    |node, census| from_bundles(node, census, &["proxy"]),
];

fn from_static_pods(census: &Census<'_>) -> Option<DetectedVersion> {
    ["apiserver", "controller-manager", "scheduler"].iter().find_map(|component| {
        let pod = census.static_pods.iter().find(|pod| pod.component.as_deref() == Some(component))?;
        detected(image_tag(&pod.image)?, || format!("image {} in {}", pod.image, pod.manifest))
    })
}

fn from_bundles(node: &dyn Node, census: &Census<'_>, components: &[&str]) -> Option<DetectedVersion> {
    components.iter().flat_map(|component| census.of(component)).find_map(|instance| {
        let RunningImage { image, bundle } = image_of(node, instance)?;
        detected(image_tag(&image)?, || format!("image {image} of process {} in {bundle}", instance.pid))
    })
}

/// The image of a running container, and the file that says so.
pub(super) struct RunningImage {
    pub(super) image: String,
    pub(super) bundle: String,
}

/// The image that a process runs from, by what its container runtime keeps of it.
pub(super) fn image_of(node: &dyn Node, instance: &Instance) -> Option<RunningImage> {
    let container = instance.container.as_deref()?;
    BUNDLES.iter().find_map(|bundle| {
        let path = bundle.replace("{}", container);
        let content = content(node, &path)?;
        let bundle: serde_json::Value = serde_json::from_slice(&content.bytes).ok()?;
        let annotations = bundle.get("annotations")?;
        let image = IMAGE_ANNOTATIONS.iter().find_map(|name| annotations.get(name)?.as_str())?;
        Some(RunningImage { image: image.to_owned(), bundle: path })
    })
}

/// Bottlerocket names its Kubernetes version in its variant: `VARIANT_ID=vmware-k8s-1.32`.
fn from_os_release(node: &dyn Node) -> Option<DetectedVersion> {
    let OsRelease { path, variant, .. } = os_release::read(node)?;
    let (_, version) = variant.split_once("-k8s-")?;
    detected(version, || format!("VARIANT_ID={variant} in {path}"))
}

/// What version detection needs of a file's content, where that is not the whole: a container's bundle holds its whole
/// environment, and a package database every package.
pub(super) fn essential(location: &Location, bytes: &[u8]) -> Option<Vec<u8>> {
    let path = location.path.to_str()?;
    if path == PACKAGE_DATABASE {
        return Some(kubelet_entry(&String::from_utf8_lossy(bytes)).unwrap_or_default().as_bytes().to_vec());
    }
    let is_bundle = BUNDLES.iter().any(|bundle| {
        bundle.split_once("{}").is_some_and(|(before, after)| path.starts_with(before) && path.ends_with(after))
    });
    is_bundle.then(|| {
        let bundle: serde_json::Value = serde_json::from_slice(bytes).unwrap_or_default();
        let annotation = |name: &&str| Some(((*name).to_owned(), bundle.get("annotations")?.get(name)?.clone()));
        let annotations: serde_json::Map<_, _> = IMAGE_ANNOTATIONS.iter().filter_map(annotation).collect();
        serde_json::json!({ "annotations": annotations }).to_string().into_bytes()
    })
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
