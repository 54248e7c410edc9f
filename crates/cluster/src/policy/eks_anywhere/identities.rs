//! Who may log in: IAM mappings and OIDC.

use std::collections::BTreeSet;

use probe::{Cause, Reason};

use super::evidence::Evidence;
use super::verdict::{Verdict, absent, at, seen, unknown};
use crate::eks_anywhere::{AwsIamConfig, Cluster, Mapping};
use crate::policy::{Judgement, ObjectName};
use crate::rbac::MASTERS;

/// No IAM identity is mapped to the group whose rights cannot be revoked.
pub(super) fn administrators(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    let objects = evidence.objects;
    verdict.lacks(&objects.aws_iam);
    verdict.lacks(&objects.identity_mappings);
    verdict.lacks(evidence.config_maps);
    for config in &objects.aws_iam.items {
        let object = config.metadata.object("AWSIamConfig");
        for mapping in mappings(config) {
            mapped(&mut verdict, &object, mapping);
        }
    }
    for mapping in &objects.identity_mappings.items {
        mapped(&mut verdict, &mapping.metadata.object("IAMIdentityMapping"), &mapping.spec);
    }
    for map in evidence.config_maps.items.iter().filter(|map| map.is_aws_auth()) {
        verdict.applies();
        map.masters().into_iter().for_each(|seen| verdict.fails(seen));
    }
    verdict.judged(|| absent("AWSIamConfig", "none, and no aws-auth: no access through IAM"))
}

fn mappings(config: &AwsIamConfig) -> impl Iterator<Item = &Mapping> {
    config.spec.map_roles.iter().chain(&config.spec.map_users)
}

fn mapped(verdict: &mut Verdict, object: &ObjectName, mapping: &Mapping) {
    verdict.applies();
    if mapping.groups.iter().any(|group| group == MASTERS) {
        verdict.fails(at(object, mapping.arn.clone(), format!("mapped to the group {MASTERS}")));
    }
}

/// The cluster's mappings are the specified ones.
pub(super) fn drift(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    verdict.lacks(evidence.config_maps);
    for map in evidence.config_maps.items.iter().filter(|map| map.is_aws_auth()) {
        verdict.applies();
        let object = ObjectName {
            kind: "ConfigMap".to_owned(),
            namespace: map.metadata.namespace.clone(),
            name: map.metadata.name.clone(),
        };
        // The ConfigMap belongs to this cluster, which among the clusters specified here is the management cluster.
        let managers: Vec<&Cluster> =
            evidence.clusters(&mut verdict).iter().filter(|cluster| cluster.is_management()).collect();
        if managers.is_empty() && !evidence.objects.clusters.items.is_empty() {
            verdict.misses(unknown("Cluster", "none of them manages itself, so it is unknown which one this is"));
            continue;
        }
        let references = managers.iter().flat_map(|cluster| &cluster.spec.identity_provider_refs);
        let mut is_whole = !managers.is_empty();
        let mut specified: BTreeSet<(String, String, Vec<String>)> = BTreeSet::new();
        for reference in references.filter(|reference| reference.kind == "AWSIamConfig") {
            let list = &evidence.objects.aws_iam;
            match list.items.iter().find(|config| config.metadata.name == reference.name) {
                Some(config) => specified.extend(mappings(config).map(Mapping::key)),
                None => {
                    is_whole = false;
                    verdict.misses(list.missing.clone().unwrap_or_else(|| {
                        unknown(format!("AWSIamConfig {}", reference.name), "not found, but the cluster refers to it")
                    }));
                }
            }
        }
        match map.mappings() {
            Ok(_) if !is_whole => {}
            Ok(mapped) => {
                for mapping in mapped.into_iter().filter(|mapping| !specified.contains(&mapping.key())) {
                    let found =
                        format!("{} [{}]: not in the specification", mapping.username, mapping.groups.join(", "));
                    verdict.fails(at(&object, mapping.arn, found));
                }
            }
            Err(key) => {
                let detail = format!("{key} is not a list of mappings (correct it)");
                verdict.misses(Reason::new(Cause::Malformed, &object, detail));
            }
        }
    }
    verdict.judged(|| absent("ConfigMap kube-system/aws-auth", "none: no access through IAM"))
}

/// Tokens of an OIDC issuer cannot contain the names of Kubernetes' own users and groups.
pub(super) fn oidc(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    evidence.clusters(&mut verdict);
    verdict.lacks(&evidence.objects.oidc);
    for config in &evidence.objects.oidc.items {
        verdict.applies();
        let (object, spec) = (config.metadata.object("OIDCConfig"), &config.spec);
        if spec.issuer_url.scheme() != "https" {
            verdict.fails(at(&object, "spec.issuerUrl", format!("`{}`, expected https", spec.issuer_url)));
        }
        if !spec.groups_claim.is_empty() && matches!(spec.groups_prefix.as_str(), "" | "-") {
            let found = format!("not set, though groups come from the claim {}", spec.groups_claim);
            verdict.fails(at(&object, "spec.groupsPrefix", found));
        }
        if spec.username_prefix == "-" {
            verdict.fails(at(&object, "spec.usernamePrefix", "`-`: users have no prefix"));
        }
        if spec.required_claims.is_empty() {
            verdict.notes(seen(&object, "no requiredClaims: any token of the issuer for this client is accepted"));
        }
    }
    verdict.judged(|| absent("OIDCConfig", "there is none"))
}
