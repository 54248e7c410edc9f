//! Controls that a person judges, with what there is to see.

use super::evidence::Evidence;
use super::verdict::{Verdict, seen};
use crate::policy::Judgement;

/// Groups of custom resources by which secrets come from a store outside the cluster.
const SECRET_STORES: [(&str, &str); 6] = [
    ("secrets-store.csi.x-k8s.io", "Secrets Store CSI driver"),
    ("external-secrets.io", "External Secrets Operator"),
    ("secrets.hashicorp.com", "Vault Secrets Operator"),
    ("bitnami.com", "Sealed Secrets"),
    ("kubernetes-client.io", "Kubernetes External Secrets"),
    ("onepassword.com", "1Password Operator"),
];

/// Parts of the names of webhook configurations that can verify images.
const VERIFIERS: [(&str, &str); 6] = [
    ("policy.sigstore.dev", "Sigstore Policy Controller"),
    ("kyverno-resource", "Kyverno"),
    ("connaisseur", "Connaisseur"),
    ("gatekeeper", "Gatekeeper, with Ratify"),
    ("portieris", "Portieris"),
    ("image-policy", "an image policy webhook"),
];

/// Whether secrets come from outside.
pub(super) fn external_secrets(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    for definition in &evidence.definitions.items {
        let group = definition.split_once('.').map_or("", |(_, group)| group);
        let of_group = |store: &&(&str, &str)| {
            group == store.0 || group.strip_suffix(store.0).is_some_and(|start| start.ends_with('.'))
        };
        if let Some((_, name)) = SECRET_STORES.iter().find(of_group) {
            verdict.notes(seen("CustomResourceDefinition", "", definition, *name));
        }
    }
    verdict.manual()
}

/// Whether images are verified when pods are created.
pub(super) fn image_provenance(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    for configuration in &evidence.admission.webhooks.items {
        let name = &configuration.metadata.name;
        if let Some((_, verifier)) = VERIFIERS.iter().find(|(part, _)| name.contains(part)) {
            verdict.notes(seen(
                "ValidatingWebhookConfiguration",
                "",
                name,
                format!("{verifier} can verify images (its policies were not inspected)"),
            ));
        }
    }
    verdict.manual()
}

/// How namespaces divide the cluster.
pub(super) fn namespaces(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    let with_pods = evidence.pods.namespaces();
    for namespace in evidence.namespaces.items.iter().filter(|namespace| namespace.is_users()) {
        let name = namespace.metadata.name.as_str();
        verdict.notes(seen("Namespace", "", name, if with_pods.contains(name) { "has pods" } else { "has no pods" }));
    }
    verdict.manual()
}
