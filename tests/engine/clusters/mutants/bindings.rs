//! Bindings of existing roles to other subjects and in other namespaces.

use serde_json::{Value, json};

use super::mutant::{Mutant, set};
use super::pod_changes::DEFAULT_ACCOUNTS;
use super::rights::{
    ADMIN, APPROVAL, ESCALATION, MASTERS, NODE_PROXY, PODS, SECRETS, TOKENS, VOLUMES, WEBHOOKS, WILDCARDS, binding,
    subject,
};

/// The controls that a subject with all rights violates.
const EVERYTHING: [&str; 9] = [ADMIN, SECRETS, TOKENS, PODS, VOLUMES, NODE_PROXY, ESCALATION, WEBHOOKS, APPROVAL];

pub fn mutants() -> Vec<Mutant> {
    let mut all = Vec::new();
    let mut bound =
        |namespace: &'static str, to: &'static str, subjects: &'static [&'static str], fails: &[&'static str]| {
            let (kind, place) =
                if namespace.is_empty() { ("ClusterRoleBinding", "") } else { ("RoleBinding", namespace) };
            let title = format!("{kind} in {place:?} of {to} to {subjects:?}");
            let culprit = if namespace.is_empty() {
                "ClusterRoleBinding mutant".to_owned()
            } else {
                format!("RoleBinding {namespace}/mutant")
            };
            all.push(
                Mutant::new(title, fails, culprit, move |world| {
                    world.put(binding(namespace, "mutant", to, subjects));
                })
                .or(to),
            );
        };
    // In the whole cluster, in namespaces whose administrators could take over the cluster, and in others.
    bound("", "ClusterRole cluster-admin", &["User ivan"], &EVERYTHING);
    bound("", "ClusterRole cluster-admin", &["Group developers"], &EVERYTHING);
    bound("", "ClusterRole cluster-admin", &["ServiceAccount shop/web"], &EVERYTHING);
    bound("", "ClusterRole cluster-admin", &["User system:serviceaccount:shop:web"], &EVERYTHING);
    bound("", "ClusterRole break-glass", &["User ivan"], &[&EVERYTHING[..], &[WILDCARDS]].concat());
    for critical in ["kube-system", "flux-system", "cert-manager"] {
        bound(critical, "ClusterRole cluster-admin", &["User ivan"], &[ADMIN, SECRETS, TOKENS, PODS, ESCALATION]);
    }
    for other in ["shop", "default", "kube-public", "media"] {
        bound(other, "ClusterRole cluster-admin", &["User ivan"], &[SECRETS, TOKENS, PODS, ESCALATION]);
    }
    bound("shop", "ClusterRole admin", &["User ivan"], &[SECRETS, TOKENS, PODS, ESCALATION]);
    bound("shop", "ClusterRole edit", &["Group team-shop"], &[SECRETS, TOKENS, PODS, ESCALATION]);
    bound("", "ClusterRole edit", &["User ivan"], &[SECRETS, TOKENS, PODS, ESCALATION]);
    bound("", "ClusterRole system:kubelet-api-admin", &["User ivan"], &[NODE_PROXY]);
    bound("", "ClusterRole system:node", &["Group system:nodes"], &[SECRETS, PODS, TOKENS]);
    bound("", "ClusterRole system:persistent-volume-provisioner", &["User ivan"], &[VOLUMES]);
    bound("", "ClusterRole system:controller:job-controller", &["User ivan"], &[PODS]);
    bound("shop", "Role release-notes", &["User ivan"], &[]);
    bound("", "ClusterRole view", &["User ivan", "Group team-shop"], &[]);
    bound("shop", "ClusterRole view", &["ServiceAccount shop/api"], &[]);
    bound("shop", "Role nowhere", &["User ivan"], &[]);
    bound("", "ClusterRole nowhere", &["Group system:authenticated"], &[]);
    // No request comes from such subjects.
    bound("", "ClusterRole cluster-admin", &["Robot ivan"], &[]);
    bound("", "ClusterRole cluster-admin", &["ServiceAccount web"], &[]);
    // The group that may do everything without a binding.
    bound("", "ClusterRole view", &["Group system:masters"], &[MASTERS]);
    bound("shop", "ClusterRole view", &["User ivan", "Group system:masters"], &[MASTERS]);
    bound("", "ClusterRole view", &["Group system:mastersx", "User system:masters"], &[]);
    all.extend(default_accounts());
    all.extend(changed_defaults());
    all
}

