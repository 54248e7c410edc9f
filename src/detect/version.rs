//! Detects the Kubernetes version of a node without running anything.

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

/// kube-proxy has the version of the control plane if it runs in a `DaemonSet`, and that of the node if it runs in a
/// static pod.
const PROXY: &str = "proxy";

/// Returns the Kubernetes version from the first of these sources that has one: the image of a control plane
/// component's static pod, the image of a running one, the operating system (Bottlerocket's variant, the version of
/// `OpenShift`), the program of a kubelet or of its embedder (its path, its snap, the image of its container), the
/// package database, the image of kube-proxy's static pod, the image of a running kube-proxy.
///
/// The kubelet's package comes before kube-proxy's image, which may follow the control plane rather than the node.
pub fn version(node: &dyn Node, inventory: &Inventory<'_>) -> Option<DetectedVersion> {
    SOURCES.iter().find_map(|source| source(node, inventory).into_iter().next())
}

/// Returns the versions found on the node that differ from `version`, each once, with its strongest evidence.
pub fn other_versions(node: &dyn Node, inventory: &Inventory<'_>, version: KubernetesVersion) -> Vec<DetectedVersion> {
    let mut others: Vec<DetectedVersion> = Vec::new();
    for told in SOURCES.iter().flat_map(|source| source(node, inventory)) {
        if told.version != version && others.iter().all(|other| other.version != told.version) {
            others.push(told);
        }
    }
    others
}

/// Finds versions in one kind of source.
type Source = fn(&dyn Node, &Inventory<'_>) -> Vec<DetectedVersion>;

/// The sources of versions, strongest first.
const SOURCES: [Source; 7] = [
    |_, inventory| of_static_pods(inventory, inventory.library.of_role(Role::ControlPlane)),
    |_, inventory| of_records(inventory, inventory.library.of_role(Role::ControlPlane)),
    |node, inventory| of_system(node, inventory).into_iter().collect(),
    |node, inventory| of_programs(node, inventory),
    // A kubelet that is part of another program comes from no package.
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

/// The version in the image that a component runs from.
fn of_record(inventory: &Inventory<'_>, instance: &Instance) -> Option<DetectedVersion> {
    let RunningImage { image, file } = inventory.image_of(instance)?;
    detected(image_tag(image)?, || format!("image {image} of process {} in {file}", instance.pid))
}

/// The versions of the kubelets' programs, and of the programs that embed a kubelet.
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

/// The version that `MicroShift` records as the last one run; it uses `OpenShift` version numbers.
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

/// The file in which `MicroShift` records its version.
const MICROSHIFT: &str = "/var/lib/microshift/version";

/// The version in the operating system's release file. Bottlerocket's variant contains the Kubernetes version,
/// `VARIANT_ID=vmware-k8s-1.32`; systems for `OpenShift` contain the `OpenShift` version, which is used only if
/// Kubernetes components are running.
fn of_system(node: &dyn Node, inventory: &Inventory<'_>) -> Option<DetectedVersion> {
    let OsRelease { path, id, version, variant, openshift, .. } = os_release::read(node)?;
    if let Some((_, version)) = variant.split_once("-k8s-") {
        return detected(version, || format!("VARIANT_ID={variant} in {path}"));
    }
    let runs = |component: &str| !inventory.of(component).is_empty();
    if !runs(KUBELET) && !inventory.library.of_role(Role::ControlPlane).any(runs) {
        return None;
    }
    // Older releases give OpenShift's version as their own.
    let (key, told) = match (openshift.as_str(), id.as_str()) {
        ("", "rhcos") => ("VERSION_ID", version),
        _ => ("OPENSHIFT_VERSION", openshift),
    };
    let kubernetes = kubernetes_of_openshift(&told)?;
    detected(&kubernetes, || format!("{key}={told} in {path} (OpenShift {told} is based on Kubernetes {kubernetes})"))
}

/// The Kubernetes version that an `OpenShift` version is based on: from 4.3 on, the minor version is that of
/// `OpenShift` plus 13.
///
/// Source: <https://access.redhat.com/solutions/4870701>.
fn kubernetes_of_openshift(openshift: &str) -> Option<String> {
    let KubernetesVersion { major, minor } = openshift.parse().ok()?;
    (major == 4 && minor >= 3).then(|| minor.checked_add(13)).flatten().map(|minor| format!("1.{minor}"))
}

/// Returns the excerpt of a file that contains a version, as selected by `parts`; `None` for other files.
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

/// The excerpt part for dpkg's database.
const DPKG: &str = "dpkg";
/// The excerpt part for `MicroShift`'s version file.
const MICROSHIFT_VERSION: &str = "microshift";

/// The contents of `MicroShift`'s version file.
#[derive(Deserialize)]
struct Noted {
    version: String,
}

/// dpkg's package database.
const PACKAGE_DATABASE: &str = "/var/lib/dpkg/status";

/// The kubelet's entry in dpkg's database, which is large: it is searched for a name, not read line by line.
fn kubelet_entry(text: &str) -> Option<&str> {
    const NAME: &str = "Package: kubelet";
    let (at, _) = text.match_indices(NAME).find(|(at, _)| {
        let (before, here) = text.split_at(*at);
        let behind = here.strip_prefix(NAME).unwrap_or_default();
        (before.is_empty() || before.ends_with('\n'))
            && (behind.is_empty() || behind.starts_with('\n') || behind.starts_with("\r\n"))
    })?;
    let (before, _) = text.split_at(at);
    let (_, entry) = text.split_at(before.rfind("\n\n").map_or(0, |end| end + "\n\n".len()));
    Some(entry.split_once("\n\n").map_or(entry, |(entry, _)| entry))
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
    fn the_entry_of_the_kubelet_is_found_among_others() {
        let other = "Package: kubelet-tools\nVersion: 9\nDescription: not\n Package: kubelet\n";
        let entry = "Package: kubelet\nStatus: install ok installed\nVersion: 1.32.4-1.1";
        let reordered = "Status: install ok installed\nPackage: kubelet\nVersion: 1.32.4-1.1";
        for entry in [entry, reordered] {
            for text in [
                entry.to_owned(),
                format!("{entry}\n"),
                format!("{other}\n{entry}\n\n{other}"),
                format!("{entry}\n\n{other}\n{entry}"),
            ] {
                assert_eq!(kubelet_entry(&text).map(str::trim_end), Some(entry), "{text:?}");
            }
        }
        for text in ["", other, "XPackage: kubelet\n", "Package: kubelet2"] {
            assert_eq!(kubelet_entry(text), None, "{text:?}");
        }
    }

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
