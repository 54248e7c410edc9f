//! Each right that a control covers, and similar rights that none covers, granted in every way.

use serde_json::{Value, json};

use super::mutant::Mutant;
use crate::clusters::world::World;

pub const ADMIN: &str = "rbac/cluster-admin";
pub const SECRETS: &str = "rbac/secrets-access";
pub const WILDCARDS: &str = "rbac/wildcards";
pub const PODS: &str = "rbac/create-pods";
pub const MASTERS: &str = "rbac/system-masters";
pub const ESCALATION: &str = "rbac/bind-impersonate-escalate";
pub const VOLUMES: &str = "rbac/create-persistent-volumes";
pub const NODE_PROXY: &str = "rbac/node-proxy";
pub const APPROVAL: &str = "rbac/approve-certificates";
pub const WEBHOOKS: &str = "rbac/webhook-configurations";
pub const TOKENS: &str = "rbac/create-tokens";

const GROUP: &str = "rbac.authorization.k8s.io";
const CSR: &str = "certificates.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";

/// Rules, and the controls that fail if they are granted in the whole cluster or in one namespace.
struct Right {
    title: String,
    rules: Vec<Value>,
    cluster: Vec<&'static str>,
    namespace: Vec<&'static str>,
}

fn rule(verbs: &str, group: &str, resources: &str, names: &str) -> Value {
    let list = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
    let mut rule = json!({"verbs": list(verbs), "apiGroups": list(group), "resources": list(resources)});
    if !names.is_empty() {
        rule["resourceNames"] = json!(list(names));
    }
    rule
}

/// Verbs, groups, resources, names; controls that fail in the cluster; controls that fail in a namespace.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static [&'static str], &'static [&'static str]);