/// Rights of default service accounts.
fn default_accounts() -> Vec<Mutant> {
    let table: [(&str, &[&str], &str); 12] = [
        ("shop", &["ServiceAccount shop/default"], "ServiceAccount shop/default"),
        ("shop", &["ServiceAccount /default"], "ServiceAccount shop/default"),
        ("shop", &["User system:serviceaccount:shop:default"], "ServiceAccount shop/default"),
        ("shop", &["Group system:serviceaccounts:shop"], "ServiceAccount shop/default"),
        ("shop", &["ServiceAccount media/default"], "ServiceAccount media/default"),
        ("", &["ServiceAccount payments/default"], "ServiceAccount payments/default"),
        ("", &["User ivan", "ServiceAccount batch/default"], "ServiceAccount batch/default"),
        ("", &["Group system:serviceaccounts"], "ServiceAccount "),
        // The first namespace has no pods; the second belongs to Kubernetes.
        ("", &["ServiceAccount sandbox/default"], ""),
        ("", &["ServiceAccount kube-system/default"], ""),
        ("", &["ServiceAccount shop/defaults", "User default"], ""),
        ("", &["Group system:serviceaccounts:sandbox"], ""),
    ];
    let mutants = table.into_iter().map(|(namespace, subjects, culprit)| {
        let fails: &[&str] = if culprit.is_empty() { &[] } else { &[DEFAULT_ACCOUNTS] };
        Mutant::new(format!("view in {namespace:?} for {subjects:?}"), fails, culprit, move |world| {
            world.put(binding(namespace, "mutant", "ClusterRole view", subjects));
        })
    });
    mutants.collect()
}

/// Default bindings with relevant and irrelevant changes.
fn changed_defaults() -> Vec<Mutant> {
    let default = "ClusterRoleBinding cluster-admin";
    let mut all = vec![Mutant::edit("refers to another role", default, &[MASTERS], default, |binding| {
        set(binding, "roleRef/name", json!("view"));
    })];
    for (id, label) in [
        (default, "a"),
        ("ClusterRole cluster-admin", "b"),
        ("ClusterRole view", "c"),
        ("ClusterRoleBinding developers", "d"),
    ] {
        all.push(Mutant::edit("a label and an annotation", id, &[], "", move |object| {
            set(object, "metadata/labels", json!({"kubernetes.io/bootstrapping": "rbac-defaults", "x": label}));
            set(object, "metadata/annotations", json!({"rbac.authorization.kubernetes.io/autoupdate": "true"}));
        }));
    }
    // The label of default bindings proves nothing.
    all.push(Mutant::new(
        "a binding with the label of defaults",
        &EVERYTHING,
        "ClusterRoleBinding system:mutant",
        |world| {
            let mut object = binding("", "system:mutant", "ClusterRole cluster-admin", &["User system:ivan"]);
            object["metadata"]["labels"] = json!({"kubernetes.io/bootstrapping": "rbac-defaults"});
            world.put(object);
        },
    ));
    all.push(Mutant::new(
        "a name of EKS elsewhere",
        &EVERYTHING,
        "ClusterRoleBinding eks:addon-cluster-admin",
        |world| {
            world.put(binding("", "eks:addon-cluster-admin", "ClusterRole cluster-admin", &["User eks:addon-manager"]));
        },
    ));
    let everyone: Value = subject("Group system:authenticated");
    for (id, fails) in [
        ("ClusterRoleBinding nobody", &[SECRETS][..]),
        ("ClusterRoleBinding system:node", &[SECRETS, PODS, TOKENS]),
        ("ClusterRoleBinding developers", &[]),
        ("RoleBinding shop/release-notes", &[]),
    ] {
        let everyone = everyone.clone();
        all.push(Mutant::edit("one subject more", id, fails, id, move |binding| {
            let mut subjects = binding["subjects"].as_array().cloned().unwrap_or_default();
            subjects.push(everyone.clone());
            binding["subjects"] = json!(subjects);
        }));
    }
    all
}
