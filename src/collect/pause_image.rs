//! The pause image on nodes where no argument of a kubelet names it: from containerd's configuration, and from the
//! arguments that kubeadm saves for the kubelet.
//!
//! Sources: <https://github.com/containerd/containerd/blob/main/docs/cri/config.md>, and kubeadm's `kubeadm-flags.env`.
//! From Kubernetes 1.35 on, the kubelet no longer has this argument.

use super::runtime::{NamedImage, pause_images};
use crate::component::{CommandLines, own};
use probe::{Excerpt, Form, Node};

use super::ask::content;

/// The file of arguments that kubeadm's unit for the kubelet reads.
const KUBEADM_FLAGS: &str = "/var/lib/kubelet/kubeadm-flags.env";
/// The argument in it.
const ARGUMENT: &str = own::PAUSE_IMAGE;
/// Returns the images that the files name, starting with the one that containerd uses.
pub(super) fn named(node: &dyn Node) -> Vec<NamedImage> {
    let mut found = pause_images(node);
    if let Some(content) = content(node, KUBEADM_FLAGS, &|| Excerpt::new(Form::Version, [ARGUMENT]))
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

/// Returns the excerpt of kubeadm's line of arguments.
pub(super) fn excerpt(bytes: &[u8], lines: &CommandLines<'_>) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let kept =
        of_flags(&text).map(|image| format!("KUBELET_KUBEADM_ARGS=\"{ARGUMENT}={}\"\n", lines.shown(ARGUMENT, image)));
    kept.unwrap_or_default().into_bytes()
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
}
