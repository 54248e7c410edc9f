//! The Kubernetes version of a node, without running anything.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use crate::collect::ask::content;
use crate::collect::embedder::Embedder;
use crate::collect::inventory::{Inventory, RunningImage};
use crate::collect::os_release::{self, OsRelease};
use crate::collect::static_pod::image_tag;
use crate::component::Instance;
use definitions::benchmark::{KubernetesVersion, Role};
use probe::{Excerpt, Form, Node};

use super::detected_version::{DetectedVersion, detected};
use super::program;

/// The component whose version is the node's.
const KUBELET: &str = "kubelet";

/// kube-proxy follows the control plane where a `DaemonSet` runs it, and the node where a static pod does.
const PROXY: &str = "proxy";

/// Finds the Kubernetes version, by the first of these that tells it: the image of a control-plane component's static
/// pod, the image of a running one, the operating system (Bottlerocket's variant, the version of `OpenShift`), the program
/// of a kubelet or of what holds it (its path, the snap that it is of, the image of its container), the package database,
/// the image of kube-proxy's static pod, the image of a running kube-proxy.
///
/// The kubelet's own package comes before kube-proxy's image, which follows the control plane and not the node.
pub fn version(node: &dyn Node, inventory: &Inventory<'_>) -> Option<DetectedVersion> {
    SOURCES.iter().find_map(|source| source(node, inventory).into_iter().next())
}

/// The versions other than `version` that something on the node tells; each once, by its strongest evidence.
pub fn other_versions(node: &dyn Node, inventory: &Inventory<'_>, version: KubernetesVersion) -> Vec<DetectedVersion> {
    let mut others: Vec<DetectedVersion> = Vec::new();
    for told in SOURCES.iter().flat_map(|source| source(node, inventory)) {
        if told.version != version && others.iter().all(|other| other.version != told.version) {
            others.push(told);
        }
    }
    others
}

/// What may tell a version, or several.
type Source = fn(&dyn Node, &Inventory<'_>) -> Vec<DetectedVersion>;

/// What tells the version, the strongest first.
const SOURCES: [Source; 7] = [
    |_, inventory| of_static_pods(inventory, inventory.library.of_role(Role::ControlPlane)),
    |_, inventory| of_records(inventory, inventory.library.of_role(Role::ControlPlane)),
    |node, inventory| of_system(node, inventory).into_iter().collect(),
    |node, inventory| of_programs(node, inventory),
    // A kubelet that is part of another program is of none.
    |node, inventory| {
        let is_package = !inventory.embedders.contains_key(KUBELET);
        of_package_database(node).filter(|_| is_package).into_iter().collect()
    },
    |_, inventory| of_static_pods(inventory, [PROXY].into_iter()),
    |_, inventory| of_records(inventory, [PROXY].into_iter()),
];

fn of_static_pods<'c>(inventory: &'c Inventory<'_>, components: impl Iterator<Item = &'c str>) -> Vec<DetectedVersion> {
    let pods = components.flat_map(|component| inventory.static_pods.of(component));
    pods.filter_map(|pod| detected(image_tag(&pod.image)?, || format!("image {} in {}", pod.image, pod.manifest)))
        .collect()
}

fn of_records<'c>(inventory: &'c Inventory<'_>, components: impl Iterator<Item = &'c str>) -> Vec<DetectedVersion> {
    let instances = components.flat_map(|component| inventory.of(component));
    instances.filter_map(|instance| of_record(inventory, instance)).collect()
}

/// The image in which a component runs.
fn of_record(inventory: &Inventory<'_>, instance: &Instance) -> Option<DetectedVersion> {
    let RunningImage { image, file } = inventory.image_of(instance)?;
    detected(image_tag(image)?, || format!("image {image} of process {} in {file}", instance.pid))
}

/// What the kubelets are, and the programs that hold one within themselves.
fn of_programs(node: &dyn Node, inventory: &Inventory<'_>) -> Vec<DetectedVersion> {
    let mut found = Vec::new();
    for kubelet in inventory.own(KUBELET) {
        let name = format!("{} (process {})", kubelet.name, kubelet.pid);
        found.extend(program::of_process(node, kubelet.pid, &name));
        found.extend(of_record(inventory, kubelet));
    }
    for embedder in inventory.embedders.get(KUBELET).into_iter().flatten() {
        found.extend(program::of_process(node, embedder.pid, &embedder.to_string()));
        found.extend(of_microshift(node, embedder));
    }
    found
}

/// `MicroShift` notes down which version last ran; it has the numbers of `OpenShift`.
fn of_microshift(node: &dyn Node, embedder: &Embedder) -> Option<DetectedVersion> {
    if !embedder.name.starts_with("microshift") {
        return None;
    }
    let Noted { version } = serde_json::from_slice(
        &content(node, MICROSHIFT, &|| Excerpt::new(Form::Version, [MICROSHIFT_VERSION]))?.bytes,
    )
    .ok()?;
    let kubernetes = kubernetes_of_openshift(&version)?;
    detected(&kubernetes, || {
        format!("version {version} in {MICROSHIFT} (MicroShift {version} is based on Kubernetes {kubernetes})")
    })
}

