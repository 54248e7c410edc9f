//! Credentials outside Secrets, and the encryption of Secrets at rest.

use super::evidence::Evidence;
use super::verdict::{Verdict, absent, at, seen, unknown};
use crate::Resource;
use crate::eks_anywhere::{KubeadmConfigSpec, KubeadmControlPlane, Provider};
use crate::policy::{Judgement, ObjectName};

/// No object other than Secrets contains a credential.
pub(super) fn outside_secrets(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    let objects = evidence.objects;
    let clusters = evidence.clusters(&mut verdict);
    let planes = evidence.managed(&mut verdict, Resource::KubeadmControlPlanes, &objects.control_planes);
    let templates = evidence.managed(&mut verdict, Resource::KubeadmConfigTemplates, &objects.config_templates);
    for cluster in clusters {
        verdict.applies();
        if control_plane(planes, cluster.name()).is_none() {
            let name = format!("KubeadmControlPlane {}", cluster.name());
            verdict.misses(unknown(
                name,
                "not found (grant permission to list kubeadmcontrolplanes, or check the management cluster)",
            ));
        }
        let proxies = &cluster.spec.proxy_configuration;
        for (field, proxy) in [("httpProxy", &proxies.http_proxy), ("httpsProxy", &proxies.https_proxy)] {
            if proxy.has_credentials() {
                let field = format!("spec.proxyConfiguration.{field}");
                verdict.fails(at(&cluster.object(), field, format!("{proxy}, which contains a password")));
            }
        }
    }
    for plane in planes {
        told(&mut verdict, &plane.metadata.object("KubeadmControlPlane"), &plane.spec.kubeadm_config_spec);
    }
    for template in templates {
        told(&mut verdict, &template.metadata.object("KubeadmConfigTemplate"), &template.spec.template.spec);
    }
    verdict.lacks(&objects.deployments);
    for deployment in objects.deployments.items.iter().filter(|own| own.metadata.namespace == "eksa-system") {
        let meta = &deployment.metadata;
        let object =
            ObjectName { kind: "Deployment".to_owned(), namespace: meta.namespace.clone(), name: meta.name.clone() };
        for container in deployment.containers() {
            for variable in container.env.iter().filter(|variable| !variable.credentials.is_empty()) {
                let part = format!("container {}, variable {}", container.name, variable.name);
                verdict.fails(at(&object, part, format!("holds {}", variable.credentials)));
            }
        }
    }
    verdict.judged(|| absent("Cluster", "there is none"))
}

/// The control plane of the cluster with this name.
pub(super) fn control_plane<'a>(planes: &'a [KubeadmControlPlane], cluster: &str) -> Option<&'a KubeadmControlPlane> {
    planes.iter().find(|plane| plane.metadata.name == cluster)
}

/// Adds findings for a machine configuration's files and commands.
fn told(verdict: &mut Verdict, object: &ObjectName, spec: &KubeadmConfigSpec) {
    verdict.applies();
    for file in spec.files.iter().filter(|file| !file.credentials.is_empty()) {
        verdict.fails(at(object, format!("file {}", file.path), format!("holds {}", file.credentials)));
    }
    for (field, commands) in
        [("preKubeadmCommands", &spec.pre_kubeadm_commands), ("postKubeadmCommands", &spec.post_kubeadm_commands)]
    {
        for (place, command) in commands.iter().enumerate().filter(|(_, command)| !command.is_empty()) {
            verdict.fails(at(object, format!("{field}[{place}]"), format!("holds {command}")));
        }
    }
}

/// Secrets are encrypted in etcd, where EKS Anywhere supports it.
pub(super) fn encryption(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    for cluster in evidence.clusters(&mut verdict) {
        let object = cluster.object();
        match cluster.provider() {
            Some(Provider::VSphere | Provider::Nutanix | Provider::CloudStack) => {
                verdict.applies();
                let covers = |resource: &String| matches!(resource.as_str(), "secrets" | "secrets." | "*." | "*.*");
                if !cluster.spec.etcd_encryption.iter().any(|entry| entry.resources.iter().any(covers)) {
                    let found = if cluster.spec.etcd_encryption.is_empty() { "not set" } else { "without secrets" };
                    verdict.fails(at(&object, "spec.etcdEncryption", found));
                }
            }
            Some(_) => {
                verdict.notes(seen(&object, format!("{} has no etcdEncryption", cluster.spec.datacenter_ref.kind)));
            }
            None => {
                let detail = "has no datacenterRef of a known kind (correct the specification)";
                verdict.misses(unknown(object, detail));
            }
        }
    }
    verdict.judged(|| absent("etcdEncryption", "no cluster is on a provider that has it (vSphere, Nutanix)"))
}
