//! Whose builds of Kubernetes a node runs, as shown by the images that it names. EKS Anywhere uses those of EKS Distro.

use super::super::inventory::Inventory;
use super::super::pause_image;
use super::super::static_pod::{StaticPod, image_tag};
use crate::component::own;
use probe::Node;

/// The evidence of one image for whose builds a node runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sign {
    /// Whether it is from EKS Distro; otherwise it is another build.
    pub(crate) is_distro: bool,
    /// The image, what names it, and what it is, as a sentence.
    pub(crate) said: String,
}

/// The components whose images show the build even if it is not EKS Distro's.
const OF_RELEASE: [&str; 4] = ["apiserver", "controller-manager", "scheduler", "proxy"];

/// Returns the evidence of the images of the node's own components, strongest first: static pods whose component is
/// running, a kubelet's argument, a running kube-proxy, static pods whose component is not running.
pub(crate) fn signs(inventory: &Inventory<'_>) -> Vec<Sign> {
    let runs = |pod: &&StaticPod| pod.component.as_ref().is_some_and(|component| !inventory.of(component).is_empty());
    let (running, stopped): (Vec<&StaticPod>, Vec<&StaticPod>) =
        inventory.static_pods.containers.iter().filter(|pod| pod.component.is_some()).partition(runs);
    let of_pod = |pod: &StaticPod| {
        let component = pod.component.as_deref().unwrap_or_default();
        of_component(component, &pod.image, || format!("image {} in {}", pod.image, pod.manifest))
    };
    let of_kubelets = inventory.of("kubelet").iter().filter_map(|kubelet| {
        let image = kubelet.arguments.last(own::PAUSE_IMAGE)?;
        of_pause(image, || format!("{} of kubelet (process {})", own::PAUSE_IMAGE, kubelet.pid))
    });
    let of_proxies = inventory.of("proxy").iter().filter_map(|proxy| {
        let image = inventory.image_of(proxy)?.image;
        of_component("proxy", image, || format!("image {image} of kube-proxy (process {})", proxy.pid))
    });
    let running = running.into_iter().filter_map(of_pod);
    running.chain(of_kubelets).chain(of_proxies).chain(stopped.into_iter().filter_map(of_pod)).collect()
}

/// Returns the evidence of files that name the pause image. Images for EKS may contain such files too, so they count
/// only together with kubeadm's layout.
pub(crate) fn configured(node: &dyn Node) -> Option<Sign> {
    pause_image::named(node).into_iter().find_map(|named| of_pause(&named.image, || named.named_by.clone()))
}

/// The evidence of a component's image; `None` if its tag does not show the build.
fn of_component(component: &str, image: &str, named: impl FnOnce() -> String) -> Option<Sign> {
    let is_distro = is_eks_distro(image);
    let of_others = OF_RELEASE.contains(&component) && image_tag(image).is_some_and(is_release_of_others);
    let is = if is_distro { "is from EKS Distro" } else { "is not from EKS Distro" };
    (is_distro || of_others).then(|| Sign { is_distro, said: format!("{} {is}", named()) })
}

/// The evidence of a pause image. It can only show EKS Distro, since any image may be used instead.
fn of_pause(image: &str, named_by: impl FnOnce() -> String) -> Option<Sign> {
    is_eks_distro(image).then(|| Sign { is_distro: true, said: format!("{} is {image}, of EKS Distro", named_by()) })
}

/// Whether a tag is that of a release not built by AWS: `v1.32.4`, unlike `v1.32.3-eks-473151a`.
fn is_release_of_others(tag: &str) -> bool {
    tag.strip_prefix('v').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
        && !tag.contains("-eks")
}

/// Whether an image is from EKS Distro, whatever registry it was pulled from: `…/eks-distro/…`, or a tag such as
/// `v1.32.4-eks-1-32-14`. EKS's own tags end in `eksbuild.2`, and the versions of its kubelets in a digest:
/// `-eks-473151a`.
fn is_eks_distro(image: &str) -> bool {
    let release = |tag: &str| {
        let Some((_, release)) = tag.split_once("-eks-") else { return false };
        let parts: Vec<&str> = release.split('-').collect();
        parts.len() >= 3
            && parts.iter().take(3).all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit()))
    };
    image.split('/').any(|part| part == "eks-distro") || image_tag(image).is_some_and(release)
}

/// Whether an image is one of EKS: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/eks/kube-proxy:v1.32.3-minimal-eksbuild.2`.
pub(crate) fn is_eks(image: &str) -> bool {
    let mut parts = image.split('/');
    let registry = parts.next().unwrap_or_default();
    let is_ecr = registry.contains(".dkr.ecr") && registry.contains(".amazonaws.com");
    is_ecr && parts.next() == Some("eks")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_of_eks_distro_and_of_eks_are_told_apart() {
        let table = [
            ("public.ecr.aws/eks-distro/kubernetes/kube-proxy:v1.32.4-eks-1-32-14", true, false),
            ("10.0.0.1:443/mirror/kube-apiserver:v1.21.14-eks-1-21-9@sha256:aa", true, false),
            ("10.0.0.1:443/eks-anywhere/eks-distro/kubernetes/pause:3.10", true, false),
            ("602401143452.dkr.ecr.us-east-1.amazonaws.com/eks/kube-proxy:v1.32.3-minimal-eksbuild.2", false, true),
            ("918309763551.dkr.ecr.cn-north-1.amazonaws.com.cn/eks/pause:3.5", false, true),
            (
                "123456789012.dkr.ecr.us-east-1.amazonaws.com/eks-distro-not/kube-proxy:v1.32.3-eks-473151a",
                false,
                false,
            ),
            ("registry.k8s.io/kube-proxy:v1.32.4", false, false),
            ("example.com/eks/kube-proxy:v1.32.4", false, false),
            ("", false, false),
        ];
        for (image, distro, eks) in table {
            assert_eq!((is_eks_distro(image), is_eks(image)), (distro, eks), "{image}");
        }
    }

    #[test]
    fn only_a_release_of_others_speaks_against_eks_distro() {
        let table = [
            ("apiserver", "registry.k8s.io/kube-apiserver:v1.32.4", Some(false)),
            ("proxy", "10.0.0.1:443/m/kube-proxy:v1.31.7-1", Some(false)),
            ("proxy", "public.ecr.aws/eks-distro/kubernetes/kube-proxy:v1.32.4-eks-1-32-14", Some(true)),
            ("etcd", "public.ecr.aws/eks-distro/etcd-io/etcd:v3.5.16-eks-1-30-28", Some(true)),
            // These do not show the build.
            ("proxy", "10.0.0.1:443/m/kube-proxy:v1.32.3-eks-473151a", None),
            ("proxy", "602401143452.dkr.ecr.us-east-1.amazonaws.com/eks/kube-proxy:v1.32.3-minimal-eksbuild.2", None),
            ("proxy", "10.0.0.1:443/m/kube-proxy@sha256:aa", None),
            ("proxy", "10.0.0.1:443/m/kube-proxy:latest", None),
            // Has version numbers of its own.
            ("etcd", "registry.k8s.io/etcd:v3.5.21", None),
        ];
        for (component, image, expected) in table {
            let found = of_component(component, image, || image.to_owned()).map(|sign| sign.is_distro);
            assert_eq!(found, expected, "{component} {image}");
        }
        assert_eq!(of_pause("registry.k8s.io/pause:v3.10", String::new), None);
    }
}
