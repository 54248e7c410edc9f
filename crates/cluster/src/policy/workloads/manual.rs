//! Controls that stay manual, with evidence.

use super::evidence::Evidence;
use super::verdict::{Verdict, seen};
use crate::policy::Judgement;

/// API groups of integrations with external secret stores.
const SECRET_STORES: [(&str, &str); 6] = [
    ("secrets-store.csi.x-k8s.io", "Secrets Store CSI driver"),
    ("external-secrets.io", "External Secrets Operator"),
    ("secrets.hashicorp.com", "Vault Secrets Operator"),
    ("bitnami.com", "Sealed Secrets"),
    ("kubernetes-client.io", "Kubernetes External Secrets"),
    ("onepassword.com", "1Password Operator"),
];

/// Image verifiers, by part of the name of their webhook configuration.
const VERIFIERS: [(&str, &str); 6] = [
    ("policy.sigstore.dev", "Sigstore Policy Controller"),
    ("kyverno-resource", "Kyverno"),
    ("connaisseur", "Connaisseur"),
    ("gatekeeper", "Gatekeeper, with Ratify"),
    ("portieris", "Portieris"),
    ("image-policy", "an image policy webhook"),
];

/// External secret storage has been considered.
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

/// Image provenance is verified at admission.
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

/// Namespaces separate teams and environments.
pub(super) fn namespaces(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    let with_pods = evidence.pods.namespaces();
    for namespace in evidence.namespaces.items.iter().filter(|namespace| namespace.is_users()) {
        let name = namespace.metadata.name.as_str();
        verdict.notes(seen("Namespace", "", name, if with_pods.contains(name) { "has pods" } else { "has no pods" }));
    }
    verdict.manual()
}