/// Where `MicroShift` notes down its version.
const MICROSHIFT: &str = "/var/lib/microshift/version";

/// Bottlerocket names its Kubernetes version in its variant, `VARIANT_ID=vmware-k8s-1.32`; systems for `OpenShift` name
/// the version of that, which counts where components of Kubernetes run.
fn of_system(node: &dyn Node, inventory: &Inventory<'_>) -> Option<DetectedVersion> {
    let OsRelease { path, id, version, variant, openshift, .. } = os_release::read(node)?;
    if let Some((_, version)) = variant.split_once("-k8s-") {
        return detected(version, || format!("VARIANT_ID={variant} in {path}"));
    }
    let runs = |component: &str| !inventory.of(component).is_empty();
    if !runs(KUBELET) && !inventory.library.of_role(Role::ControlPlane).any(runs) {
        return None;
    }
    // Older ones give the version of OpenShift as their own.
    let (key, told) = match (openshift.as_str(), id.as_str()) {
        ("", "rhcos") => ("VERSION_ID", version),
        _ => ("OPENSHIFT_VERSION", openshift),
    };
    let kubernetes = kubernetes_of_openshift(&told)?;
    detected(&kubernetes, || format!("{key}={told} in {path} (OpenShift {told} is based on Kubernetes {kubernetes})"))
}

/// The Kubernetes of which a version of `OpenShift` is made: from 4.3 on, its minor version is 13 more.
///
/// Source: <https://access.redhat.com/solutions/4870701>.
fn kubernetes_of_openshift(openshift: &str) -> Option<String> {
    let KubernetesVersion { major, minor } = openshift.parse().ok()?;
    (major == 4 && minor >= 3).then(|| minor.checked_add(13)).flatten().map(|minor| format!("1.{minor}"))
}

/// What is read of a file that tells a version, by which of them it is; none of others.
pub(super) fn excerpt(parts: &BTreeSet<String>, bytes: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(bytes);
    let is = |part: &str| parts.contains(part);
    if is(DPKG) {
        let read = |line: &&str| ["Package: ", "Status:", "Version: "].iter().any(|name| line.starts_with(name));
        let entry = kubelet_entry(&text).unwrap_or_default();
        return Some(entry.lines().filter(read).flat_map(|line| [line, "\n"]).collect::<String>().into_bytes());
    }
    if is(MICROSHIFT_VERSION) {
        let noted = serde_json::from_slice::<Noted>(bytes);
        return Some(
            noted.map_or_else(
                |_| Vec::new(),
                |Noted { version }| json!({ "version": version }).to_string().into_bytes(),
            ),
        );
    }
    is(program::VERSION).then(|| program::excerpt(&text))
}

/// What is read of dpkg's list.
const DPKG: &str = "dpkg";
/// What is read of `MicroShift`'s file.
const MICROSHIFT_VERSION: &str = "microshift";

/// What `MicroShift` notes down.
#[derive(Deserialize)]
struct Noted {
    version: String,
}

/// dpkg's list of packages.
const PACKAGE_DATABASE: &str = "/var/lib/dpkg/status";

/// The kubelet's entry in dpkg's database.
fn kubelet_entry(text: &str) -> Option<&str> {
    text.split("\n\n").find(|entry| entry.lines().any(|line| line == "Package: kubelet"))
}

/// The version in the kubelet's entry in dpkg's database: `Version: 1.32.4-1.1`.
fn of_package_database(node: &dyn Node) -> Option<DetectedVersion> {
    let path = PACKAGE_DATABASE;
    let content = content(node, path, &|| Excerpt::new(Form::Version, [DPKG]))?;
    let text = content.text();
    let entry = kubelet_entry(&text)?;
    let installed = entry.lines().any(|line| line.starts_with("Status:") && line.ends_with(" installed"));
    let version = entry.lines().find_map(|line| line.strip_prefix("Version: ")).filter(|_| installed)?;
    detected(version, || format!("package kubelet {version} in {path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openshift_is_made_of_kubernetes() {
        let table = [
            ("4.3", Some("1.16")),
            ("4.12", Some("1.25")),
            ("4.18", Some("1.31")),
            ("4.20.3", Some("1.33")),
            ("4.2", None),
            ("4.65530", None),
            ("3.11", None),
            ("5.0", None),
            ("", None),
            ("four", None),
        ];
        for (openshift, kubernetes) in table {
            assert_eq!(kubernetes_of_openshift(openshift).as_deref(), kubernetes, "{openshift}");
        }
    }
}
