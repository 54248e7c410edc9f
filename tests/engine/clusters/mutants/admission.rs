//! Admission control of pods: Pod Security levels, policies and webhooks.

use serde_json::{Value, json};

use super::mutant::{Mutant, set};
use super::networks::COVERED;

const MECHANISM: &str = "pod-security/policy-mechanism";
const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

fn labels(object: &mut Value) -> &mut serde_json::Map<String, Value> {
    object["metadata"]["labels"].as_object_mut().expect("labels")
}

pub fn mutants() -> Vec<Mutant> {
    let mut all = Vec::new();
    for name in [
        "shop",
        "payments",
        "data",
        "windows-apps",
        "observability",
        "ops",
        "sandbox",
        "default",
        "cilium-secrets",
        "cert-manager",
        "flux-system",
        "kyverno",
    ] {
        let id = format!("Namespace {name}");
        all.push(Mutant::edit("no level", &id, &[MECHANISM], &id, |object| drop(labels(object).remove(ENFORCE))));
        all.push(Mutant::edit("enforces nothing", &id, &[MECHANISM], &id, |object| {
            labels(object).insert(ENFORCE.to_owned(), json!("privileged"));
        }));
        all.push(Mutant::edit("warns and audits only", &id, &[MECHANISM], &id, |object| {
            let level = labels(object).remove(ENFORCE).expect("a level");
            labels(object).insert("pod-security.kubernetes.io/warn".to_owned(), level.clone());
            labels(object).insert("pod-security.kubernetes.io/audit".to_owned(), level);
        }));
        for (title, label, value) in [
            ("enforces the baseline", ENFORCE, "baseline"),
            ("a level that there is not, which is taken as restricted", ENFORCE, "strict"),
            ("an old version", "pod-security.kubernetes.io/enforce-version", "v1.25"),
            ("another team", "owner", "privileged"),
        ] {
            if title.contains("baseline") && ["data", "windows-apps"].contains(&name) {
                continue;
            }
            all.push(Mutant::edit(title, &id, &[], "", move |object| {
                labels(object).insert(label.to_owned(), json!(value));
            }));
        }
    }
    for (name, label, fails) in [
        ("media", "team", &[MECHANISM, COVERED][..]),
        ("batch", "tenants", &[MECHANISM]),
        ("batch", "tier", &[COVERED]),
        ("local-path-storage", "tenants", &[MECHANISM]),
        ("local-path-storage", "tier", &[COVERED]),
        ("vmware-system-csi", "tier", &[COVERED]),
    ] {
        let id = format!("Namespace {name}");
        all.push(Mutant::edit(format!("no label {label}"), &id, fails, &id, move |object| {
            drop(labels(object).remove(label));
        }));
        all.push(Mutant::edit(format!("another {label}"), &id, fails, &id, move |object| {
            labels(object).insert(label.to_owned(), json!("another"));
        }));
    }
    for (name, label, fails) in [("new", None, true), ("new", Some("restricted"), false), ("kube-new", None, false)] {
        let mut object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {}}});
        if let Some(level) = label {
            labels(&mut object).insert(ENFORCE.to_owned(), json!(level));
        }
        let fails: &[&str] = if fails { &[MECHANISM] } else { &[] };
        all.push(Mutant::new(format!("a new namespace {name} {label:?}"), fails, "Namespace new", move |world| {
            world.put(object.clone());
        }));
    }
    all.extend(policies());
    all.extend(webhooks());
    all
}

