//! EKS on Amazon Linux, and Bottlerocket, on which EKS or EKS Anywhere runs.

use crate::collect::ask::is_there;
use crate::collect::layout::builds::{self, is_eks};
use crate::collect::layout::signs::Signs;
use crate::component::{Instance, Reading, own};
use definitions::benchmark::Platform;

use super::detected::{DetectedPlatform, said};

/// kubeadm's directory on Bottlerocket.
const KUBEADM_ON_BOTTLEROCKET: &str = "/var/lib/kubeadm";
/// Where EKS puts the kubelet's kubeconfig. Other platforms use this path too.
pub(super) const EKS_KUBECONFIG: &str = "/var/lib/kubelet/kubeconfig";
/// The kubelet's configuration on EKS with Amazon Linux 2.
const AL2_CONFIG: &str = "/etc/kubernetes/kubelet/kubelet-config.json";
/// The kubelet's configuration on EKS with Amazon Linux 2023, which has drop-ins next to it.
const AL2023_CONFIG: &str = "/etc/kubernetes/kubelet/config.json";

const NO_CONTROL_PLANE: &str = "no control plane component is present: EKS keeps it";

impl Signs<'_> {
    /// Bottlerocket: EKS Anywhere if there is a control plane, a sign of kubeadm or EKS Distro, or a variant that is
    /// not for AWS; otherwise EKS if there is a sign of it.
    pub(super) fn bottlerocket(&self) -> Option<DetectedPlatform> {
        let os = self.os.as_ref()?;
        let signs = builds::signs(self.inventory);
        let for_eks = os
            .variant
            .starts_with("aws-k8s-")
            .then(|| format!("VARIANT_ID={} in {} is a variant for EKS", os.variant, os.path));
        let anywhere = [
            self.control_plane(),
            is_there(self.node, KUBEADM_ON_BOTTLEROCKET)
                .then(|| format!("{KUBEADM_ON_BOTTLEROCKET} exists, which kubeadm leaves on Bottlerocket")),
            ["vmware-k8s-", "metal-k8s-"]
                .iter()
                .any(|start| os.variant.starts_with(start))
                .then(|| format!("VARIANT_ID={} in {} is a variant for machines outside AWS", os.variant, os.path)),
            signs.iter().find(|sign| sign.is_distro).map(|sign| sign.said.clone()),
        ];
        let anywhere: Vec<String> = anywhere.into_iter().flatten().collect();
        if !anywhere.is_empty() {
            let evidence = self.os_sentence().into_iter().chain(anywhere).collect();
            let contrary = for_eks.into_iter().chain(said(&signs, false)).collect();
            let detected = self.detected(Platform::EksAnywhereBottlerocket, evidence);
            return Some(DetectedPlatform { contrary, ..detected });
        }
        let eks: Vec<String> = for_eks.into_iter().chain(self.eks_signs()).collect();
        (!eks.is_empty()).then(|| {
            let evidence = self.os_sentence().into_iter().chain(eks).chain([NO_CONTROL_PLANE.to_owned()]).collect();
            self.detected(Platform::EksBottlerocket, evidence)
        })
    }

    fn pause_images(&self) -> impl Iterator<Item = (i32, &str)> {
        self.kubelets().filter_map(|kubelet| Some((kubelet.pid, kubelet.arguments.last(own::PAUSE_IMAGE)?)))
    }

    fn proxy_images(&self) -> impl Iterator<Item = (i32, &str)> {
        let proxies = self.inventory.of("proxy").iter();
        proxies.filter_map(|proxy| Some((proxy.pid, self.inventory.image_of(proxy)?.image)))
    }

    /// A managed node on Amazon Linux, or on another system that is set up in the same way.
    pub(super) fn eks(&self) -> Option<DetectedPlatform> {
        if self.control_plane().is_some() {
            return None;
        }
        let signs = self.eks_signs();
        if signs.is_empty() {
            return None;
        }
        let config = self.kubelets().find_map(|kubelet| kubelet.arguments.last(own::CONFIG));
        let is_config = |path: &str| config.map_or_else(|| is_there(self.node, path), |config| config == path);
        let system = self.os.as_ref().filter(|os| os.id == "amzn").map_or("", |os| os.version.as_str());
        let (platform, by) = if is_config(AL2_CONFIG) {
            (Platform::EksAl2, Some(format!("the kubelet's configuration is {AL2_CONFIG}, as on Amazon Linux 2")))
        } else if is_config(AL2023_CONFIG) {
            (
                Platform::EksAl2023,
                Some(format!("the kubelet's configuration is {AL2023_CONFIG}, as written by nodeadm")),
            )
        } else if system == "2" {
            (Platform::EksAl2, None)
        } else {
            (Platform::EksAl2023, None)
        };
        let evidence =
            signs.into_iter().chain(by).chain(self.os_sentence()).chain([NO_CONTROL_PLANE.to_owned()]).collect();
        Some(self.detected(platform, evidence))
    }

    /// The signs that only EKS leaves on a node. The path of the kubeconfig alone is not one, since other platforms use
    /// it too.
    pub(super) fn eks_signs(&self) -> Vec<String> {
        let mut signs = Vec::new();
        for kubelet in self.kubelets() {
            let named = |flag: &str| kubelet.arguments.last(flag).unwrap_or_default();
            let config = named(own::CONFIG);
            if named(own::KUBECONFIG) == EKS_KUBECONFIG && [AL2_CONFIG, AL2023_CONFIG].contains(&config) {
                signs.push(format!(
                    "kubelet (process {}) has its kubeconfig at {EKS_KUBECONFIG} and its configuration at {config}, as EKS \
                     has them",
                    kubelet.pid
                ));
            }
            if named(own::NODE_LABELS).split(',').any(|label| label.starts_with("eks.amazonaws.com/")) {
                signs.push(format!("kubelet (process {}) sets node labels of eks.amazonaws.com", kubelet.pid));
            }
            if named(own::IMAGE_CREDENTIALS).starts_with("/etc/eks/") {
                signs.push(format!("kubelet (process {}) gets its image credentials from /etc/eks", kubelet.pid));
            }
            if let Some(provider) = self.provider(kubelet)
                && !signs.is_empty()
            {
                signs.push(format!("kubelet (process {}) has the provider id {provider}", kubelet.pid));
            }
        }
        if self.kubelets().next().is_none() && is_there(self.node, EKS_KUBECONFIG) {
            let config = [AL2_CONFIG, AL2023_CONFIG].into_iter().find(|config| is_there(self.node, config));
            signs.extend(config.map(|config| format!("{EKS_KUBECONFIG} and {config} exist, as on EKS")));
        }
        let image = self.pause_images().map(|(_, image)| image).find(|image| is_eks(image));
        let image = image.or_else(|| self.proxy_images().map(|(_, image)| image).find(|image| is_eks(image)));
        signs.extend(image.map(|image| format!("image {image} is one of EKS's own")));
        signs
    }

    /// The provider ID if it is one of AWS, such as `aws:///us-east-1a/i-0123456789abcdef0`.
    fn provider(&self, kubelet: &Instance) -> Option<String> {
        let setting = own::PROVIDER.setting();
        match kubelet.read(&setting, self.inventory.library.components.get("kubelet")?) {
            Reading::Set { given, .. } => Some(given.text()).filter(|id| id.starts_with("aws:///")),
            Reading::Unset(_) | Reading::Unknown(_) => None,
        }
    }
}
