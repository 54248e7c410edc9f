//! The image of the pause container where no argument of a kubelet names it: what containerd is configured to use, and
//! what kubeadm has noted down for the kubelet.
//!
//! Sources: <https://github.com/containerd/containerd/blob/main/docs/cri/config.md>, and kubeadm's
//! `kubeadm-flags.env`. From Kubernetes 1.35 the kubelet has no such argument at all.

use std::path::Path;

use super::runtime::{NamedImage, pause_images};
use probe::{Location, Node};

use super::ask::content;

/// What kubeadm has the kubelet's unit read.
const KUBEADM_FLAGS: &str = "/var/lib/kubelet/kubeadm-flags.env";
/// The argument in it.
const ARGUMENT: &str = "--pod-infra-container-image";
/// The images that the files name, the one that containerd uses first.
pub(super) fn named(node: &dyn Node) -> Vec<NamedImage> {
    let mut found = pause_images(node);
    if let Some(content) = content(node, KUBEADM_FLAGS)
        && let Some(image) = of_flags(&content.text())
    {
        found.push(NamedImage { image: image.to_owned(), named_by: format!("{ARGUMENT} in {KUBEADM_FLAGS}") });
    }
    found
}

/// The image in kubeadm's line of arguments.
fn of_flags(text: &str) -> Option<&str> {
    text.lines().filter(|line| !line.trim_start().starts_with('#')).find_map(|line| {
        let (_, rest) = line.split_once(ARGUMENT)?;
        let rest = rest.strip_prefix(['=', ' '])?;
        rest.split(|letter: char| letter.is_whitespace() || ['"', '\''].contains(&letter)).next()
    })
}

/// What of a file's content is needed here, where that is not the whole.
pub(super) fn essential(location: &Location, bytes: &[u8]) -> Option<Vec<u8>> {
    (location.path == Path::new(KUBEADM_FLAGS)).then(|| {
        let text = String::from_utf8_lossy(bytes);
        let kept = of_flags(&text).map(|image| format!("KUBELET_KUBEADM_ARGS=\"{ARGUMENT}={image}\"\n"));
        kept.unwrap_or_default().into_bytes()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let flags = "KUBELET_KUBEADM_ARGS=\"--token=t --pod-infra-container-image=a/b\"\n";
        let expected = "KUBELET_KUBEADM_ARGS=\"--pod-infra-container-image=a/b\"\n";
        assert_eq!(kept(KUBEADM_FLAGS, flags).as_deref(), Some(expected));
        assert_eq!(kept(KUBEADM_FLAGS, expected).as_deref(), Some(expected));
        assert_eq!(kept("/etc/kubernetes/other", "x"), None);
    }
}