fn policies() -> Vec<Mutant> {
    let (policy, binding) =
        ("ValidatingAdmissionPolicy no-host-access", "ValidatingAdmissionPolicyBinding no-host-access-media");
    let pods = |operations: Value| json!([{"apiGroups": [""], "apiVersions": ["v1"], "operations": operations, "resources": ["pods"]}]);
    let of_binding: Vec<(&str, &str, Value, bool)> = vec![
        ("warns only", "spec/validationActions", json!(["Warn", "Audit"]), true),
        ("does nothing", "spec/validationActions", json!([]), true),
        ("binds another policy", "spec/policyName", json!("no-host-acces"), true),
        ("for other teams", "spec/matchResources/namespaceSelector/matchExpressions/0/values", json!(["shop"]), true),
        (
            "for all other teams",
            "spec/matchResources/namespaceSelector/matchExpressions/0/operator",
            json!("NotIn"),
            true,
        ),
        (
            "for namespaces without a team",
            "spec/matchResources/namespaceSelector/matchExpressions/0/operator",
            json!("DoesNotExist"),
            true,
        ),
        ("for some pods", "spec/matchResources/objectSelector", json!({"matchLabels": {"checked": "yes"}}), true),
        ("not for pods", "spec/matchResources/excludeResourceRules", pods(json!(["*"])), true),
        (
            "for other kinds",
            "spec/matchResources/resourceRules",
            json!([{"apiGroups": ["apps"], "operations": ["CREATE"], "resources": ["deployments"]}]),
            true,
        ),
        (
            "for namespaces with a team",
            "spec/matchResources/namespaceSelector/matchExpressions/0",
            json!({"key": "team", "operator": "Exists"}),
            false,
        ),
        ("for all namespaces", "spec/matchResources", Value::Null, false),
        ("denies alone", "spec/validationActions", json!(["Deny", "Warn"]), false),
        ("with a parameter", "spec/paramRef", json!({"name": "limits", "parameterNotFoundAction": "Deny"}), false),
    ];
    let of_policy: Vec<(&str, &str, Value, bool)> = vec![
        ("asked about updates only", "spec/matchConstraints/resourceRules", pods(json!(["UPDATE"])), true),
        ("asked about one pod", "spec/matchConstraints/resourceRules/0/resourceNames", json!(["web"]), true),
        ("asked about what is in pods", "spec/matchConstraints/resourceRules/0/resources", json!(["pods/exec"]), true),
        ("asked about another group", "spec/matchConstraints/resourceRules/0/apiGroups", json!(["apps"]), true),
        ("asked about nothing", "spec/matchConstraints/resourceRules", json!([]), true),
        ("for some namespaces", "spec/matchConstraints/namespaceSelector", json!({"matchLabels": {"a": "b"}}), true),
        (
            "asked about everything",
            "spec/matchConstraints/resourceRules",
            json!([{"apiGroups": ["*"], "operations": ["*"], "resources": ["*"]}]),
            false,
        ),
        ("passes where it fails", "spec/failurePolicy", json!("Ignore"), false),
        ("other expressions", "spec/validations", json!([{"expression": "true"}]), false),
    ];
    let mut all: Vec<Mutant> = vec![
        Mutant::new("no binding for media", &[MECHANISM], "Namespace media", move |world| world.remove(binding)),
        Mutant::new("no policy", &[MECHANISM], "Namespace media", move |world| world.remove(policy))
            .or("Namespace vmware-system-csi"),
        Mutant::harmless("no binding that only warns", |world| {
            world.remove("ValidatingAdmissionPolicyBinding no-host-access-trial");
        }),
    ];
    for (id, table) in [(binding, of_binding), (policy, of_policy)] {
        for (title, path, value, harms) in table {
            let fails: &[&str] = if harms { &[MECHANISM] } else { &[] };
            let mutant =
                Mutant::edit(title, id, fails, "Namespace media", move |object| set(object, path, value.clone()));
            all.push(if id == policy { mutant.or("Namespace vmware-system-csi") } else { mutant });
        }
    }
    all
}

fn webhooks() -> Vec<Mutant> {
    // All namespaces that Kyverno protects.
    let others = |mutant: Mutant| {
        let names = ["local-path-storage", "depot", "press", "trial"];
        names.into_iter().fold(mutant, |mutant, name| mutant.or(format!("Namespace {name}")))
    };
    let id = "ValidatingWebhookConfiguration kyverno-resource-validating-webhook-cfg";
    let table: Vec<(&str, &str, Value, bool)> = vec![
        ("asked about updates only", "webhooks/0/rules/0/operations", json!(["UPDATE"]), true),
        ("asked about other kinds", "webhooks/0/rules/0/resources", json!(["services"]), true),
        ("asked about another group", "webhooks/0/rules/0/apiGroups", json!(["batch"]), true),
        ("asked about nothing", "webhooks/0/rules", json!([]), true),
        ("for other namespaces", "webhooks/0/namespaceSelector/matchLabels", json!({"tenants": "other"}), true),
        ("for some pods", "webhooks/0/objectSelector", json!({"matchLabels": {"checked": "yes"}}), true),
        ("no webhook", "webhooks", json!([]), true),
        ("asked about all pods", "webhooks/0/namespaceSelector", Value::Null, false),
        (
            "asked about everything",
            "webhooks/0/rules",
            json!([{"apiGroups": ["*"], "operations": ["*"], "resources": ["*/*"]}]),
            false,
        ),
        ("passes where it fails", "webhooks/0/failurePolicy", json!("Ignore"), false),
        (
            "another certificate",
            "webhooks/0/clientConfig",
            json!({"service": {"name": "kyverno-svc", "namespace": "kyverno"}}),
            false,
        ),
        ("waits longer", "webhooks/0/timeoutSeconds", json!(30), false),
    ];
    let mut all: Vec<Mutant> = table
        .into_iter()
        .map(|(title, path, value, harms)| {
            let fails: &[&str] = if harms { &[MECHANISM] } else { &[] };
            let mutant =
                Mutant::edit(title, id, fails, "Namespace batch", move |object| set(object, path, value.clone()));
            others(mutant)
        })
        .collect();
    let gone = Mutant::new("no Kyverno", &[MECHANISM], "Namespace batch", move |world| world.remove(id));
    all.push(others(gone));
    let renamed = Mutant::new("a webhook of an unknown engine", &[MECHANISM], "Namespace batch", move |world| {
        let mut object = world.get(id);
        object["metadata"]["name"] = json!("defaults.example.com");
        object["webhooks"][0]["name"] = json!("defaults.example.com");
        world.remove(id);
        world.put(object);
    });
    all.push(others(renamed));
    all.push(Mutant::harmless("a webhook of others is gone", |world| {
        world.remove("ValidatingWebhookConfiguration cert-manager-webhook");
    }));
    all
}