fn rights() -> Vec<Right> {
    let table: Vec<Row> = vec![
        ("get", "", "secrets", "", &[SECRETS], &[SECRETS]),
        ("list", "", "secrets", "", &[SECRETS], &[SECRETS]),
        ("watch", "", "secrets", "", &[SECRETS], &[SECRETS]),
        ("patch", "", "secrets", "", &[SECRETS], &[SECRETS]),
        ("update", "", "configmaps,secrets", "", &[SECRETS], &[SECRETS]),
        ("create", "", "secrets", "", &[TOKENS], &[TOKENS]),
        ("*", "", "secrets", "", &[SECRETS, TOKENS, WILDCARDS], &[SECRETS, TOKENS, WILDCARDS]),
        ("get", "*", "secrets", "", &[SECRETS, WILDCARDS], &[SECRETS, WILDCARDS]),
        ("get", "apps,", "deployments,secrets", "", &[SECRETS], &[SECRETS]),
        ("get", "", "*", "", &[SECRETS, NODE_PROXY, WILDCARDS], &[SECRETS, WILDCARDS]),
        (
            "*",
            "",
            "*",
            "",
            &[SECRETS, TOKENS, PODS, VOLUMES, NODE_PROXY, ESCALATION, WILDCARDS],
            &[SECRETS, TOKENS, PODS, ESCALATION, WILDCARDS],
        ),
        (
            "*",
            "*",
            "*",
            "",
            &[ADMIN, SECRETS, TOKENS, PODS, VOLUMES, NODE_PROXY, ESCALATION, WEBHOOKS, APPROVAL, WILDCARDS],
            &[SECRETS, TOKENS, PODS, ESCALATION, WILDCARDS],
        ),
        ("create", "", "pods", "", &[PODS], &[PODS]),
        ("create", "", "replicationcontrollers", "", &[PODS], &[PODS]),
        ("create", "apps", "deployments", "", &[PODS], &[PODS]),
        ("create", "apps", "daemonsets", "", &[PODS], &[PODS]),
        ("create", "apps", "statefulsets", "", &[PODS], &[PODS]),
        ("create", "apps", "replicasets", "", &[PODS], &[PODS]),
        ("get,create", "batch", "jobs", "", &[PODS], &[PODS]),
        ("create", "batch", "cronjobs", "", &[PODS], &[PODS]),
        ("create", "extensions", "deployments", "", &[PODS], &[PODS]),
        ("create", "apps", "*", "", &[PODS, WILDCARDS], &[PODS, WILDCARDS]),
        ("*", "batch", "jobs", "", &[PODS, WILDCARDS], &[PODS, WILDCARDS]),
        ("bind", GROUP, "clusterroles", "", &[ESCALATION], &[ESCALATION]),
        ("bind", GROUP, "roles", "", &[ESCALATION], &[ESCALATION]),
        ("bind", GROUP, "clusterroles", "view,cluster-admin", &[ESCALATION], &[ESCALATION]),
        ("escalate", GROUP, "clusterroles", "", &[ESCALATION], &[]),
        ("escalate", GROUP, "clusterroles", "view", &[ESCALATION], &[]),
        ("escalate", GROUP, "roles", "", &[ESCALATION], &[ESCALATION]),
        ("impersonate", "", "users", "", &[ESCALATION], &[]),
        ("impersonate", "", "groups", "", &[ESCALATION], &[]),
        ("impersonate", "", "groups", "system:masters", &[ESCALATION], &[]),
        ("impersonate", "", "serviceaccounts", "", &[ESCALATION], &[ESCALATION]),
        ("impersonate", "authentication.k8s.io", "uids", "", &[ESCALATION], &[]),
        ("impersonate", "authentication.k8s.io", "userextras/scopes", "", &[ESCALATION], &[]),
        ("impersonate", "authentication.k8s.io", "userextras/*", "", &[ESCALATION], &[]),
        ("*", GROUP, "clusterroles", "", &[ESCALATION, WILDCARDS], &[ESCALATION, WILDCARDS]),
        ("create", "", "persistentvolumes", "", &[VOLUMES], &[]),
        ("get,create", "", "persistentvolumeclaims,persistentvolumes", "", &[VOLUMES], &[]),
        ("get", "", "nodes/proxy", "", &[NODE_PROXY], &[]),
        ("create", "", "nodes/proxy", "", &[NODE_PROXY], &[]),
        ("patch", "", "nodes/proxy", "", &[NODE_PROXY], &[]),
        ("use", "", "nodes/proxy", "", &[NODE_PROXY], &[]),
        ("get", "", "nodes/proxy", "worker-1", &[NODE_PROXY], &[]),
        ("get", "", "*/proxy", "", &[NODE_PROXY], &[]),
        ("*", "", "nodes/proxy", "", &[NODE_PROXY, WILDCARDS], &[WILDCARDS]),
        ("create", ADMISSION, "validatingwebhookconfigurations", "", &[WEBHOOKS], &[]),
        ("update", ADMISSION, "validatingwebhookconfigurations", "", &[WEBHOOKS], &[]),
        ("patch", ADMISSION, "validatingwebhookconfigurations", "", &[WEBHOOKS], &[]),
        ("delete", ADMISSION, "validatingwebhookconfigurations", "", &[WEBHOOKS], &[]),
        ("deletecollection", ADMISSION, "validatingwebhookconfigurations", "", &[WEBHOOKS], &[]),
        ("create", ADMISSION, "mutatingwebhookconfigurations", "", &[WEBHOOKS], &[]),
        ("patch", ADMISSION, "mutatingwebhookconfigurations", "", &[WEBHOOKS], &[]),
        ("deletecollection", ADMISSION, "mutatingwebhookconfigurations", "", &[WEBHOOKS], &[]),
        ("*", ADMISSION, "*", "", &[WEBHOOKS, WILDCARDS], &[WILDCARDS]),
        ("create", "", "serviceaccounts/token", "", &[TOKENS], &[TOKENS]),
        ("create", "", "*/token", "", &[TOKENS], &[TOKENS]),
        ("get", "apps", "*", "", &[WILDCARDS], &[WILDCARDS]),
        ("*", "autoscaling", "horizontalpodautoscalers", "", &[WILDCARDS], &[WILDCARDS]),
        ("get", "*", "widgets", "", &[WILDCARDS], &[WILDCARDS]),
        // Similar rights that no control covers.
        ("delete,deletecollection", "", "secrets", "", &[], &[]),
        ("get", "example.com", "secrets", "", &[], &[]),
        ("get", "", "secrets", "one,two", &[], &[]),
        ("list,watch", "", "secrets", "one", &[], &[]),
        ("get", "", "secrets/status", "", &[], &[]),
        ("create", "", "pods", "one", &[], &[]),
        ("create", "", "pods/exec,pods/attach,pods/portforward,pods/eviction", "", &[], &[]),
        ("create", "", "pods/*", "", &[], &[]),
        ("update,patch,delete", "apps", "deployments,daemonsets,statefulsets", "", &[], &[]),
        ("create", "example.com", "deployments", "", &[], &[]),
        ("create", "", "podtemplates,bindings,events,configmaps,services", "", &[], &[]),
        ("bind", GROUP, "clusterroles", "view", &[], &[]),
        ("create,update", GROUP, "clusterroles,clusterrolebindings,roles,rolebindings", "", &[], &[]),
        ("bind,escalate", "", "clusterroles", "", &[], &[]),
        ("impersonate", "", "users", "ivan", &[], &[]),
        ("impersonate", "example.com", "users", "", &[], &[]),
        ("get,list,update,patch,delete", "", "persistentvolumes", "", &[], &[]),
        ("create", "", "persistentvolumeclaims", "", &[], &[]),
        ("get", "", "nodes,nodes/metrics,nodes/stats,nodes/configz", "", &[], &[]),
        ("get", "", "pods/proxy,services/proxy", "", &[], &[]),
        ("get,list,watch", ADMISSION, "validatingwebhookconfigurations,mutatingwebhookconfigurations", "", &[], &[]),
        ("create,update", ADMISSION, "validatingadmissionpolicies", "", &[], &[]),
        ("create", "", "serviceaccounts", "", &[], &[]),
        ("get", "", "serviceaccounts/token", "", &[], &[]),
        ("update", CSR, "certificatesigningrequests/approval", "", &[], &[]),
        ("approve", CSR, "signers", "", &[], &[]),
        ("create,get", CSR, "certificatesigningrequests", "", &[], &[]),
    ];
    let mut all: Vec<Right> = table
        .into_iter()
        .map(|(verbs, group, resources, names, cluster, namespace)| Right {
            title: format!("{verbs} {resources} of {group:?} {names:?}"),
            rules: vec![rule(verbs, group, resources, names)],
            cluster: cluster.to_vec(),
            namespace: namespace.to_vec(),
        })
        .collect();
    for (verb, signers, fails) in [
        ("update", "", true),
        ("patch", "", true),
        ("patch", "kubernetes.io/kubelet-serving", true),
        ("update", "example.com/internal", false),
        ("get", "", false),
    ] {
        all.push(Right {
            title: format!("{verb} approvals, approve signers {signers:?}"),
            rules: vec![
                rule(verb, CSR, "certificatesigningrequests/approval", ""),
                rule("approve", CSR, "signers", signers),
            ],
            cluster: if fails { vec![APPROVAL] } else { Vec::new() },
            namespace: Vec::new(),
        });
    }
    all
}

