//! How a node was put together.
//!
//! Sources of the signs: kubeadm's own layout; for EKS Anywhere its cluster templates and its images, which are EKS
//! Distro's; for EKS the bootstrap of its images for Amazon Linux 2, nodeadm for Amazon Linux 2023, and Bottlerocket's
//! templates.

use crate::benchmark::{Platform, Setting};
use crate::component::{Instance, Origin, Reading};
use crate::plan::census::{Census, Presence};
use crate::probe::{Node, Observed, Question};

use super::builds::{self, Sign, is_eks};
use super::is_there;
use super::os_release::{self, OsRelease};
use super::roles::presence;
use super::version::{DetectedVersion, image_of};

/// The platform of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectedPlatform {
    /// Which.
    pub platform: Platform,
    /// What speaks for it, in sentences; never empty.
    pub evidence: Vec<String>,
    /// What speaks for another platform, in sentences.
    pub contrary: Vec<String>,
    /// What would speak for another one if the version told that this is EKS Anywhere.
    contrary_to_eks_anywhere: Vec<String>,
    /// Whether a kubelet or a component of the control plane runs; else files alone tell the platform.
    is_running: bool,
}

impl DetectedPlatform {
    const fn new(platform: Platform, evidence: Vec<String>, is_running: bool) -> Self {
        Self { platform, evidence, contrary: Vec::new(), contrary_to_eks_anywhere: Vec::new(), is_running }
    }

    /// Why no profile follows from the platform without being asked for; none where one does.
    pub fn doubt(&self) -> Option<&'static str> {
        match (self.is_running, self.contrary.is_empty()) {
            (_, false) => Some("the evidence disagrees"),
            (false, true) => Some("neither a kubelet nor a component of the control plane runs"),
            (true, true) => None,
        }
    }
}

/// Where kubeadm puts the kubelet's kubeconfig.
const KUBEADM_KUBECONFIG: &str = "/etc/kubernetes/kubelet.conf";
/// The kubeconfig with which kubeadm's kubelets join.
const KUBEADM_BOOTSTRAP: &str = "/etc/kubernetes/bootstrap-kubelet.conf";
/// What kubeadm keeps on Bottlerocket.
const KUBEADM_ON_BOTTLEROCKET: &str = "/var/lib/kubeadm";
/// Where EKS puts the kubelet's kubeconfig, and others do too.
const EKS_KUBECONFIG: &str = "/var/lib/kubelet/kubeconfig";
/// The kubelet's configuration on EKS with Amazon Linux 2.
const AL2_CONFIG: &str = "/etc/kubernetes/kubelet/kubelet-config.json";
/// The same with Amazon Linux 2023, where drop-ins lie beside it.
const AL2023_CONFIG: &str = "/etc/kubernetes/kubelet/config.json";

/// The components of a control plane; etcd is none of them.
const CONTROL_PLANE: [&str; 3] = ["apiserver", "controller-manager", "scheduler"];

/// Kubernetes' components on a node; etcd is none of them.
const KUBERNETES: [&str; 5] = ["apiserver", "controller-manager", "scheduler", "kubelet", "proxy"];

/// Finds out how a node was put together; none where nothing of Kubernetes or etcd is on it.
///
/// A local control plane or kubeadm's layout speak against EKS, whatever else there is: EKS Anywhere reports versions
/// that look like those of EKS.
pub fn platform(node: &dyn Node, census: &Census<'_>) -> Option<DetectedPlatform> {
    let signs = Signs { node, census, os: os_release::read(node) };
    let etcd = presence(census, "etcd");
    let components: Vec<String> = KUBERNETES.iter().filter_map(|key| presence(census, key)).collect();
    if etcd.is_none() && components.is_empty() {
        return None;
    }
    if let Some(found) = etcd.as_ref().and_then(|etcd| signs.machine_for_etcd(etcd)) {
        return Some(found);
    }
    if let Some(found) = signs.standalone() {
        return Some(found);
    }
    let found = if signs.is_bottlerocket() { signs.bottlerocket() } else { signs.kubeadm().or_else(|| signs.eks()) };
    found.or_else(|| {
        let evidence = components.into_iter().chain(etcd).chain(signs.os_sentence());
        let nothing = "neither kubeadm's nor EKS's layout is here".to_owned();
        Some(signs.detected(Platform::SelfManaged, evidence.chain([nothing]).collect()))
    })
}

