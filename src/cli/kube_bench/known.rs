//! Determines a node's platform and version from its files and processes, in place of the programs that kube-bench
//! runs.

use crate::collect;
use crate::collect::inventory::{Inventory, Presence};
use crate::component::own;
use crate::detect;
use crate::embedded;
use crate::kube_bench::choice::{Family, Known, Release, Told};
use definitions::benchmark::{KubernetesVersion, Platform, Role};
use probe::{Answer, FileKind, Location, Node, Observed, Question};

/// The usual directories of `PATH`.
const PATH: [&str; 6] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// Collects the node's evidence. Every question is asked whatever the answers, so that a recording contains all of
/// them.
pub(super) fn by_evidence(node: &dyn Node) -> Known {
    let definitions = embedded::shared();
    let inventory = collect::take_inventory(node, &definitions.library);
    let platform = detect::platform(node, &inventory);
    let found = detect::version(node, &inventory);
    let by_path = by_path(node, &inventory);
    let openshift = openshift(node);
    let kubernetes = found
        .as_ref()
        .map(|found| Told {
            version: Release { release: found.version.to_string(), spelt: servers_spelling(&found.spelt) },
            evidence: found.evidence.clone(),
        })
        .or(by_path)
        .or_else(|| by_proxy(&inventory))
        .or_else(|| openshift.as_ref().and_then(kubernetes_of_openshift));
    let is = |platforms: &[Platform]| platform.as_ref().is_some_and(|found| platforms.contains(&found.platform));
    let of_eks = is(&[Platform::EksAl2, Platform::EksAl2023, Platform::EksBottlerocket]).then(|| {
        (Family::Eks, platform.as_ref().and_then(|found| found.evidence.first()).cloned().unwrap_or_default())
    });
    Known {
        openshift,
        has_oc: is_on_path(node, "oc"),
        kubernetes,
        is_of_server: is_on_path(node, "kubectl"),
        layout: of_eks.or_else(|| layout(&inventory)),
        is_self_managed: is(&[Platform::Kubeadm, Platform::EksAnywhere, Platform::EksAnywhereBottlerocket])
            || inventory.library.of_role(Role::ControlPlane).any(|component| inventory.is_here(component)),
    }
}

/// Whether a program is in one of the usual directories of `PATH`.
fn is_on_path(node: &dyn Node, name: &str) -> bool {
    let is_program = |directory: &str| {
        let question = Question::Metadata(Location::node(format!("{directory}/{name}")));
        matches!(node.ask(&question), Observed::Present(Answer::Metadata(found))
            if found.kind == FileKind::File && found.mode & 0o111 != 0)
    };
    // Not `any`, which would stop early: a recording needs the answer for every directory.
    PATH.into_iter().filter(|directory| is_program(directory)).count() > 0
}

/// Returns the OpenShift version from os-release.
fn openshift(node: &dyn Node) -> Option<Told> {
    const PLACE: &str = "/etc/os-release";
    let Observed::Present(Answer::Content(content)) = node.ask(&Question::Content(Location::node(PLACE))) else {
        return None;
    };
    let text = content.text();
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        line.map(|value| value.trim().trim_matches(['"', '\'']).to_owned()).filter(|value| !value.is_empty())
    };
    // Older releases of Red Hat CoreOS give the OpenShift version as `VERSION_ID`.
    let (key, spelt) = value("OPENSHIFT_VERSION").map(|version| ("OPENSHIFT_VERSION", version)).or_else(|| {
        (value("ID").as_deref() == Some("rhcos")).then(|| Some(("VERSION_ID", value("VERSION_ID")?))).flatten()
    })?;
    let mut parts = spelt.split('.');
    let release = format!("{}.{}", parts.next()?, parts.next()?);
    Some(Told { evidence: format!("{key}={spelt} in {PLACE}"), version: Release { release, spelt } })
}

/// Returns the Kubernetes version of an OpenShift version: since 4.3, its minor version plus 13.
fn kubernetes_of_openshift(openshift: &Told) -> Option<Told> {
    let minor: u16 = openshift.version.release.strip_prefix("4.")?.parse().ok()?;
    let release = format!("1.{}", minor.checked_add(13).filter(|_| minor >= 3)?);
    Some(Told { version: Release { spelt: release.clone(), release }, evidence: openshift.evidence.clone() })
}

