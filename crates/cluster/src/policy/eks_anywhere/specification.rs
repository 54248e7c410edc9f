//! The registry, network, packages and issuer in a cluster's specification.

use core::net::{IpAddr, Ipv4Addr};
use std::collections::BTreeMap;

use super::evidence::Evidence;
use super::verdict::{Verdict, absent, at, seen};
use crate::policy::Judgement;

/// The registry mirror's certificate is verified.
pub(super) fn mirror(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    for cluster in evidence.clusters(&mut verdict) {
        let Some(mirror) = &cluster.spec.registry_mirror_configuration else { continue };
        verdict.applies();
        if mirror.insecure_skip_verify {
            let field = "spec.registryMirrorConfiguration.insecureSkipVerify";
            verdict.fails(at(&cluster.object(), field, format!("true, for {}", mirror.endpoint)));
        }
    }
    verdict.judged(|| absent("registryMirrorConfiguration", "no cluster has one"))
}

/// Cilium enforces network policies.
pub(super) fn policy_mode(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    for cluster in evidence.clusters(&mut verdict) {
        verdict.applies();
        let cilium = cluster.spec.cluster_network.cni_config.cilium.as_ref();
        if let Some(cilium) = cilium {
            let field = "spec.clusterNetwork.cniConfig.cilium";
            if cilium.policy_enforcement_mode.eq_ignore_ascii_case("never") {
                verdict.fails(at(&cluster.object(), format!("{field}.policyEnforcementMode"), "never"));
            }
            if cilium.skip_upgrade {
                let found = "true: the administrator installs the network plugin, which is not checked";
                verdict.notes(at(&cluster.object(), format!("{field}.skipUpgrade"), found));
            }
        }
    }
    verdict.judged(|| absent("Cluster", "there is none"))
}

/// The AWS permissions of the curated packages' credentials need review.
pub(super) fn packages(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    for cluster in evidence.clusters(&mut verdict) {
        if cluster.spec.packages.disable {
            continue;
        }
        verdict.applies();
        let found = "packages are enabled: the Secret eksa-packages/aws-secret holds IAM keys";
        verdict.notes(seen(&cluster.object(), found));
    }
    verdict.manual(|| absent("packages", "no cluster has curated packages"))
}

/// Access to the API server's endpoint needs review.
pub(super) fn endpoint(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    for cluster in evidence.clusters(&mut verdict) {
        let host = cluster.spec.control_plane_configuration.endpoint.host.trim();
        if host.is_empty() {
            continue;
        }
        verdict.applies();
        let host_only = host.trim_start_matches('[').split(']').next().unwrap_or_default();
        let found = match host_only.parse::<IpAddr>().or_else(|_| host.split(':').next().unwrap_or_default().parse()) {
            Ok(address) if is_public(address) => format!("{host}: a public address"),
            Ok(_) => format!("{host}: a private address"),
            Err(_) => format!("{host}: a host name; check whether its address is public"),
        };
        verdict.notes(at(&cluster.object(), "spec.controlPlaneConfiguration.endpoint.host", found));
    }
    verdict.manual(|| absent("endpoint", "no cluster has one"))
}

fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            let is_shared = first == 100 && (64..128).contains(&second);
            !(address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_documentation()
                || address == Ipv4Addr::UNSPECIFIED
                || is_shared)
        }
        IpAddr::V6(address) => {
            let first = address.segments()[0];
            !(address.is_loopback() || address.is_unspecified() || first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80)
        }
    }
}

/// Each cluster signs tokens as its own issuer; who can read the signing key needs review.
pub(super) fn irsa(evidence: &Evidence<'_>) -> Judgement {
    const FIELD: &str = "spec.podIamConfig.serviceAccountIssuer";
    let mut verdict = Verdict::default();
    let clusters = evidence.clusters(&mut verdict);
    let mut of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for cluster in clusters {
        if let Some(config) = &cluster.spec.pod_iam_config {
            of.entry(config.service_account_issuer.as_str()).or_default().push(cluster.name());
        }
    }
    for cluster in clusters {
        let Some(config) = &cluster.spec.pod_iam_config else { continue };
        verdict.applies();
        let issuer = &config.service_account_issuer;
        if issuer.scheme() != "https" {
            verdict.fails(at(&cluster.object(), FIELD, format!("`{issuer}`, expected https")));
        }
        let others: Vec<&str> = of
            .get(issuer.as_str())
            .into_iter()
            .flatten()
            .copied()
            .filter(|name| *name != cluster.name())
            .take(3)
            .collect();
        if others.is_empty() {
            let found = format!("{issuer}; the Secret eksa-system/{}-sa holds its key", cluster.name());
            verdict.notes(at(&cluster.object(), FIELD, found));
        } else {
            verdict.fails(at(&cluster.object(), FIELD, format!("{issuer}, as {} has", others.join(", "))));
        }
    }
    verdict.manual(|| absent("podIamConfig", "no cluster has one"))
}

#[cfg(test)]
mod tests {
    use super::is_public;

    #[test]
    fn addresses_are_public_or_not() {
        let table = [
            ("10.0.0.1", false),
            ("172.16.1.1", false),
            ("172.32.1.1", true),
            ("192.168.1.1", false),
            ("100.64.0.1", false),
            ("100.128.0.1", true),
            ("8.8.8.8", true),
            ("fd00::1", false),
            ("fe80::1", false),
            ("2600::1", true),
            ("::ffff:10.0.0.1", false),
            ("::ffff:8.8.8.8", true),
        ];
        for (address, expected) in table {
            assert_eq!(is_public(address.parse().expect("an address")), expected, "{address}");
        }
    }
}