/// What a platform is once the version is known: kubeadm's layout with a build of AWS is EKS Anywhere, whoever tells it.
pub fn with_version(detected: DetectedPlatform, version: &DetectedVersion) -> DetectedPlatform {
    if detected.platform != Platform::Kubeadm || !version.spelt.contains("-eks-") {
        return detected;
    }
    let said = format!("{} is a build of EKS Distro ({})", version.spelt, version.evidence);
    let DetectedPlatform { mut evidence, contrary_to_eks_anywhere: contrary, is_running, .. } = detected;
    evidence.insert(1.min(evidence.len()), said);
    DetectedPlatform { contrary, ..DetectedPlatform::new(Platform::EksAnywhere, evidence, is_running) }
}

/// What is asked of a node for its platform.
struct Signs<'a> {
    node: &'a dyn Node,
    census: &'a Census<'a>,
    os: Option<OsRelease>,
}

impl Signs<'_> {
    fn detected(&self, platform: Platform, evidence: Vec<String>) -> DetectedPlatform {
        let runs = |key: &&str| !self.census.of(key).is_empty();
        DetectedPlatform::new(platform, evidence, runs(&"kubelet") || CONTROL_PLANE.iter().any(runs))
    }

    fn kubelets(&self) -> &[Instance] {
        self.census.of("kubelet")
    }

    /// What a control plane here is seen by.
    fn control_plane(&self) -> Option<String> {
        CONTROL_PLANE.iter().find_map(|key| presence(self.census, key))
    }

    fn is_bottlerocket(&self) -> bool {
        self.os.as_ref().is_some_and(|os| os.id == "bottlerocket")
    }

    fn os_sentence(&self) -> Option<String> {
        let OsRelease { path, id, version, variant, .. } = self.os.as_ref()?;
        let said = [("ID", id), ("VARIANT_ID", variant), ("VERSION_ID", version)]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| format!("{key}={value}"))
            .collect::<Vec<_>>();
        (!said.is_empty()).then(|| format!("{} in {path}", said.join(", ")))
    }

    /// That the kubelets belong to no cluster, where they do not.
    fn without_cluster(&self) -> Option<String> {
        let belongs = |kubelet: &Instance| {
            ["--kubeconfig", "--bootstrap-kubeconfig"]
                .iter()
                .any(|flag| kubelet.arguments.last(flag).is_some_and(|path| !path.is_empty()))
        };
        let kubelet = self.kubelets().first()?;
        (!self.kubelets().iter().any(belongs))
            .then(|| format!("kubelet (process {}) has no --kubeconfig, so it belongs to no cluster", kubelet.pid))
    }

    /// That the kubelets have joined no cluster, where that is sure: they are meant to, but the files that would let them
    /// are not there. Images for nodes start such a kubelet, which ends at once and is started again.
    fn not_joined(&self) -> Option<String> {
        let mut missing = Vec::new();
        for kubelet in self.kubelets() {
            let component = self.census.library.components.get(&kubelet.component)?;
            for flag in ["--kubeconfig", "--bootstrap-kubeconfig"] {
                let Some(path) = kubelet.arguments.last(flag).filter(|path| !path.is_empty()) else { continue };
                let location = kubelet.locate(path, &Origin::Argument(flag.to_owned()), component).ok()?;
                if self.node.ask(&Question::Metadata(location)) != Observed::Absent {
                    return None;
                }
                missing.push(path.to_owned());
            }
        }
        let kubelet = self.kubelets().first()?;
        Some(format!("kubelet (process {}) has joined no cluster: not there: {}", kubelet.pid, missing.join(", ")))
    }

    /// etcd, and no component that works for a cluster. Images for nodes often hold a kubelet that no cluster has.
    fn machine_for_etcd(&self, etcd: &str) -> Option<DetectedPlatform> {
        let census = self.census;
        if self.control_plane().is_some() || presence(census, "proxy").is_some() {
            return None;
        }
        let kubelet = match census.presence.get("kubelet") {
            Some(Presence::Running) => self.without_cluster().or_else(|| self.not_joined())?,
            Some(Presence::Installed(path)) => {
                let has_joined = [KUBEADM_KUBECONFIG, KUBEADM_BOOTSTRAP, EKS_KUBECONFIG]
                    .iter()
                    .any(|kubeconfig| is_there(self.node, kubeconfig));
                if has_joined {
                    return None;
                }
                let runs = if census.unlisted.is_some() { "may run" } else { "does not run" };
                format!("kubelet {runs} and has no kubeconfig, though {path} is there")
            }
            Some(Presence::Embedded(_) | Presence::Unknown(_)) => return None,
            Some(Presence::Absent) | None => "no kubelet is here".to_owned(),
        };
        let evidence = [etcd.to_owned(), "no component of a control plane is here".to_owned(), kubelet];
        let evidence = evidence.into_iter().chain(self.os_sentence()).collect();
        Some(self.detected(Platform::ExternalEtcd, evidence))
    }

    /// A kubelet without a cluster, and without one that it runs itself.
    fn standalone(&self) -> Option<DetectedPlatform> {
        if self.control_plane().is_some() {
            return None;
        }
        let evidence = [self.without_cluster()?, "no component of a control plane is here".to_owned()];
        Some(self.detected(Platform::StandaloneKubelet, evidence.to_vec()))
    }

    /// Bottlerocket: EKS Anywhere where kubeadm has been at work or the variant is not for AWS, else EKS.
    fn bottlerocket(&self) -> Option<DetectedPlatform> {
        let os = self.os.as_ref()?;
        let signs = builds::signs(self.census);
        let for_eks = os
            .variant
            .starts_with("aws-k8s-")
            .then(|| format!("VARIANT_ID={} in {} is a variant for EKS", os.variant, os.path));
        let anywhere = [
            self.control_plane(),
            is_there(self.node, KUBEADM_ON_BOTTLEROCKET)
                .then(|| format!("{KUBEADM_ON_BOTTLEROCKET} is there, which kubeadm leaves on Bottlerocket")),
            ["vmware-k8s-", "metal-k8s-"]
                .iter()
                .any(|start| os.variant.starts_with(start))
                .then(|| format!("VARIANT_ID={} in {} is a variant for machines outside of AWS", os.variant, os.path)),
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

    /// kubeadm's layout; with images of EKS Distro it is EKS Anywhere's. The strongest image decides, and what others
    /// say against it is kept. The version may tell that too: see [`with_version`].
    fn kubeadm(&self) -> Option<DetectedPlatform> {
        let layout = self.kubeadm_layout()?;
        let mut signs = builds::signs(self.census);
        signs.extend(builds::configured(self.node));
        let decisive = signs.first().filter(|sign| sign.is_distro).map(|sign| sign.said.clone());
        let platform = if decisive.is_some() { Platform::EksAnywhere } else { Platform::Kubeadm };
        let of_eks = if self.control_plane().is_none() { self.eks_signs() } else { Vec::new() };
        let contrary = said(&signs, decisive.is_none()).chain(of_eks.iter().cloned()).collect();
        let contrary_to_eks_anywhere = said(&signs, false).chain(of_eks).collect();
        let evidence = [layout].into_iter().chain(decisive).chain(self.os_sentence()).collect();
        Some(DetectedPlatform { contrary, contrary_to_eks_anywhere, ..self.detected(platform, evidence) })
    }

    fn kubeadm_layout(&self) -> Option<String> {
        for kubelet in self.kubelets() {
            for (flag, place) in [("--kubeconfig", KUBEADM_KUBECONFIG), ("--bootstrap-kubeconfig", KUBEADM_BOOTSTRAP)] {
                if kubelet.arguments.last(flag) == Some(place) {
                    return Some(format!("{flag} of kubelet (process {}) is {place}, as kubeadm has it", kubelet.pid));
                }
            }
        }
        if !self.kubelets().is_empty() {
            return None;
        }
        // Nothing runs that could say it: what lies there must.
        [KUBEADM_KUBECONFIG, "/etc/kubernetes/admin.conf"]
            .iter()
            .find(|path| is_there(self.node, path))
            .map(|path| format!("{path} is there, where kubeadm puts it"))
    }

    fn pause_images(&self) -> impl Iterator<Item = (i32, &str)> {
        self.kubelets()
            .iter()
            .filter_map(|kubelet| Some((kubelet.pid, kubelet.arguments.last("--pod-infra-container-image")?)))
    }

    fn proxy_images(&self) -> impl Iterator<Item = (i32, &str)> {
        let proxies = self.census.of("proxy").iter();
        proxies.filter_map(|proxy| Some((proxy.pid, image_of(self.census, proxy)?.image)))
    }

    /// A managed node on Amazon Linux, or on another system that is set up in the same way.
    fn eks(&self) -> Option<DetectedPlatform> {
        if self.control_plane().is_some() {
            return None;
        }
        let signs = self.eks_signs();
        if signs.is_empty() {
            return None;
        }
        let config = self.kubelets().iter().find_map(|kubelet| kubelet.arguments.last("--config"));
        let is_config = |path: &str| config.map_or_else(|| is_there(self.node, path), |config| config == path);
        let system = self.os.as_ref().filter(|os| os.id == "amzn").map_or("", |os| os.version.as_str());
        let (platform, by) = if is_config(AL2_CONFIG) {
            (Platform::EksAl2, Some(format!("the kubelet's configuration is {AL2_CONFIG}, as on Amazon Linux 2")))
        } else if is_config(AL2023_CONFIG) {
            (Platform::EksAl2023, Some(format!("the kubelet's configuration is {AL2023_CONFIG}, as nodeadm has it")))
        } else if system == "2" {
            (Platform::EksAl2, None)
        } else {
            (Platform::EksAl2023, None)
        };
        let evidence =
            signs.into_iter().chain(by).chain(self.os_sentence()).chain([NO_CONTROL_PLANE.to_owned()]).collect();
        Some(self.detected(platform, evidence))
    }

    /// What only EKS leaves on a node. Its kubeconfig's place alone is none: others use it too.
    fn eks_signs(&self) -> Vec<String> {
        let mut signs = Vec::new();
        for kubelet in self.kubelets() {
            let named = |flag: &str| kubelet.arguments.last(flag).unwrap_or_default();
            let config = named("--config");
            if named("--kubeconfig") == EKS_KUBECONFIG && [AL2_CONFIG, AL2023_CONFIG].contains(&config) {
                signs.push(format!(
                    "kubelet (process {}) has its kubeconfig at {EKS_KUBECONFIG} and its configuration at {config}, as EKS \
                     has them",
                    kubelet.pid
                ));
            }
            if named("--node-labels").split(',').any(|label| label.starts_with("eks.amazonaws.com/")) {
                signs.push(format!("kubelet (process {}) gives its node labels of eks.amazonaws.com", kubelet.pid));
            }
            if named("--image-credential-provider-config").starts_with("/etc/eks/") {
                signs.push(format!("kubelet (process {}) has its image credentials from /etc/eks", kubelet.pid));
            }
            if let Some(provider) = self.provider(kubelet)
                && !signs.is_empty()
            {
                signs.push(format!("kubelet (process {}) has the provider id {provider}", kubelet.pid));
            }
        }
        if self.kubelets().is_empty() && is_there(self.node, EKS_KUBECONFIG) {
            let config = [AL2_CONFIG, AL2023_CONFIG].into_iter().find(|config| is_there(self.node, config));
            signs.extend(config.map(|config| format!("{EKS_KUBECONFIG} and {config} are there, as EKS has them")));
        }
        let image = self.pause_images().map(|(_, image)| image).find(|image| is_eks(image));
        let image = image.or_else(|| self.proxy_images().map(|(_, image)| image).find(|image| is_eks(image)));
        signs.extend(image.map(|image| format!("image {image} is one of EKS's own")));
        signs
    }

    /// A provider id of AWS, such as `aws:///us-east-1a/i-0123456789abcdef0`.
    fn provider(&self, kubelet: &Instance) -> Option<String> {
        let setting = Setting {
            flag: Some("--provider-id".to_owned()),
            key: Some("providerID".to_owned()),
            entry: None,
            file: None,
        };
        match kubelet.read(&setting, self.census.library.components.get("kubelet")?) {
            Reading::Set { given, .. } => Some(given.text()).filter(|id| id.starts_with("aws:///")),
            Reading::Unset(_) | Reading::Unknown(_) => None,
        }
    }
}

/// What the images say that are of EKS Distro, or of others.
fn said(signs: &[Sign], is_distro: bool) -> impl Iterator<Item = String> + '_ {
    signs.iter().filter(move |sign| sign.is_distro == is_distro).map(|sign| sign.said.clone())
}

const NO_CONTROL_PLANE: &str = "no component of a control plane is here: EKS keeps it";
