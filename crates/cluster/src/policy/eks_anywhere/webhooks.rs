//! Admission webhooks: a failing third-party webhook must not stop the cluster's components.

use std::collections::BTreeSet;

use super::evidence::Evidence;
use super::verdict::{Verdict, absent, at, unknown};
use crate::eks_anywhere::{Minor, Provider};
use crate::policy::workloads::{Namespace, Webhook, WebhookConfiguration};
use crate::policy::{Judgement, ObjectName};

/// The first version with `skipAdmissionForSystemResources`.
const KUBERNETES: Minor = Minor::new(1, 31);
const EKS_ANYWHERE: Minor = Minor::new(0, 24);

/// Admission plugins skip Kubernetes' own objects.
pub(super) fn protection(evidence: &Evidence<'_>) -> Judgement {
    const FIELD: &str = "spec.controlPlaneConfiguration.skipAdmissionForSystemResources";
    let mut verdict = Verdict::default();
    for cluster in evidence.clusters(&mut verdict) {
        let object = cluster.object();
        if cluster.provider() == Some(Provider::Snow) {
            verdict.notes(at(&object, FIELD, "ignored on Snow"));
            continue;
        }
        let (Some(kubernetes), Some(version)) = (cluster.kubernetes(), cluster.version()) else {
            verdict.misses(unknown(object, "kubernetesVersion or eksaVersion is not set (upgrade the cluster)"));
            continue;
        };
        if kubernetes < KUBERNETES || version < EKS_ANYWHERE {
            let found = format!("needs Kubernetes {KUBERNETES} and EKS Anywhere {EKS_ANYWHERE}");
            verdict.notes(at(&object, FIELD, found));
            continue;
        }
        verdict.applies();
        match cluster.spec.control_plane_configuration.skip_admission_for_system_resources {
            Some(true) => {}
            Some(false) => verdict.fails(at(&object, FIELD, "false")),
            None => verdict.fails(at(&object, FIELD, "not set")),
        }
    }
    verdict.judged(|| {
        absent("skipAdmissionForSystemResources", "no cluster has Kubernetes 1.31 and EKS Anywhere 0.24 or later")
    })
}

/// Foreign webhooks that fail closed exclude the critical namespaces.
pub(super) fn foreign(evidence: &Evidence<'_>) -> Judgement {
    let (own, mut verdict) = (evidence.own(), Verdict::default());
    verdict.applies();
    verdict.lacks(evidence.validating);
    verdict.lacks(&evidence.objects.mutating);
    verdict.lacks(evidence.namespaces);
    let critical: Vec<&Namespace> =
        evidence.namespaces.items.iter().filter(|namespace| own.is_critical(&namespace.metadata.name)).collect();
    for (kind, list) in [
        ("ValidatingWebhookConfiguration", evidence.validating),
        ("MutatingWebhookConfiguration", &evidence.objects.mutating),
    ] {
        for configuration in &list.items {
            let name = &configuration.metadata.name;
            if own.has_webhooks(name, &answering(configuration)) {
                continue;
            }
            let object = ObjectName { kind: kind.to_owned(), namespace: String::new(), name: name.clone() };
            for webhook in configuration.webhooks.iter().filter(|webhook| webhook.failure_policy != "Ignore") {
                judge(&mut verdict, &object, webhook, &critical);
            }
        }
    }
    verdict.judged(|| absent("webhooks", "there is none"))
}

/// The namespaces of the services that the webhooks call; empty if any of them is outside the cluster.
fn answering(configuration: &WebhookConfiguration) -> BTreeSet<&str> {
    let of: Option<BTreeSet<&str>> = configuration
        .webhooks
        .iter()
        .map(|webhook| webhook.client_config.service.as_ref().map(|service| service.namespace.as_str()))
        .collect();
    of.unwrap_or_default()
}

fn judge(verdict: &mut Verdict, object: &ObjectName, webhook: &Webhook, critical: &[&Namespace]) {
    let is_built_in = |group: &String| group == "*" || !group.contains('.') || group.ends_with(".k8s.io");
    // The cluster's components do not need third-party custom resources.
    if !webhook.rules.iter().any(|rule| rule.api_groups.iter().any(is_built_in)) {
        return;
    }
    let reached: Vec<&str> = critical
        .iter()
        .filter(|namespace| webhook.namespace_selector.selects(&namespace.labels()))
        .map(|namespace| namespace.metadata.name.as_str())
        .collect();
    let Some(first) = reached.first() else { return };
    let more = if reached.len() > 1 { format!(" and {} more", reached.len() - 1) } else { String::new() };
    let found = format!("fails closed in {first}{more}");
    let is_opt_in = !webhook.object_selector.selects(&std::collections::BTreeMap::<&str, &str>::new());
    let part = format!("webhook {}", webhook.name);
    if is_opt_in {
        verdict.notes(at(object, part, format!("{found}, only for objects with its labels")));
    } else {
        verdict.fails(at(object, part, found));
    }
}
