//! Machines' certificates, and paused control planes.

use std::collections::BTreeSet;

use super::evidence::Evidence;
use super::verdict::{Verdict, absent, at, seen, unknown};
use crate::Resource;
use crate::eks_anywhere::PAUSED;
use crate::policy::{Judgement, ObjectName};

/// The fewest days for which a certificate must still be valid.
const FEWEST_DAYS: i64 = 30;

/// The machines' serving certificates are valid long enough.
pub(super) fn served(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    let clusters = evidence.clusters(&mut verdict);
    let machines = evidence.managed(&mut verdict, Resource::CapiMachines, &evidence.objects.machines);
    for cluster in clusters {
        verdict.applies();
        let object = cluster.object();
        let Some(info) = &cluster.status.cluster_certificate_info else {
            let detail = "its status has no clusterCertificateInfo (upgrade to EKS Anywhere 0.23 or later)";
            verdict.misses(unknown(object, detail));
            continue;
        };
        let own =
            machines.iter().filter(|machine| machine.cluster() == cluster.name() && machine.serves_certificates());
        let own: BTreeSet<&str> = own.map(|machine| machine.metadata.name.as_str()).collect();
        let told: BTreeSet<&str> = info.iter().map(|certificate| certificate.machine.as_str()).collect();
        for certificate in info {
            let part = format!("machine {}", certificate.machine);
            let is_gone = !own.contains(certificate.machine.as_str());
            match certificate.expires_in_days {
                Some(days) if days >= FEWEST_DAYS => {}
                // The machine is gone, or was not listed.
                Some(days) if is_gone && evidence.objects.machines.missing.is_none() && !own.is_empty() => {
                    verdict.notes(at(&object, part, format!("{days} days left, and the machine is gone")));
                }
                Some(days) => {
                    verdict.fails(at(&object, part, format!("{days} days left, expected {FEWEST_DAYS} or more")));
                }
                None => verdict.misses(unknown(&object, format!("no expiry for {part} (check the machine itself)"))),
            }
        }
        for machine in own.difference(&told) {
            let detail = format!("not in clusterCertificateInfo of {object} (check the machine itself)");
            verdict.misses(unknown(format!("Machine {machine}"), detail));
        }
        if own.is_empty() && told.is_empty() {
            verdict.misses(unknown(&object, "no machine of its control plane was listed"));
        }
    }
    verdict.judged(|| absent("Cluster", "there is none"))
}

/// No control plane is paused.
pub(super) fn paused(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    let clusters = evidence.clusters(&mut verdict);
    let planes = evidence.managed(&mut verdict, Resource::KubeadmControlPlanes, &evidence.objects.control_planes);
    for plane in planes {
        verdict.applies();
        if plane.metadata.has(PAUSED) {
            verdict.fails(seen(&plane.metadata.object("KubeadmControlPlane"), format!("annotation {PAUSED}")));
        }
    }
    for cluster in clusters.iter().filter(|_| evidence.objects.control_planes.missing.is_none()) {
        if !planes.iter().any(|plane| plane.metadata.name == cluster.name()) {
            verdict.misses(missing(&cluster.object()));
        }
    }
    verdict.judged(|| absent("KubeadmControlPlane", "there is none"))
}

/// The reason when a cluster's control plane is missing.
pub(super) fn missing(cluster: &ObjectName) -> probe::Reason {
    unknown(format!("KubeadmControlPlane {}", cluster.name), format!("not found, though there is {cluster}"))
}
