//! The static pods of a node: which components they run, from what image, and what of the host they mount.
//!
//! Source: <https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/>.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::benchmark::{Component, Library, Setting};
use crate::component::{Document, Instance, Located, Mount, Reading, SetIn, Variable};
use crate::probe::{Answer, Cause, FileKind, Location, Node, Observed, Question, Why};

use super::configuration;

/// Where static pods lie when no kubelet says otherwise: kubeadm's directory, and Bottlerocket's behind it.
const DIRECTORIES: [&str; 2] = ["/etc/kubernetes/manifests", "/etc/kubernetes/static-pods"];

/// How many manifests are read; a node has a handful.
const MOST: usize = 256;

/// A container of a static pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticPod {
    /// The manifest.
    pub manifest: Location,
    /// The component that the container runs, by key; none where it runs something else.
    pub component: Option<String>,
    /// The container's image.
    pub image: String,
    /// What of the host it mounts.
    pub mounts: Vec<Mount>,
    /// What follows the program on its command line, as far as the manifest says it.
    pub words: Vec<String>,
    /// The program that its command names; none where the image's own is started.
    pub program: Option<String>,
    /// The variables that it is given.
    pub variables: BTreeMap<String, Observed<Variable>>,
}

/// The static pods of the directories that the kubelets name, or of the usual ones.
pub(super) fn find(node: &dyn Node, kubelets: &[Instance], library: &Library) -> Vec<StaticPod> {
    let mut directories: Vec<Location> = Vec::new();
    let setting = Setting {
        flag: Some("--pod-manifest-path".to_owned()),
        key: Some("staticPodPath".to_owned()),
        entry: None,
        file: None,
    };
    for kubelet in kubelets {
        let Some(component) = library.components.get(&kubelet.component) else { continue };
        if let Reading::Set { given, origin } = kubelet.read(&setting, component)
            && let Ok(location) = kubelet.locate(&given.text(), &origin, component)
        {
            directories.push(location);
        }
    }
    if directories.is_empty() {
        directories.extend(DIRECTORIES.map(Location::node));
    }
    let mut pods = Vec::new();
    let mut manifests = 0;
    for directory in directories {
        for manifest in manifests_in(node, &directory) {
            if manifests == MOST {
                return pods;
            }
            manifests += 1;
            if let Observed::Present(document) = configuration::document(node, &manifest) {
                pods.extend(containers(&manifest, &document, library));
            }
        }
    }
    pods
}

/// The host's directories that the static pod of a component mounts; none where no static pod runs it.
///
/// Of several pods the one whose words the process has; nothing where that is not one alone: then the process itself
/// shows what it sees.
pub(super) fn mounts(pods: &[StaticPod], component: &str, arguments: &[Vec<u8>]) -> Option<Vec<Mount>> {
    let mut pods: Vec<&StaticPod> = pods.iter().filter(|pod| pod.component.as_deref() == Some(component)).collect();
    if pods.len() > 1 {
        pods.retain(|pod| {
            let given = arguments.iter().rev();
            pod.words.len() < arguments.len()
                && pod.words.iter().rev().zip(given).all(|(word, it)| word.as_bytes() == it)
        });
        if pods.len() != 1 {
            return Some(Vec::new());
        }
    }
    pods.first().map(|pod| pod.mounts.clone())
}

/// The files of a manifest directory. The kubelet takes every one whose name does not begin with a dot; the path may
/// also be that of one file.
fn manifests_in(node: &dyn Node, directory: &Location) -> Vec<Location> {
    match node.ask(&Question::Metadata(directory.clone())) {
        Observed::Present(Answer::Metadata(metadata)) if metadata.kind == FileKind::File => {
            return vec![directory.clone()];
        }
        Observed::Present(_) => {}
        Observed::Absent | Observed::Unknown(_) => return Vec::new(),
    }
    let Observed::Present(Answer::Entries(mut entries)) = node.ask(&Question::Directory(directory.clone())) else {
        return Vec::new();
    };
    entries.sort();
    entries
        .into_iter()
        .filter(|entry| matches!(entry.kind, FileKind::File | FileKind::Link))
        .filter(|entry| !entry.name.as_encoded_bytes().starts_with(b"."))
        .map(|entry| Location { root: directory.root, path: directory.path.join(&entry.name) })
        .collect()
}

