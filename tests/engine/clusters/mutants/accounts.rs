//! Service accounts, and the namespace `default`.

use serde_json::{Value, json};

use super::mutant::{Mutant, set};
use super::networks::COVERED;

const DEFAULT_NAMESPACE: &str = "workloads/default-namespace";

fn object(api: &str, kind: &str, namespace: &str, name: &str, spec: &Value) -> Value {
    json!({"apiVersion": api, "kind": kind, "metadata": {"namespace": namespace, "name": name}, "spec": spec})
}

/// Returns a pod specification that satisfies every control.
fn good() -> Value {
    json!({
        "serviceAccountName": "app", "automountServiceAccountToken": false,
        "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{"name": "app", "securityContext": {
            "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]}}}]})
}

pub fn mutants() -> Vec<Mutant> {
    let mut all = Vec::new();
    let template = json!({"template": {"spec": good()}});
    let jobs = json!({"jobTemplate": {"spec": template}});
    let put = |api: &str, kind: &str, namespace: &str, name: &str, spec: &Value, fails: &[&'static str]| {
        let new = object(api, kind, namespace, name, spec);
        let mutant = Mutant::new(
            format!("a new {kind} {namespace}/{name}"),
            fails,
            format!("{kind} {namespace}/{name}"),
            move |world| {
                world.put(new.clone());
            },
        );
        mutant.or(format!("Namespace {namespace}"))
    };
    for (api, kind, spec) in [
        ("v1", "Service", &json!({})),
        ("v1", "PersistentVolumeClaim", &json!({})),
        ("v1", "ServiceAccount", &json!({})),
        ("networking.k8s.io/v1", "Ingress", &json!({})),
        ("apps/v1", "Deployment", &template),
        ("apps/v1", "DaemonSet", &template),
        ("apps/v1", "StatefulSet", &template),
        ("apps/v1", "ReplicaSet", &template),
        ("v1", "ReplicationController", &template),
        ("batch/v1", "Job", &template),
        ("batch/v1", "CronJob", &jobs),
    ] {
        all.push(put(api, kind, "default", "app", spec, &[DEFAULT_NAMESPACE]));
        all.push(put(api, kind, "sandbox", "app", spec, &[]));
    }
    // Pods need a network policy too.
    all.push(put("v1", "Pod", "default", "app", &good(), &[DEFAULT_NAMESPACE, COVERED]));
    all.push(put("v1", "Pod", "sandbox", "app", &good(), &[COVERED]));
    all.push(put("v1", "Pod", "nowhere", "app", &good(), &[COVERED]));
    all.push(put("v1", "Pod", "kube-public", "app", &good(), &[]));
    // Objects that Kubernetes creates there itself.
    all.push(put("v1", "Service", "kube-public", "kubernetes", &json!({}), &[]));
    all.push(put("v1", "ServiceAccount", "default", "kubernetes", &json!({}), &[DEFAULT_NAMESPACE]));
    all.push(put("v1", "PersistentVolumeClaim", "default", "kubernetes", &json!({}), &[DEFAULT_NAMESPACE]));
    all.push(Mutant::harmless("the service of the API server is gone", |world| {
        world.remove("Service default/kubernetes");
    }));
    for (id, value) in [
        ("ServiceAccount shop/default", json!(true)),
        ("ServiceAccount shop/web", Value::Null),
        ("ServiceAccount payments/default", Value::Null),
        ("ServiceAccount ops/backup-operator", json!(false)),
        ("ServiceAccount default/default", json!(false)),
    ] {
        // The pods exist already, and only their own settings count.
        all.push(Mutant::edit("automount", id, &[], "", move |account| {
            set(account, "automountServiceAccountToken", value.clone());
        }));
    }
    for id in ["ServiceAccount shop/api", "ServiceAccount media/transcoder"] {
        let name = id.rsplit('/').next().expect("a name");
        let token = json!([{"name": format!("{name}-token-x7k2p")}]);
        all.push(Mutant::edit("a long-lived token", id, &["eks/token-secrets"], id, move |account| {
            set(account, "secrets", token.clone());
        }));
        all.push(Mutant::edit("a secret that is no token", id, &[], "", |account| {
            set(account, "secrets", json!([{"name": "registry"}]));
        }));
        all.push(Mutant::edit("pull secrets", id, &[], "", |account| {
            set(account, "imagePullSecrets", json!([{"name": "a"}]));
        }));
    }
    all
}
