//! What kind of node this is: its Kubernetes version, its roles, its platform; with the evidence, and no process run.

use crate::benchmark::{KubernetesVersion, Target};
use crate::probe::{Answer, Content, Location, Node, Observed, Question};

use super::census::Census;
use super::static_pod::image_tag;

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
    from_static_pods(census)
        .or_else(|| from_bundles(node, census, &["apiserver", "controller-manager", "scheduler"]))
        .or_else(|| from_os_release(node))
        .or_else(|| from_package_database(node))
        .or_else(|| from_bundles(node, census, &["proxy"]))
}

/// The targets that apply to this node, in kube-bench's order.
///
/// master and controlplane where a control-plane component is here, etcd where etcd is, node where a kubelet or
/// kube-proxy is, and policies always: they are about the cluster.
pub fn targets(census: &Census<'_>) -> Vec<Target> {
    let mut targets = Vec::new();
    if ["apiserver", "controller-manager", "scheduler"].iter().any(|component| census.is_here(component)) {
        targets.extend([Target::Master, Target::ControlPlane]);
    }
    if census.is_here("etcd") {
        targets.push(Target::Etcd);
    }
    if census.is_here("kubelet") || census.is_here("proxy") {
        targets.push(Target::Node);
    }
    targets.push(Target::Policies);
    targets
}

fn from_static_pods(census: &Census<'_>) -> Option<DetectedVersion> {
    ["apiserver", "controller-manager", "scheduler"].iter().find_map(|component| {
        let pod = census.static_pods.iter().find(|pod| pod.component.as_deref() == Some(component))?;
        detected(image_tag(&pod.image)?, || format!("image {} in {}", pod.image, pod.manifest))
    })
}

fn from_bundles(node: &dyn Node, census: &Census<'_>, components: &[&str]) -> Option<DetectedVersion> {
    components.iter().flat_map(|component| census.of(component)).find_map(|instance| {
        let container = instance.container.as_deref()?;
        BUNDLES.iter().find_map(|bundle| {
            let path = bundle.replace("{}", container);
            let content = content(node, &path)?;
            let bundle: serde_json::Value = serde_json::from_slice(&content.bytes).ok()?;
            let annotations = bundle.get("annotations")?;
            let image = IMAGE_ANNOTATIONS.iter().find_map(|name| annotations.get(name)?.as_str())?;
            detected(image_tag(image)?, || format!("image {image} of process {} in {path}", instance.pid))
        })
    })
}

/// Bottlerocket names its Kubernetes version in its variant: `VARIANT_ID=vmware-k8s-1.32`.
fn from_os_release(node: &dyn Node) -> Option<DetectedVersion> {
    ["/etc/os-release", "/usr/lib/os-release"].iter().find_map(|path| {
        let content = content(node, path)?;
        let text = content.text();
        let variant = text.lines().find_map(|line| line.strip_prefix("VARIANT_ID="))?.trim_matches(['"', '\'']);
        let (_, version) = variant.split_once("-k8s-")?;
        detected(version, || format!("VARIANT_ID={variant} in {path}"))
    })
}

/// What version detection needs of a file's content, where that is not the whole: a container's bundle holds its whole
/// environment, and a package database every package.
pub fn essential(location: &Location, bytes: &[u8]) -> Option<Vec<u8>> {
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

fn content(node: &dyn Node, path: &str) -> Option<Content> {
    match node.ask(&Question::Content(Location::node(path))) {
        Observed::Present(Answer::Content(content)) => Some(content),
        _ => None,
    }
}
