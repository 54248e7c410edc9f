//! Policies of policy engines, each the only one for a namespace.

use serde_json::{Value, json};

use super::mutant::{Mutant, set};

const MECHANISM: &str = "pod-security/policy-mechanism";

/// A change of an object, and whether it is harmful.
type Change = (&'static str, &'static str, Value, bool);

pub fn mutants() -> Vec<Mutant> {
    let mut all = of_cluster_policy();
    all.extend(of_policy());
    all.extend(of_validating_policy());
    all.extend(of_namespaced_policy());
    all.extend(of_constraint());
    for id in ["ClusterPolicy require-labels", "K8sRequiredLabels owner"] {
        all.push(Mutant::harmless(format!("{id}: gone"), move |world| world.remove(id)));
    }
    all
}

/// Creates changes of the only policy for these namespaces, including its removal.
fn of(id: &'static str, namespaces: &[&str], changes: Vec<Change>) -> Vec<Mutant> {
    let named = |mutant: Mutant| namespaces.iter().fold(mutant, |mutant, name| mutant.or(format!("Namespace {name}")));
    let culprit = format!("Namespace {}", namespaces[0]);
    let mut all = Vec::new();
    for (title, path, value, harms) in changes {
        let fails: &[&str] = if harms { &[MECHANISM] } else { &[] };
        let change = move |object: &mut Value| set(object, path, value.clone());
        all.push(named(Mutant::edit(title, id, fails, &culprit, change)));
    }
    all.push(named(Mutant::new(format!("{id}: gone"), &[MECHANISM], &culprit, move |world| world.remove(id))));
    all
}

fn of_cluster_policy() -> Vec<Mutant> {
    let named = |name: &str| json!({"any": [{"resources": {"namespaces": [name]}}]});
    of(
        "ClusterPolicy no-host-access",
        &["batch", "local-path-storage"],
        vec![
            ("reports only", "spec/rules/0/validate/failureAction", json!("Audit"), true),
            ("leaves the action to the policy", "spec/rules/0/validate/failureAction", Value::Null, true),
            ("not at admission", "spec/admission", json!(false), true),
            ("changes objects only", "spec/rules/0/validate", Value::Null, true),
            ("of deployments", "spec/rules/0/match/any/0/resources/kinds", json!(["Deployment"]), true),
            ("of commands in pods", "spec/rules/0/match/any/0/resources/kinds", json!(["Pod/exec"]), true),
            ("of another namespace", "spec/rules/0/match/any/0/resources/namespaces", json!(["shop"]), true),
            ("of some names", "spec/rules/0/match/any/0/resources/names", json!(["web-*"]), true),
            ("of some labels", "spec/rules/0/match/any/0/resources/selector", json!({"matchLabels": {"a": "b"}}), true),
            ("of changes", "spec/rules/0/match/any/0/resources/operations", json!(["UPDATE"]), true),
            ("of some users", "spec/rules/0/match/any/0/subjects", json!([{"kind": "User", "name": "alice"}]), true),
            ("excludes a namespace", "spec/rules/0/exclude", named("batch"), true),
            ("excludes all", "spec/rules/0/exclude", named("*"), true),
            (
                "reports only in a namespace",
                "spec/rules/0/validate/failureActionOverrides",
                json!([{"action": "Audit", "namespaces": ["local-*"]}]),
                true,
            ),
            ("of all kinds", "spec/rules/0/match/any/0/resources/kinds", json!(["*"]), false),
            ("enforces twice", "spec/validationFailureAction", json!("Enforce"), false),
            ("excludes another", "spec/rules/0/exclude/any/0/resources/namespaces", json!(["kube-system"]), false),
            (
                "reports only elsewhere",
                "spec/rules/0/validate/failureActionOverrides",
                json!([{"action": "Audit", "namespaces": ["shop"]}]),
                false,
            ),
            ("in the background too", "spec/background", json!(true), false),
        ],
    )
}

fn of_policy() -> Vec<Mutant> {
    of(
        "Policy press/no-host-network",
        &["press"],
        vec![
            ("reports only", "spec/validationFailureAction", json!("Audit"), true),
            ("of another namespace", "metadata/namespace", json!("sandbox"), true),
            (
                "and of labels",
                "spec/rules/0/match/all/1",
                json!({"resources": {"selector": {"matchLabels": {"a": "b"}}}}),
                true,
            ),
            (
                "and of the namespace",
                "spec/rules/0/match/all/1",
                json!({"resources": {"namespaces": ["press"]}}),
                false,
            ),
        ],
    )
}

fn of_validating_policy() -> Vec<Mutant> {
    let pods = |operations: Value, resources: Value| json!([{"apiGroups": [""], "apiVersions": ["v1"], "operations": operations, "resources": resources}]);
    of(
        "ValidatingPolicy no-host-network",
        &["trial"],
        vec![
            ("reports only", "spec/validationActions", json!(["Audit"]), true),
            ("warns only", "spec/validationActions", json!(["Warn", "Audit"]), true),
            ("not at admission", "spec/evaluation", json!({"admission": {"enabled": false}}), true),
            ("of other documents", "spec/evaluation", json!({"mode": "JSON"}), true),
            ("of changes", "spec/matchConstraints/resourceRules", pods(json!(["UPDATE"]), json!(["pods"])), true),
            (
                "of other kinds",
                "spec/matchConstraints/resourceRules",
                pods(json!(["CREATE"]), json!(["services"])),
                true,
            ),
            (
                "of another namespace",
                "spec/matchConstraints/namespaceSelector/matchLabels",
                json!({"tenants": "other"}),
                true,
            ),
            ("of some pods", "spec/matchConstraints/objectSelector", json!({"matchLabels": {"a": "b"}}), true),
            ("of all namespaces", "spec/matchConstraints/namespaceSelector", Value::Null, false),
            ("denies by default", "spec/validationActions", Value::Null, false),
            ("at admission", "spec/evaluation", json!({"mode": "Kubernetes", "admission": {"enabled": true}}), false),
        ],
    )
}

fn of_namespaced_policy() -> Vec<Mutant> {
    of(
        "NamespacedValidatingPolicy depot/no-host-network",
        &["depot"],
        vec![
            ("reports only", "spec/validationActions", json!(["Audit"]), true),
            ("of another namespace", "metadata/namespace", json!("sandbox"), true),
        ],
    )
}

fn of_constraint() -> Vec<Mutant> {
    of(
        "K8sPSPHostNetworkingPorts no-host-network",
        &["lab"],
        vec![
            ("reports only", "spec/enforcementAction", json!("dryrun"), true),
            ("warns only", "spec/enforcementAction", json!("warn"), true),
            ("without scoped actions", "spec/enforcementAction", json!("scoped"), true),
            ("of other kinds", "spec/match/kinds", json!([{"apiGroups": ["apps"], "kinds": ["Deployment"]}]), true),
            ("of other namespaces", "spec/match/namespaces", json!(["shop"]), true),
            ("but here", "spec/match/excludedNamespaces", json!(["l*"]), true),
            ("of some labels", "spec/match/labelSelector", json!({"matchLabels": {"a": "b"}}), true),
            ("of some names", "spec/match/name", json!("web-*"), true),
            ("of what has no namespace", "spec/match/scope", json!("Cluster"), true),
            ("of templates", "spec/match/source", json!("Generated"), true),
            ("denies by default", "spec/enforcementAction", Value::Null, false),
            ("of everything", "spec/match", Value::Null, false),
            ("of this namespace", "spec/match/namespaces", json!(["la*"]), false),
            ("other parameters", "spec/parameters", json!({"hostNetwork": true}), false),
        ],
    )
}
