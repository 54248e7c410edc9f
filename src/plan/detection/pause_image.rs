//! The image of the pause container where no argument of a kubelet names it: what containerd is configured to use, and
//! what kubeadm has noted down for the kubelet.
//!
//! Sources: <https://github.com/containerd/containerd/blob/main/docs/cri/config.md>, and kubeadm's
//! `kubeadm-flags.env`. From Kubernetes 1.35 the kubelet has no such argument at all.

use std::ffi::OsStr;
use std::path::Path;

use crate::plan::place::matches;
use crate::probe::{Answer, FileKind, Location, Node, Observed, Question};

use super::content;

/// containerd's configuration.
const CONTAINERD: &str = "/etc/containerd/config.toml";
/// Where its parts lie that it takes in.
const CONTAINERD_PARTS: [&str; 2] = ["/etc/containerd/conf.d", "/etc/containerd/config.d"];
/// How many of them are read.
const MOST: usize = 64;
/// What kubeadm has the kubelet's unit read.
const KUBEADM_FLAGS: &str = "/var/lib/kubelet/kubeadm-flags.env";
/// The argument in it.
const ARGUMENT: &str = "--pod-infra-container-image";
/// The keys of containerd's configuration: those of its versions 2 and 3.
const KEYS: [&str; 2] = ["sandbox_image", "sandbox"];

/// An image that a file names.
pub(super) struct NamedImage {
    pub(super) image: String,
    /// What names it: `sandbox_image in /etc/containerd/config.toml`.
    pub(super) named_by: String,
}

/// The images that the files name, the part that containerd takes in last, first.
pub(super) fn named(node: &dyn Node) -> Vec<NamedImage> {
    let mut found = Vec::new();
    for path in parts(node).iter().rev().map(String::as_str).chain([CONTAINERD]) {
        let Some(content) = content(node, path) else { continue };
        if let Some((key, image)) = content.text().lines().find_map(of_containerd) {
            found.push(NamedImage { image: image.to_owned(), named_by: format!("{key} in {path}") });
        }
    }
    if let Some(content) = content(node, KUBEADM_FLAGS)
        && let Some(image) = of_flags(&content.text())
    {
        found.push(NamedImage { image: image.to_owned(), named_by: format!("{ARGUMENT} in {KUBEADM_FLAGS}") });
    }
    found
}

/// The paths of the parts of containerd's configuration.
fn parts(node: &dyn Node) -> Vec<String> {
    let mut parts = Vec::new();
    for directory in CONTAINERD_PARTS {
        let Observed::Present(Answer::Entries(mut entries)) = node.ask(&Question::Directory(Location::node(directory)))
        else {
            continue;
        };
        entries.sort();
        let is_part = |name: &OsStr, kind| kind == FileKind::File && matches("*.toml", name);
        let entries = entries.iter().filter(|entry| is_part(&entry.name, entry.kind));
        parts.extend(entries.filter_map(|entry| Some(format!("{directory}/{}", entry.name.to_str()?))));
    }
    parts.truncate(MOST);
    parts
}

/// The image that a line of containerd's configuration names, and its key.
fn of_containerd(line: &str) -> Option<(&'static str, &str)> {
    let (key, value) = line.split_once('=')?;
    let key = KEYS.into_iter().find(|known| key.trim() == *known)?;
    let value = value.trim();
    let quote = value.chars().next().filter(|first| ['"', '\''].contains(first))?;
    let image = value.get(1..)?.split(quote).next()?;
    (!image.is_empty()).then_some((key, image))
}

/// The image in kubeadm's line of arguments.
fn of_flags(text: &str) -> Option<&str> {
    text.lines().filter(|line| !line.trim_start().starts_with('#')).find_map(|line| {
        let (_, rest) = line.split_once(ARGUMENT)?;
        let rest = rest.strip_prefix(['=', ' '])?;
        rest.split(|letter: char| letter.is_whitespace() || ['"', '\''].contains(&letter)).next()
    })
}

/// What of a file's content is needed here, where that is not the whole: containerd's configuration may hold the
/// passwords of registries.
pub(super) fn essential(location: &Location, bytes: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(bytes);
    if location.path == Path::new(KUBEADM_FLAGS) {
        let kept = of_flags(&text).map(|image| format!("KUBELET_KUBEADM_ARGS=\"{ARGUMENT}={image}\"\n"));
        return Some(kept.unwrap_or_default().into_bytes());
    }
    let is_part = CONTAINERD_PARTS.iter().any(|directory| location.path.parent() == Some(Path::new(directory)));
    (is_part || location.path == Path::new(CONTAINERD)).then(|| {
        let kept = text.lines().find_map(of_containerd).map(|(key, image)| format!("{key} = {image:?}\n"));
        kept.unwrap_or_default().into_bytes()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containerd_names_the_image_in_either_version() {
        let table = [
            ("    sandbox_image = \"registry.k8s.io/pause:3.8\"", Some(("sandbox_image", "registry.k8s.io/pause:3.8"))),
            ("sandbox='x/pause:3.10' # as it is", Some(("sandbox", "x/pause:3.10"))),
            ("# sandbox_image = \"x\"", None),
            ("sandbox_image = \"\"", None),
            ("sandbox_image = x", None),
            ("sandboxer = \"podsandbox\"", None),
            ("sandbox_image", None),
        ];
        for (line, expected) in table {
            assert_eq!(of_containerd(line), expected, "{line}");
        }
    }

    #[test]
    fn kubeadm_notes_the_image_down() {
        let table = [
            (
                "KUBELET_KUBEADM_ARGS=\"--node-ip=10.0.0.1 --pod-infra-container-image=x/pause:3.9\"\n",
                Some("x/pause:3.9"),
            ),
            ("KUBELET_KUBEADM_ARGS='--pod-infra-container-image x/pause:3.9 --v=2'", Some("x/pause:3.9")),
            ("# --pod-infra-container-image=x", None),
            ("KUBELET_KUBEADM_ARGS=\"\"", None),
        ];
        for (text, expected) in table {
            assert_eq!(of_flags(text), expected, "{text}");
        }
    }

    #[test]
    fn no_more_is_kept_than_the_image() {
        let kept = |path: &str, text: &str| {
            essential(&Location::node(path), text.as_bytes()).map(|kept| String::from_utf8_lossy(&kept).into_owned())
        };
        let text = "version = 2\n[plugins.x.registry.configs.y.auth]\n  password = \"p\"\n[plugins.x]\n  sandbox_image = \"a/b\"\n";
        assert_eq!(kept(CONTAINERD, text).as_deref(), Some("sandbox_image = \"a/b\"\n"));
        assert_eq!(kept("/etc/containerd/conf.d/auth.toml", "password = \"p\"\n").as_deref(), Some(""));
        let flags = "KUBELET_KUBEADM_ARGS=\"--token=t --pod-infra-container-image=a/b\"\n";
        let expected = "KUBELET_KUBEADM_ARGS=\"--pod-infra-container-image=a/b\"\n";
        assert_eq!(kept(KUBEADM_FLAGS, flags).as_deref(), Some(expected));
        assert_eq!(kept(KUBEADM_FLAGS, expected).as_deref(), Some(expected));
        assert_eq!(kept("/etc/containerd/other", "x"), None);
    }
}
