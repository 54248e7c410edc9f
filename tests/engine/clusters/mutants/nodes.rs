//! Nodes and EKS's own objects.

use serde_json::{Value, json};

use super::mutant::{Mutant, set};
use super::pod_changes::DEFAULT_ACCOUNTS;
use super::rights::{MASTERS, subject};

const PRIVATE: &str = "eks/private-nodes";
const SKEW: &str = "eks/kubelet-skew";
const ADMINISTRATORS: &str = "eks/administrators";
const SUPPORT: &str = "workloads/network-policy-support";

pub fn mutants() -> Vec<Mutant> {
    let mut all = Vec::new();
    for name in ["cp-1", "worker-2", "win-1"] {
        let id = format!("Node {name}");
        for (title, kind, fails) in [
            ("an address outside", "ExternalIP", &[PRIVATE][..]),
            ("one more address", "InternalIP", &[]),
            ("a name outside", "ExternalDNS", &[]),
        ] {
            all.push(Mutant::edit(title, &id, fails, &id, move |node| {
                set(node, "status/addresses/2", json!({"type": kind, "address": "198.51.100.7"}));
            }));
        }
        for (version, fails) in [("v1.35.9", false), ("v1.37.0", true), ("v1.32.1", true)] {
            let fails: &[&str] = if fails { &[SKEW] } else { &[] };
            all.push(Mutant::edit(format!("kubelet {version}"), &id, fails, &id, move |node| {
                set(node, "status/nodeInfo/kubeletVersion", json!(version));
            }));
        }
        for version in ["v1.34.1", "v1.33.0"] {
            let old = Mutant::edit(format!("kubelet {version}"), &id, &[], "", move |node| {
                set(node, "status/nodeInfo/kubeletVersion", json!(version));
            });
            all.push(old.leaves_to_people(SKEW));
        }
        all.push(
            Mutant::edit("a kubelet of no version", &id, &[], "", |node| {
                set(node, "status/nodeInfo/kubeletVersion", json!("latest"));
            })
            .leaves_unknown(SKEW),
        );
        all.push(Mutant::edit("a label", &id, &[], "", |node| {
            node["metadata"]["labels"]["disk"] = json!("ssd");
        }));
        all.push(Mutant::edit("a condition", &id, &[], "", |node| {
            set(node, "status/conditions", json!([{"type": "Ready"}]));
        }));
    }
    let web = "Deployment shop/web";
    for (title, strategy, fails) in [
        ("all at once", json!({"type": "Recreate"}), true),
        ("all unavailable", json!({"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "100%"}}), true),
        ("as many unavailable", json!({"rollingUpdate": {"maxUnavailable": 2}}), true),
        ("some unavailable", json!({"rollingUpdate": {"maxUnavailable": "99%", "maxSurge": "100%"}}), false),
        ("one unavailable", json!({"rollingUpdate": {"maxUnavailable": 1}}), false),
    ] {
        let fails: &[&str] = if fails { &["eks/rolling-updates"] } else { &[] };
        all.push(Mutant::edit(title, web, fails, web, move |object| set(object, "spec/strategy", strategy.clone())));
    }
    for (title, change) in [
        ("another selector", json!({"minAvailable": 1, "selector": {"matchLabels": {"app": "api"}}})),
        ("no selector", json!({"minAvailable": 1})),
        ("none must stay", json!({"minAvailable": 0, "selector": {}})),
        ("all may go", json!({"maxUnavailable": "100%", "selector": {}})),
    ] {
        let budget = "PodDisruptionBudget shop/web";
        let mutant = Mutant::edit(title, budget, &[], "", move |object| object["spec"] = change.clone());
        all.push(mutant.leaves_to_people("eks/disruption-budgets"));
    }
    all.push(Mutant::edit("everything in the namespace", "PodDisruptionBudget shop/web", &[], "", |object| {
        object["spec"] = json!({"maxUnavailable": 1, "selector": {}});
    }));
    all.push(Mutant::edit("one at once", "Deployment shop/api", &[], "", |object| {
        set(object, "spec/strategy", json!({"type": "Recreate"}));
    }));
    all
}

fn mapped(group: &str) -> Value {
    json!(format!(
        "- rolearn: arn:aws:iam::111122223333:role/admins\n  username: admin\n  groups: [viewers, {group}]\n"
    ))
}

#[expect(clippy::too_many_lines, reason = "a table")]
pub fn mutants_of_eks() -> Vec<Mutant> {
    let aws_auth = "ConfigMap kube-system/aws-auth";
    let mut all = Vec::new();
    for (title, key, value, fails) in [
        ("a role among the masters", "data/mapRoles", mapped("system:masters"), &[MASTERS][..]),
        ("a user among the masters", "data/mapUsers", mapped("'system:masters'"), &[MASTERS, ADMINISTRATORS]),
        (
            "masters in a form of its own",
            "data/mapUsers",
            json!("[{userarn: a, groups: [\"system:masters\"]}]"),
            &[MASTERS, ADMINISTRATORS],
        ),
        (
            "masters in what cannot be read",
            "data/mapRoles",
            json!("- rolearn: [system:masters"),
            &[MASTERS, ADMINISTRATORS],
        ),
        ("what cannot be read", "data/mapUsers", json!("- ["), &[ADMINISTRATORS]),
        ("a role of other groups", "data/mapRoles", mapped("platform-team"), &[]),
        ("masters in a name", "data/mapUsers", json!("- username: system:masters\n  groups: [a]\n"), &[]),
        ("another account", "data/mapAccounts", json!("[\"444455556666\"]"), &[ADMINISTRATORS]),
        ("accounts that cannot be read", "data/mapAccounts", json!("{a: b}"), &[ADMINISTRATORS]),
        ("no accounts", "data/mapAccounts", json!(""), &[]),
        ("another key", "data/other", json!("system:masters"), &[]),
    ] {
        all.push(Mutant::edit(title, aws_auth, fails, aws_auth, move |object| set(object, key, value.clone())));
    }
    all.extend(writers());
    let class = "StorageClass gp3";
    for (title, value, fails) in [
        ("not encrypted", json!("false"), true),
        ("not said to be encrypted", Value::Null, true),
        ("encrypted, in another case of the key", Value::Null, false),
    ] {
        let fails: &[&str] = if fails { &["eks/storage-encryption"] } else { &[] };
        let in_another_case = fails.is_empty();
        all.push(Mutant::edit(title, class, fails, class, move |object| {
            set(object, "parameters/encrypted", value.clone());
            if in_another_case {
                set(object, "parameters/Encrypted", json!("true"));
            }
        }));
    }
    all.push(Mutant::edit("volumes of the old provisioner", class, &["eks/storage-encryption"], class, |object| {
        object["provisioner"] = json!("kubernetes.io/aws-ebs");
        set(object, "parameters/encrypted", Value::Null);
    }));
    all.push(Mutant::edit("a class of another store", class, &[], "", |object| {
        object["provisioner"] = json!("csi.example.com");
        set(object, "parameters/encrypted", Value::Null);
    }));
    let plugin = "ServiceAccount kube-system/aws-node";
    all.push(Mutant::edit("no role", plugin, &["eks/network-plugin-role"], plugin, |object| {
        set(object, "metadata/annotations", Value::Null);
    }));
    all.push(Mutant::harmless("no aws-auth", move |world| world.remove(aws_auth)));
    let of_agent = |title: &str, fails: &[&'static str], change: fn(&mut Value)| {
        Mutant::new(title, fails, "DaemonSet kube-system/aws-node", move |world| {
            world.edit("DaemonSet kube-system/aws-node", |object| change(&mut object["spec"]["template"]["spec"]));
            for letter in ["a", "b"] {
                world.edit(&format!("Pod kube-system/aws-node-{letter}2x9k"), |pod| change(&mut pod["spec"]));
            }
        })
    };
    all.push(of_agent("the agent enforces nothing", &[SUPPORT], |spec| {
        set(spec, "containers/1/args", json!(["--enable-network-policy=false"]));
    }));
    all.push(of_agent("the agent says nothing", &[SUPPORT], |spec| set(spec, "containers/1/args", Value::Null)));
    all.push(of_agent("an argument of another container", &[SUPPORT], |spec| {
        set(spec, "containers/1/args", Value::Null);
        set(spec, "containers/0/args", json!(["--enable-network-policy=true"]));
    }));
    all.push(of_agent("more arguments", &[], |spec| set(spec, "containers/1/args/3", json!("--log-level=debug"))));
    all.push(
        Mutant::new("no network plugin", &[], "", |world| {
            for id in
                ["DaemonSet kube-system/aws-node", "Pod kube-system/aws-node-a2x9k", "Pod kube-system/aws-node-b2x9k"]
            {
                world.remove(id);
            }
        })
        .leaves_unknown(SUPPORT),
    );
    all.push(
        Mutant::new("the plugin of Auto Mode", &[], "", |world| {
            world.edit("ConfigMap kube-system/amazon-vpc-cni", |map| {
                set(map, "data/enable-network-policy-controller", json!("true"));
            });
            for id in
                ["DaemonSet kube-system/aws-node", "Pod kube-system/aws-node-a2x9k", "Pod kube-system/aws-node-b2x9k"]
            {
                world.remove(id);
            }
        })
        .changes_what_is_exempt(),
    );
    let node = "Node ip-10-1-1-10.eu-west-1.compute.internal";
    all.push(Mutant::edit("an address outside", node, &[PRIVATE], node, |object| {
        set(object, "status/addresses/2", json!({"type": "ExternalIP", "address": "198.51.100.7"}));
    }));
    all
}

/// Bindings of a role that writes Services, which no other control covers.
fn writers() -> Vec<Mutant> {
    const RBAC: &str = "rbac.authorization.k8s.io";
    let mut all = Vec::new();
    for (title, kind, verb, who, fails) in [
        ("a user writes everywhere", "ClusterRoleBinding", "update", "User alice", true),
        ("a group writes everywhere", "ClusterRoleBinding", "delete", "Group platform", true),
        ("everyone writes everywhere", "ClusterRoleBinding", "patch", "Group system:authenticated", true),
        ("the accounts of a namespace do", "ClusterRoleBinding", "create", "Group system:serviceaccounts:shop", true),
        ("an application writes everywhere", "ClusterRoleBinding", "create", "ServiceAccount shop/web", true),
        ("a user reads everywhere", "ClusterRoleBinding", "list", "User alice", false),
        ("a user writes in a namespace", "RoleBinding", "update", "User alice", false),
        ("Kubernetes' own writes", "ClusterRoleBinding", "update", "User system:kube-scheduler", false),
        ("EKS's own writes", "ClusterRoleBinding", "update", "User eks:addon-manager", false),
        ("the platform's own writes", "ClusterRoleBinding", "update", "ServiceAccount kube-system/coredns", false),
    ] {
        let api = format!("{RBAC}/v1");
        let role = json!({
            "apiVersion": api, "kind": "ClusterRole", "metadata": {"name": "more"},
            "rules": [{"apiGroups": [""], "resources": ["services"], "verbs": [verb]}],
        });
        let mut binding = json!({
            "apiVersion": api, "kind": kind, "metadata": {"name": "more"},
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "more"}, "subjects": [subject(who)],
        });
        if kind == "RoleBinding" {
            binding["metadata"]["namespace"] = json!("shop");
        }
        let fails: &[&str] = if fails { &["rbac/cluster-wide-writes"] } else { &[] };
        let mutant = Mutant::new(title, fails, "ClusterRoleBinding more", move |world| {
            world.put(role.clone());
            world.put(binding.clone());
        });
        // The groups include the default account.
        let is_of_accounts = who.starts_with("Group system:serviceaccounts");
        all.push(if is_of_accounts {
            mutant.or("ServiceAccount shop/default").turning(DEFAULT_ACCOUNTS)
        } else {
            mutant
        });
    }
    all
}
