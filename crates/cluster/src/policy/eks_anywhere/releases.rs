//! Versions of EKS Anywhere and Kubernetes, and the bundles that they come from.

use super::bottlerocket::outdated;
use super::evidence::Evidence;
use super::support::{End, KubernetesSupport};
use super::verdict::{Verdict, absent, at, seen, unknown};
use crate::Listed;
use crate::eks_anywhere::{Cluster, Date, Minor, SIGNATURE, SKIP_SKEW_CHECK};
use crate::policy::Judgement;

/// The first EKS Anywhere version with signed bundles.
const SIGNED: Minor = Minor::new(0, 22);
/// The length of extended support, in months.
const EXTENDED_MONTHS: u8 = 12;

fn none() -> probe::Reason {
    absent("Cluster", "there is none")
}

fn no_version(cluster: &Cluster) -> probe::Reason {
    unknown(cluster.object(), "has no eksaVersion that can be read (upgrade the cluster)")
}

/// Each cluster's EKS Anywhere version receives patches.
pub(super) fn version(evidence: &Evidence<'_>) -> Judgement {
    let (mut verdict, support) = (Verdict::default(), evidence.support);
    for cluster in evidence.clusters(&mut verdict) {
        verdict.applies();
        match (cluster.version(), support.oldest()) {
            (Some(version), Some(oldest)) if version < oldest => {
                let found = format!("{}, {oldest} or later is supported", cluster.spec.eksa_version);
                verdict.fails(at(&cluster.object(), "spec.eksaVersion", found));
            }
            (Some(_), Some(_)) if !support.is_old(evidence.today) => {}
            (Some(_), _) => verdict.misses(outdated(evidence)),
            (None, _) => verdict.misses(no_version(cluster)),
        }
    }
    verdict.judged(none)
}

/// The Kubernetes version receives patches: in standard support, or in extended support with a licence.
pub(super) fn kubernetes(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    for cluster in evidence.clusters(&mut verdict) {
        verdict.applies();
        let spec = &cluster.spec;
        let groups = spec.worker_node_group_configurations.iter();
        let workers = groups.filter(|group| !group.kubernetes_version.is_empty()).map(|group| {
            let field = format!("workerNodeGroupConfigurations {}: kubernetesVersion", group.name);
            (field, group.kubernetes_version.as_str())
        });
        let all =
            std::iter::once(("spec.kubernetesVersion".to_owned(), spec.kubernetes_version.as_str())).chain(workers);
        for (field, version) in all {
            supported(evidence, &mut verdict, cluster, &field, version);
        }
    }
    verdict.judged(none)
}

fn supported(evidence: &Evidence<'_>, verdict: &mut Verdict, cluster: &Cluster, field: &str, version: &str) {
    let (object, support) = (cluster.object(), evidence.support);
    let Some(minor) = Minor::parse(version) else {
        verdict.misses(unknown(object, format!("{field} `{version}` is not a version")));
        return;
    };
    let is_old = support.is_old(evidence.today);
    let of_bundle = end_of_bundle(evidence, cluster, minor);
    let table = support.kubernetes(minor);
    // The date in the cluster's own bundle is more reliable than a table entry that only states that support had not
    // ended.
    let dated = |end: Option<End>, day: Option<Date>| match (end, day) {
        (Some(End::On(day)), _) | (_, Some(day)) => Some(End::On(day)),
        (end, None) => end,
    };
    let standard = dated(table.map(|KubernetesSupport { standard, .. }| standard), of_bundle);
    let extended = dated(
        table.map(|KubernetesSupport { extended, .. }| extended),
        of_bundle.map(|day| day.months_later(EXTENDED_MONTHS)),
    );
    let has_ended = |end: Option<End>| end.and_then(|end| end.has_ended(evidence.today, is_old));
    let words = |end: Option<End>| end.map_or(String::new(), |end| end.words(support.as_of()));
    match (has_ended(standard), has_ended(extended)) {
        (_, Some(true)) => {
            let found = format!("{version}: extended support ended {}", words(extended));
            verdict.fails(at(&object, field, found));
        }
        (Some(true), _) if !cluster.spec.has_license => {
            let found = format!("{version}: standard support ended {}, and there is no licenseToken", words(standard));
            verdict.fails(at(&object, field, found));
        }
        (Some(true), Some(false)) => {
            let found = format!("{version}: in extended support, which ends {}", words(extended));
            verdict.notes(at(&object, field, found));
        }
        (Some(false), _) => {}
        (Some(true) | None, _) if is_old => verdict.misses(outdated(evidence)),
        (Some(true) | None, _) => {
            let detail =
                format!("the end of support of Kubernetes {version} is neither in its bundle nor in the table");
            verdict.misses(unknown(object, format!("{detail} (update kube-assay)")));
        }
    }
}

/// The end of standard support according to a cluster's bundle.
fn end_of_bundle(evidence: &Evidence<'_>, cluster: &Cluster, version: Minor) -> Option<Date> {
    let bundles = &evidence.objects.bundles_of(cluster)?.spec.versions_bundles;
    let own = bundles.iter().find(|bundle| Minor::parse(&bundle.kube_version) == Some(version))?;
    Date::parse(&own.end_of_standard_support)
}

/// No cluster is more than one minor version away from its management cluster.
pub(super) fn skew(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    let clusters = evidence.clusters(&mut verdict);
    for cluster in clusters {
        verdict.applies();
        let object = cluster.object();
        if cluster.metadata.has(SKIP_SKEW_CHECK) {
            verdict.fails(seen(&object, format!("annotation {SKIP_SKEW_CHECK}")));
        }
        if cluster.is_management() {
            continue;
        }
        let name = &cluster.spec.management_cluster.name;
        let Some(manager) = clusters.iter().find(|other| other.name() == name && other.is_management()) else {
            verdict.misses(unknown(format!("Cluster {name}"), format!("not found, though it manages {object}")));
            continue;
        };
        let (Some(own), Some(others)) = (cluster.version(), manager.version()) else {
            verdict.misses(no_version(if cluster.version().is_none() { cluster } else { manager }));
            continue;
        };
        if own.major != others.major || own.minor.abs_diff(others.minor) > 1 {
            let found = format!("{}, and {name} has {}", cluster.spec.eksa_version, manager.spec.eksa_version);
            verdict.fails(at(&object, "spec.eksaVersion", found));
        }
    }
    verdict.judged(none)
}

/// Bundles are signed.
pub(super) fn signature(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    let objects = evidence.objects;
    for cluster in evidence.clusters(&mut verdict) {
        let Some(version) = cluster.version() else {
            verdict.misses(no_version(cluster));
            continue;
        };
        if version < SIGNED {
            verdict.notes(seen(&cluster.object(), format!("{version}: bundles are signed from {SIGNED} on")));
            continue;
        }
        verdict.applies();
        match objects.bundles_of(cluster) {
            Some(bundles) if bundles.metadata.has(SIGNATURE) => {}
            Some(bundles) => {
                let found = format!("no annotation {SIGNATURE}, for {}", cluster.object());
                verdict.fails(seen(&bundles.metadata.object("Bundles"), found));
            }
            None => {
                verdict.misses(unseen(&objects.releases).or_else(|| unseen(&objects.bundles)).unwrap_or_else(|| {
                    unknown(cluster.object(), format!("no Bundles of {} was found", cluster.spec.eksa_version))
                }));
            }
        }
    }
    verdict.judged(|| absent("Bundles", "no cluster has EKS Anywhere 0.22 or later"))
}

fn unseen<T>(list: &Listed<T>) -> Option<probe::Reason> {
    list.missing.clone()
}
