//! Machines: their images, logins, and the connection to the provider.

use std::collections::{BTreeMap, BTreeSet};

use probe::{Cause, Reason};

use super::evidence::Evidence;
use super::verdict::{Verdict, absent, at, seen, unknown};
use crate::eks_anywhere::{Cluster, DatacenterConfig, MachineConfig, Provider, PublicKey};
use crate::policy::{Judgement, ObjectName};

/// The shortest acceptable RSA key, in bits.
const SHORTEST_RSA: usize = 2048;

/// A cluster's machine configurations. Those referenced but not listed are reported as missing.
fn configs<'a>(
    evidence: &Evidence<'a>,
    verdict: &mut Verdict,
    cluster: &'a Cluster,
) -> Vec<(ObjectName, &'a MachineConfig)> {
    let mut found = Vec::new();
    for reference in cluster.machine_groups() {
        let Some((kind, list)) = evidence.objects.machine_configs.get_key_value(reference.kind.as_str()) else {
            verdict.notes(seen(&cluster.object(), format!("{} {} is not looked at", reference.kind, reference.name)));
            continue;
        };
        let is_meant = |config: &&MachineConfig| {
            let metadata = &config.metadata;
            metadata.name == reference.name && metadata.namespace == cluster.metadata.namespace
        };
        match (list.items.iter().find(is_meant), &list.missing) {
            (Some(config), _) => found.push((config.metadata.object(kind), config)),
            (None, Some(reason)) => verdict.misses(reason.clone()),
            (None, None) => verdict.misses(refers(kind, &reference.name, cluster)),
        }
    }
    found
}

fn refers(kind: &str, name: &str, cluster: &Cluster) -> Reason {
    let detail = format!("not found, but {} refers to it (correct the specification)", cluster.object());
    unknown(format!("{kind} {name}"), detail)
}

/// Each cluster has its own SSH keys, and no weak ones.
pub(super) fn ssh_keys(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    let mut users: BTreeMap<&PublicKey, Vec<(&Cluster, ObjectName, &str)>> = BTreeMap::new();
    for cluster in evidence.clusters(&mut verdict) {
        for (object, config) in configs(evidence, &mut verdict, cluster) {
            for user in &config.spec.users {
                for key in &user.ssh_authorized_keys {
                    verdict.applies();
                    users.entry(key).or_default().push((cluster, object.clone(), &user.name));
                }
            }
        }
    }
    for (key, uses) in users {
        let clusters: BTreeSet<(&str, &str)> =
            uses.iter().map(|(cluster, ..)| (cluster.metadata.namespace.as_str(), cluster.name())).collect();
        for (cluster, object, user) in &uses {
            let user = format!("user {user}");
            if !key.is_known() {
                verdict.notes(at(object, user, "has a line that is not a public key"));
                continue;
            }
            if clusters.len() > 1 {
                let own = (cluster.metadata.namespace.as_str(), cluster.name());
                let others: Vec<&str> =
                    clusters.iter().filter(|other| **other != own).map(|(_, name)| *name).take(3).collect();
                verdict.fails(at(object, user.clone(), format!("{key} also logs in to {}", others.join(", "))));
            }
            match key.rsa_bits() {
                Some(bits) if bits < SHORTEST_RSA => {
                    verdict.fails(at(object, user, format!("{key} has {bits} bits, expected at least {SHORTEST_RSA}")));
                }
                None if key.is_rsa() => {
                    verdict.misses(Reason::new(
                        Cause::Malformed,
                        object,
                        format!("{key} is not an RSA key (correct it)"),
                    ));
                }
                _ => {}
            }
        }
    }
    verdict.judged(|| absent("users", "no machine configuration has a key"))
}

/// The origin of images needs review.
pub(super) fn image_origin(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    for cluster in evidence.clusters(&mut verdict) {
        for (object, config) in configs(evidence, &mut verdict, cluster) {
            verdict.applies();
            let spec = &config.spec;
            for (field, value) in [
                ("spec.template", spec.template.0.as_str()),
                ("spec.image", spec.image.0.as_str()),
                ("spec.osImageURL", spec.os_image_url.as_str()),
            ] {
                note(&mut verdict, &object, field, value);
            }
        }
    }
    for (kind, list) in &evidence.objects.datacenters {
        verdict.lacks(list);
        for config in &list.items {
            let (object, spec) = (config.metadata.object(kind), &config.spec);
            note(&mut verdict, &object, "spec.osImageURL", spec.os_image_url.as_str());
            note(&mut verdict, &object, "spec.hookImagesURLPath", spec.hook_images_url_path.as_str());
            note(&mut verdict, &object, "spec.hookIsoURL", spec.hook_iso_url.as_str());
        }
    }
    verdict.manual(|| absent("machine configurations", "no cluster has one that names an image"))
}

fn note(verdict: &mut Verdict, object: &ObjectName, field: &str, value: &str) {
    if value.is_empty() {
        return;
    }
    verdict.applies();
    let is_plain = value.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("http://"));
    let found = if is_plain {
        format!("{value}: not encrypted, so anyone between can replace the image")
    } else {
        value.to_owned()
    };
    verdict.notes(at(object, field, found));
}

/// The provider's certificate is verified.
pub(super) fn provider_tls(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    for cluster in evidence.clusters(&mut verdict) {
        let Some(provider @ (Provider::VSphere | Provider::Nutanix)) = cluster.provider() else { continue };
        verdict.applies();
        let (kind, name) = (provider.datacenter(), &cluster.spec.datacenter_ref.name);
        let list = evidence.objects.datacenters.get(kind);
        let is_meant = |config: &&DatacenterConfig| {
            config.metadata.name == *name && config.metadata.namespace == cluster.metadata.namespace
        };
        match list.and_then(|list| list.items.iter().find(is_meant)) {
            Some(config) if config.spec.insecure => {
                let found = format!("true, for {}", cluster.object());
                verdict.fails(at(&config.metadata.object(kind), "spec.insecure", found));
            }
            Some(_) => {}
            None => {
                let reason = list.and_then(|list| list.missing.clone());
                verdict.misses(reason.unwrap_or_else(|| refers(kind, name, cluster)));
            }
        }
    }
    verdict.judged(|| absent("insecure", "no cluster is on vSphere or Nutanix"))
}