/// Returns the version in the path of a running kubelet's executable:
/// `/var/lib/rancher/rke2/data/v1.30.5-rke2r1-0a1b2c3d/bin/kubelet`, `/var/lib/minikube/binaries/v1.30.0/kubelet`.
fn by_path(node: &dyn Node, inventory: &Inventory<'_>) -> Option<Told> {
    inventory.of("kubelet").iter().find_map(|kubelet| {
        let Observed::Present(Answer::Text(path)) = node.ask(&Question::Executable(kubelet.pid)) else { return None };
        let part = path.split('/').find(|part| part.starts_with('v') && part.matches('.').count() >= 2)?;
        told(part, || format!("executable {path} of kubelet (process {})", kubelet.pid))
    })
}

/// Returns the version in the image of kube-proxy's static pod, which is the node's version.
fn by_proxy(inventory: &Inventory<'_>) -> Option<Told> {
    let pod = inventory.static_pods.of("proxy").next()?;
    let (_, name) = pod.image.rsplit_once('/').unwrap_or(("", &pod.image));
    let (_, tag) = name.split('@').next()?.split_once(':')?;
    told(tag, || format!("image {} in {}", pod.image, pod.manifest))
}

fn told(spelt: &str, evidence: impl FnOnce() -> String) -> Option<Told> {
    let version: KubernetesVersion = spelt.parse().ok()?;
    Some(Told {
        version: Release { release: version.to_string(), spelt: servers_spelling(spelt) },
        evidence: evidence(),
    })
}

/// Restores a server's spelling of a version from an image tag or a path, which cannot contain `+` and may append a
/// build: `v1.30.5+rke2r1` for `v1.30.5-rke2r1-build20240910`.
fn servers_spelling(spelt: &str) -> String {
    let spelt = spelt.replace('_', "+");
    match spelt.split_once("-rke2r") {
        None => spelt,
        Some((version, rest)) => {
            let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
            format!("{version}+rke2r{}", rest.get(..digits).unwrap_or_default())
        }
    }
}

/// Recognizes K3s, RKE2 and GKE by their traces on a node, whatever the version.
fn layout(inventory: &Inventory<'_>) -> Option<(Family, String)> {
    let k3s = inventory.presence.values().find_map(|presence| match presence {
        Presence::Embedded(program) if program.starts_with("k3s") => Some(format!("{program} runs")),
        _ => None,
    });
    if let Some(evidence) = k3s {
        return Some((Family::K3s, evidence));
    }
    inventory.of("kubelet").iter().find_map(|kubelet| {
        let given = |flag: &str| kubelet.arguments.last(flag).unwrap_or_default();
        let kubeconfig = given(own::KUBECONFIG);
        if kubeconfig.starts_with("/var/lib/rancher/rke2/") {
            return Some((Family::Rke2, format!("--kubeconfig of kubelet (process {}) is {kubeconfig}", kubelet.pid)));
        }
        let label = given(own::NODE_LABELS).split(',').find(|label| label.starts_with("cloud.google.com/gke-"))?;
        Some((Family::Gke, format!("kubelet (process {}) sets the node label {label}", kubelet.pid)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_in_tags_and_paths_are_spelt_as_servers_do() {
        for (spelt, servers) in [
            ("v1.30.5-rke2r1-build20240910", "v1.30.5+rke2r1"),
            ("v1.30.5-rke2r12-0a1b2c3d4e5f", "v1.30.5+rke2r12"),
            ("v1.26.5_vmware.1", "v1.26.5+vmware.1"),
            ("v1.26.5+vmware.1", "v1.26.5+vmware.1"),
            ("v1.32.4-eks-1-32-14", "v1.32.4-eks-1-32-14"),
            ("v1.32.4", "v1.32.4"),
        ] {
            assert_eq!(servers_spelling(spelt), servers);
        }
    }

    #[test]
    fn openshift_is_made_of_kubernetes() {
        for (openshift, kubernetes) in
            [("4.3", Some("1.16")), ("4.12", Some("1.25")), ("4.20", Some("1.33")), ("4.2", None), ("3.11", None)]
        {
            let version = Release { release: openshift.to_owned(), spelt: openshift.to_owned() };
            let told = kubernetes_of_openshift(&Told { version, evidence: String::new() });
            assert_eq!(told.map(|told| told.version.release).as_deref(), kubernetes, "{openshift}");
        }
    }
}
