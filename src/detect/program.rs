//! The Kubernetes version in the path of a program: in a directory's name or the program's own name, or in the snap
//! that contains it.
//!
//! Sources: rancher/rke2 (the name of its data directory contains the version), kubernetes/minikube (`binaries`),
//! <https://snapcraft.io/docs/the-snap-format>.

use probe::{Excerpt, Form, Node, Question};

use super::detected_version::{DetectedVersion, detected};
use crate::collect::ask::{content, text};

/// Returns the version shown by the program of a trusted process; `name` is its display name.
pub(super) fn of_process(node: &dyn Node, pid: i32, name: &str) -> Option<DetectedVersion> {
    let path = text(node, &Question::Executable(pid))?;
    if let Some(spelt) = of_path(&path) {
        return detected(spelt, || format!("program {path} of {name}"));
    }
    let snap = snap_of(&path)?;
    let content = content(node, &snap, &|| Excerpt::new(Form::Version, [VERSION]))?;
    let description = content.text();
    let spelt = version_of_snap(&description)?;
    // Other programs' versions are not Kubernetes versions.
    spelt
        .trim_start_matches('v')
        .starts_with("1.")
        .then(|| detected(spelt, || format!("version: {spelt} in {snap}, which contains {name}")))?
}

/// The first part of a path that is named after a Kubernetes version: `v1.33.6-rke2r1-ca94290def44`, `v1.33.1`,
/// `kubernetes-1.31.2`, `kubelet-1.32`.
fn of_path(path: &str) -> Option<&str> {
    path.split('/').find_map(|part| {
        let bare = NAMED_AFTER.iter().find_map(|name| part.find(name).and_then(|at| part.get(at + name.len()..)));
        let spelt = bare.unwrap_or(part);
        // A bare number may belong to anything.
        let is_version = spelt.starts_with("v1.") || (bare.is_some() && spelt.starts_with("1."));
        (is_version && is_complete(spelt)).then_some(spelt)
    })
}

/// The prefixes of versions in the names of directories and programs.
const NAMED_AFTER: [&str; 4] = ["kubernetes-", "kubelet-", "hyperkube-", "k8s-"];

/// Whether the minor version has at least two digits; lower ones belong to other programs.
fn is_complete(spelt: &str) -> bool {
    let digits = |minor: &str| minor.bytes().take_while(u8::is_ascii_digit).count();
    spelt.split('.').nth(1).is_some_and(|minor| digits(minor) >= 2)
}

/// The metadata file of the snap that contains a program: `/snap/microk8s/8121/meta/snap.yaml`. It can be trusted,
/// since snaps are read-only file systems that only root can change.
fn snap_of(path: &str) -> Option<String> {
    let place = PLACES_OF_SNAPS.iter().find(|place| path.starts_with(*place))?;
    let mut parts = path.strip_prefix(place)?.split('/');
    let (name, revision, _) = (parts.next()?, parts.next()?, parts.next()?);
    let is_of_kubernetes = ["k8s", "kube"].iter().any(|part| name.contains(part));
    (is_of_kubernetes && !matches!(revision, "" | "." | "..")).then(|| format!("{place}{name}/{revision}{DESCRIPTION}"))
}

/// Where snaps are mounted.
const PLACES_OF_SNAPS: [&str; 2] = ["/snap/", "/var/lib/snapd/snap/"];

const DESCRIPTION: &str = "/meta/snap.yaml";

/// The excerpt part for the metadata of a snap.
pub(super) const VERSION: &str = "version";

/// The version in the metadata of a snap.
fn version_of_snap(text: &str) -> Option<&str> {
    let value = text.lines().find_map(|line| line.strip_prefix("version:"))?;
    Some(value.trim().trim_matches(['"', '\'']))
}

/// The excerpt of a snap's metadata.
pub(super) fn excerpt(text: &str) -> Vec<u8> {
    version_of_snap(text).map(|version| format!("version: {version}\n")).unwrap_or_default().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_tell_the_version() {
        let table = [
            ("/var/lib/rancher/rke2/data/v1.33.6-rke2r1-ca94290def44/bin/kubelet", Some("v1.33.6-rke2r1-ca94290def44")),
            ("/var/lib/minikube/binaries/v1.33.1/kubelet", Some("v1.33.1")),
            ("/opt/kubernetes-1.31.2/server/bin/kubelet", Some("1.31.2")),
            ("/nix/store/0c1f-kubernetes-1.31.2/bin/kubelet", Some("1.31.2")),
            ("/usr/local/bin/kubelet-v1.30.4", Some("v1.30.4")),
            ("/usr/bin/kubelet-1.30", Some("1.30")),
            ("/usr/bin/kubelet", None),
            ("/opt/1.2.3/bin/kubelet", None),
            ("/opt/v2.0.1/bin/kubelet", None),
            ("/opt/v1/bin/kubelet", None),
            ("/opt/v1.2.3/bin/kubelet", None),
            ("/opt/v1.x/bin/kubelet", None),
            ("/opt/kubernetes-/kubelet", None),
            ("", None),
        ];
        for (path, expected) in table {
            assert_eq!(of_path(path), expected, "{path}");
        }
    }

    #[test]
    fn a_program_is_part_of_a_snap() {
        let table = [
            ("/snap/microk8s/8121/kubelite", Some("/snap/microk8s/8121/meta/snap.yaml")),
            ("/snap/k8s/3412/bin/kubelet", Some("/snap/k8s/3412/meta/snap.yaml")),
            ("/snap/kubelet-eks/132/kubelet", Some("/snap/kubelet-eks/132/meta/snap.yaml")),
            (
                "/var/lib/snapd/snap/microk8s_two/x1/kubelite",
                Some("/var/lib/snapd/snap/microk8s_two/x1/meta/snap.yaml"),
            ),
            ("/snap/tools/1/kubelet", None),
            ("/snap/kubelet", None),
            ("/snap/kubelet/../kubelet", None),
            ("/home/x/snap/microk8s/1/kubelite", None),
        ];
        for (path, expected) in table {
            assert_eq!(snap_of(path).as_deref(), expected, "{path}");
        }
        for (text, expected) in [
            ("name: microk8s\nversion: v1.32.3\n", Some("v1.32.3")),
            ("version: '1.32.3'\n", Some("1.32.3")),
            ("summary: x\n  version: 1\n", None),
        ] {
            assert_eq!(version_of_snap(text), expected, "{text}");
        }
        let kept = excerpt("name: k8s\nversion: v1.32.3\nsummary: many words\n");
        assert_eq!(kept, b"version: v1.32.3\n");
    }
}