fn containers(manifest: &Location, document: &Document, library: &Library) -> Vec<StaticPod> {
    let Some(spec) = document.at(&["spec"]) else { return Vec::new() };
    let volumes = spec.get("volumes").map_or(&[][..], Located::items);
    let containers = spec.get("containers").map_or(&[][..], Located::items);
    containers
        .iter()
        .map(|container| {
            let image = container.get("image").and_then(Located::text).unwrap_or_default().to_owned();
            let component =
                library.components.values().find(|component| runs(container, &image, component)).map(|c| c.key.clone());
            let program = container.get("command").and_then(|words| words.items().first()).and_then(Located::text);
            StaticPod {
                manifest: manifest.clone(),
                words: words_of(container),
                component,
                image,
                mounts: mounts_of(container, volumes),
                program: program.map(str::to_owned),
                variables: variables_of(container),
            }
        })
        .collect()
}

/// The words of a container's command, but for the program, and of its arguments.
fn words_of(container: &Located) -> Vec<String> {
    let words = |key| container.get(key).map_or(&[][..], Located::items).iter().map(|word| word.value.to_string());
    words("command").skip(1).chain(words("args")).collect()
}

/// Whether a container runs a component: its command says so, or its image bears the name.
fn runs(container: &Located, image: &str, component: &Component) -> bool {
    let first_word = ["command", "args"]
        .iter()
        .find_map(|key| container.get(key).and_then(|words| words.items().first()).and_then(Located::text))
        .unwrap_or_default();
    let command = Path::new(first_word).file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let image = image_name(image);
    component.executables.iter().any(|name| *name == command || *name == image)
}

/// The last part of an image's name: `etcd` of `registry/etcd-io/etcd:v3.5.21@sha256:…`.
fn image_name(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or_default();
    let last = image.rsplit('/').next().unwrap_or_default();
    last.split(':').next().unwrap_or_default()
}

/// The tag of an image: `v1.32.4` of `registry:5000/kube-apiserver:v1.32.4@sha256:…`.
pub(super) fn image_tag(image: &str) -> Option<&str> {
    let image = image.split('@').next()?;
    image.rsplit('/').next()?.split_once(':').map(|(_, tag)| tag)
}

/// The variables that a container is given; of two of a name, the last.
fn variables_of(container: &Located) -> BTreeMap<String, Observed<Variable>> {
    let variable = |item: &Located| {
        let name = item.get("name").and_then(Located::text)?.to_owned();
        let unknown = |detail: String| Observed::Unknown(Why::new(Cause::System, &item.file, detail));
        let variable = match item.get("value") {
            None if item.get("valueFrom").is_some() => unknown(format!("{name} is filled in when the pod starts")),
            value => {
                let (value, line) = value.map_or_else(Default::default, |value| (value.value.to_string(), value.line));
                if value.contains("$(") {
                    unknown(format!("{name} refers to other variables"))
                } else {
                    let set_in = SetIn { file: item.file.to_string(), line: (line > 0).then_some(line) };
                    Observed::Present(Variable { value, set_in: Some(set_in) })
                }
            }
        };
        Some((name, variable))
    };
    container.get("env").map_or(&[][..], Located::items).iter().filter_map(variable).collect()
}

/// What a container mounts, from the host or from elsewhere.
fn mounts_of(container: &Located, volumes: &[Located]) -> Vec<Mount> {
    let text = |value: &Located, key: &str| value.get(key).and_then(Located::text).map(str::to_owned);
    let host_path = |name: &str| {
        volumes
            .iter()
            .find(|volume| text(volume, "name").as_deref() == Some(name))
            .and_then(|volume| volume.get("hostPath"))
            .and_then(|host_path| text(host_path, "path"))
    };
    container
        .get("volumeMounts")
        .map_or(&[][..], Located::items)
        .iter()
        .filter_map(|mount| {
            let inside = PathBuf::from(text(mount, "mountPath")?);
            let outside = text(mount, "name").and_then(|name| host_path(&name)).map(PathBuf::from);
            let outside = outside.map(|outside| match text(mount, "subPath") {
                Some(part) => outside.join(part),
                None => outside,
            });
            Some(Mount { inside, outside })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_have_names_and_tags() {
        let table = [
            ("registry.k8s.io/kube-apiserver:v1.32.4", "kube-apiserver", Some("v1.32.4")),
            ("localhost:5000/etcd", "etcd", None),
            (
                "public.ecr.aws/eks-distro/kubernetes/kube-proxy:v1.32.4-eks-1@sha256:aa",
                "kube-proxy",
                Some("v1.32.4-eks-1"),
            ),
            ("", "", None),
        ];
        for (image, name, tag) in table {
            assert_eq!((image_name(image), image_tag(image)), (name, tag), "{image}");
        }
    }
}
