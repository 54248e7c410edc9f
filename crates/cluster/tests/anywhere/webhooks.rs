//! Foreign webhooks.

use cluster::Resource;

use crate::anywhere::world::{World, held, names_the_right, notes};

const NAMESPACES: &str = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: kube-system, labels: {team: none}}\n---\n\
                          apiVersion: v1\nkind: Namespace\nmetadata: {name: eksa-system}\n---\napiVersion: v1\nkind: Namespace\n\
                          metadata: {name: shop, labels: {team: shop}}\n";

fn configuration(kind: &str, name: &str, webhook: &str) -> String {
    format!(
        "{NAMESPACES}---\napiVersion: admissionregistration.k8s.io/v1\nkind: {kind}WebhookConfiguration\nmetadata: {{name: \
         {name}}}\nwebhooks: [{{name: a.example.com, {webhook}}}]\n"
    )
}

const PODS: &str = "rules: [{apiGroups: [\"\"], resources: [pods], operations: [CREATE]}]";
const SERVICE: &str = "clientConfig: {caBundle: canary, service: {namespace: policy, name: p}}";

#[test]
fn foreign_webhooks_leave_critical_namespaces_out() {
    for kind in ["Validating", "Mutating"] {
        let own = format!(
            "{kind}WebhookConfiguration policy [webhook a.example.com]: fails closed in kube-system and 1 more"
        );
        let one = format!("{kind}WebhookConfiguration policy [webhook a.example.com]: fails closed in eksa-system");
        let of = |more: &str| configuration(kind, "policy", &format!("{SERVICE}, {PODS}, {more}"));
        let named =
            "namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [";
        let table: [(String, &str, &[&str]); 10] = [
            (of("failurePolicy: Fail"), "fail", &[&own]),
            // `Fail` is the default.
            (of("sideEffects: None"), "fail", &[&own]),
            (of("failurePolicy: Ignore"), "pass", &[]),
            (of(&format!("failurePolicy: Fail, {named}kube-system, eksa-system]}}]}}")), "pass", &[]),
            (of(&format!("failurePolicy: Fail, {named}kube-system]}}]}}")), "fail", &[&one]),
            (of("failurePolicy: Fail, namespaceSelector: {matchLabels: {team: shop}}"), "pass", &[]),
            (of("failurePolicy: Fail, objectSelector: {matchLabels: {inject: \"yes\"}}"), "pass", &[]),
            (
                configuration(
                    kind,
                    "policy",
                    &format!(
                        "{SERVICE}, failurePolicy: Fail, rules: [{{apiGroups: [shop.example.com], resources: [orders], operations: [CREATE]}}]"
                    ),
                ),
                "pass",
                &[],
            ),
            (
                configuration(
                    kind,
                    "policy",
                    &format!(
                        "{SERVICE}, failurePolicy: Fail, rules: [{{apiGroups: [\"*\"], resources: [\"*\"], operations: [\"*\"]}}]"
                    ),
                ),
                "fail",
                &[&own],
            ),
            (NAMESPACES.to_owned(), "pass", &[]),
        ];
        for (yaml, expected, offenders) in table {
            held("eks-anywhere/foreign-webhooks", &World::new(&yaml), expected, offenders);
        }
        let judgement = World::new(&of("failurePolicy: Fail, objectSelector: {matchLabels: {inject: \"yes\"}}"))
            .judge("eks-anywhere/foreign-webhooks");
        assert!(notes(&judgement)[0].contains("only for objects with its labels"), "{:?}", notes(&judgement));
    }
}

#[test]
fn what_is_shipped_is_known_by_who_answers() {
    for (name, namespace, expected) in [
        ("eksa-validating-webhook-configuration", "eksa-system", "pass"),
        ("capi-validating-webhook-configuration", "capi-system", "pass"),
        ("cert-manager-webhook", "cert-manager", "pass"),
        ("eksa-validating-webhook-configuration", "shop", "fail"),
        ("eksa-validating-webhook-configuration-2", "eksa-system", "fail"),
    ] {
        let service =
            format!("clientConfig: {{service: {{namespace: {namespace}, name: w}}}}, failurePolicy: Fail, {PODS}");
        let offender = format!("ValidatingWebhookConfiguration {name}");
        let offenders: &[&str] = if expected == "fail" { &[&offender] } else { &[] };
        held(
            "eks-anywhere/foreign-webhooks",
            &World::new(&configuration("Validating", name, &service)),
            expected,
            offenders,
        );
    }
    // A shipped webhook that points outside the cluster is foreign.
    let outside = configuration(
        "Validating",
        "eksa-validating-webhook-configuration",
        &format!("clientConfig: {{url: \"https://u:canary@x\"}}, failurePolicy: Fail, {PODS}"),
    );
    held("eks-anywhere/foreign-webhooks", &World::new(&outside), "fail", &["ValidatingWebhookConfiguration eksa"]);
}

#[test]
fn lists_that_are_not_seen_are_named() {
    for resource in
        [Resource::ValidatingWebhookConfigurations, Resource::MutatingWebhookConfigurations, Resource::Namespaces]
    {
        names_the_right("eks-anywhere/foreign-webhooks", "", resource);
    }
}