pub fn role(namespace: &str, name: &str, rules: &[Value]) -> Value {
    let mut role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": name}, "rules": rules});
    role["kind"] = json!(if namespace.is_empty() { "ClusterRole" } else { "Role" });
    if !namespace.is_empty() {
        role["metadata"]["namespace"] = json!(namespace);
    }
    role
}

/// Creates a binding. `role` is `ClusterRole name` or `Role name`; a subject is `User name` or
/// `ServiceAccount namespace/name`.
pub fn binding(namespace: &str, name: &str, role: &str, subjects: &[&str]) -> Value {
    let (kind, role) = role.split_once(' ').expect("a kind and a name");
    let subjects: Vec<Value> = subjects.iter().map(|subject| self::subject(subject)).collect();
    let mut binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": name},
        "roleRef": {"apiGroup": GROUP, "kind": kind, "name": role}, "subjects": subjects});
    binding["kind"] = json!(if namespace.is_empty() { "ClusterRoleBinding" } else { "RoleBinding" });
    if !namespace.is_empty() {
        binding["metadata"]["namespace"] = json!(namespace);
    }
    binding
}

pub fn subject(text: &str) -> Value {
    let (kind, name) = text.split_once(' ').expect("a kind and a name");
    match name.split_once('/') {
        Some((namespace, name)) if kind == "ServiceAccount" => {
            json!({"kind": kind, "namespace": namespace, "name": name})
        }
        _ => json!({"apiGroup": GROUP, "kind": kind, "name": name}),
    }
}

/// A way of granting rules under a name.
type Way = fn(&mut World, &[Value], &str);

/// Ways that create a role and a binding: whether for the whole cluster, and the possible culprits.
const NEW: [(&str, bool, [&str; 2], Way); 3] = [
    ("a role bound to a user", true, ["ClusterRoleBinding NAME [", "ClusterRole NAME"], |world, rules, name| {
        world.put(role("", name, rules));
        world.put(binding("", name, &format!("ClusterRole {name}"), &[&format!("User ivan-{name}")]));
    }),
    (
        "bound in a namespace",
        false,
        ["RoleBinding shop/NAME [ServiceAccount shop/web]", "ClusterRole NAME"],
        |world, rules, name| {
            world.put(role("", name, rules));
            world.put(binding("shop", name, &format!("ClusterRole {name}"), &["ServiceAccount /web"]));
        },
    ),
    (
        "a namespace's role",
        false,
        ["RoleBinding shop/NAME [Group team-shop]", "Role shop/NAME"],
        |world, rules, name| {
            world.put(role("shop", name, rules));
            world.put(binding("shop", name, &format!("Role {name}"), &["Group team-shop"]));
        },
    ),
];

/// Ways that extend an existing role: whether for the whole cluster, and its binding.
const WIDENED: [(&str, bool, &str); 3] = [
    ("ClusterRole developer", true, "ClusterRoleBinding developers [Group developers]"),
    (
        "ClusterRole system:controller:ttl-controller",
        true,
        "ClusterRoleBinding system:controller:ttl-controller [ServiceAccount kube-system/ttl-controller]",
    ),
    ("Role data/config", false, "RoleBinding data/config [ServiceAccount data/lone]"),
];

/// Ways that grant nothing to anyone.
const VOID: [(&str, Way); 2] = [
    ("a role without a binding", |world, rules, name| world.put(role("", name, rules))),
    ("a binding without subjects", |world, rules, name| {
        world.put(role("", name, rules));
        world.put(binding("", name, &format!("ClusterRole {name}"), &[]));
    }),
];

pub fn mutants() -> Vec<Mutant> {
    let mut all = Vec::new();
    for (number, Right { title, rules, cluster, namespace }) in rights().into_iter().enumerate() {
        let name = format!("mutant-{number:03}");
        let fails = |whole: bool| if whole { &cluster } else { &namespace };
        for (way, whole, culprits, change) in NEW {
            let [culprit, other] = culprits.map(|culprit| culprit.replace("NAME", &name));
            let (rules, own) = (rules.clone(), name.clone());
            let mutant =
                Mutant::new(format!("{title}: {way}"), fails(whole), culprit, move |world| change(world, &rules, &own));
            all.push(mutant.or(other).with_others(way, &name));
        }
        for (place, (id, whole, culprit)) in WIDENED.into_iter().enumerate() {
            // Each right is tried with one of them.
            if number % WIDENED.len() == place {
                let rules = rules.clone();
                let mutant = Mutant::edit(title.clone(), id, fails(whole), culprit, move |role| {
                    role["rules"].as_array_mut().expect("rules").extend(rules.iter().cloned());
                });
                all.push(mutant.or(id));
            }
        }
        for (way, change) in VOID {
            let (rules, own) = (rules.clone(), name.clone());
            let mutant = Mutant::harmless(format!("{title}: {way}"), move |world| change(world, &rules, &own));
            all.push(mutant.with_others(way, &name));
        }
    }
    all
}
