//! Network policies, and the plugins that enforce them.

use serde_json::{Value, json};

use super::mutant::{Mutant, set};
use crate::clusters::world::World;

pub const COVERED: &str = "workloads/network-policies";
const SUPPORT: &str = "workloads/network-policy-support";

pub fn mutants() -> Vec<Mutant> {
    let mut all = Vec::new();
    let only_web = || json!({"matchLabels": {"app": "web"}});
    // Policies, each the only one that covers these namespaces.
    let covering: [(&str, &[&str]); 10] = [
        ("NetworkPolicy shop/default-deny", &["shop"]),
        ("NetworkPolicy windows-apps/default-deny", &["windows-apps"]),
        ("NetworkPolicy cert-manager/allow-own", &["cert-manager"]),
        ("NetworkPolicy flux-system/allow-own", &["flux-system"]),
        ("NetworkPolicy kyverno/default", &["kyverno"]),
        ("CiliumNetworkPolicy payments/default-deny", &["payments"]),
        ("CiliumClusterwideNetworkPolicy platform", &["batch", "local-path-storage", "vmware-system-csi"]),
        ("CiliumClusterwideNetworkPolicy watchers", &["observability", "ops"]),
        ("CalicoNetworkPolicy data/default.all", &["data"]),
        ("CalicoGlobalNetworkPolicy media", &["media"]),
    ];
    for (id, namespaces) in covering {
        let named =
            |mutant: Mutant| namespaces.iter().fold(mutant, |mutant, name| mutant.or(format!("Namespace {name}")));
        let culprit = format!("Namespace {}", namespaces[0]);
        all.push(named(Mutant::new(format!("{id}: gone"), &[COVERED], &culprit, move |world| world.remove(id))));
        let mut narrowed = |title: &str, path: &'static str, value: Value| {
            all.push(named(Mutant::edit(title, id, &[COVERED], &culprit, move |object| {
                set(object, path, value.clone());
            })));
        };
        match id.split(' ').next() {
            Some("NetworkPolicy") => {
                narrowed("for some pods", "spec/podSelector", only_web());
                narrowed(
                    "for pods with a label",
                    "spec/podSelector",
                    json!({"matchExpressions": [{"key": "app", "operator": "Exists"}]}),
                );
                narrowed(
                    "for pods without a label",
                    "spec/podSelector",
                    json!({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}),
                );
                narrowed("of another namespace", "metadata/namespace", json!("sandbox"));
            }
            Some("CiliumNetworkPolicy") => {
                narrowed("for some pods", "spec/endpointSelector", only_web());
                narrowed("for nodes", "spec/endpointSelector", Value::Null);
                narrowed("no rule", "spec", Value::Null);
                narrowed("of another namespace", "metadata/namespace", json!("sandbox"));
            }
            Some("CiliumClusterwideNetworkPolicy") => {
                let path = if id.ends_with("watchers") { "specs/0" } else { "spec" };
                narrowed("for nodes", path, json!({"nodeSelector": {}, "ingress": []}));
                narrowed("for some pods", path, json!({"endpointSelector": only_web(), "ingress": []}));
                narrowed(
                    "for other namespaces",
                    path,
                    json!({"endpointSelector": {"matchLabels": {"k8s:io.kubernetes.pod.namespace": "shop"}}}),
                );
                narrowed(
                    "for no namespace",
                    path,
                    json!({"endpointSelector": {"matchExpressions": [{"key": "k8s:io.kubernetes.pod.namespace", "operator": "DoesNotExist"}]}}),
                );
            }
            _ => {
                narrowed("for some pods", "spec/selector", json!("app == 'web'"));
                narrowed("for no pods", "spec/selector", json!("!all()"));
                narrowed("a selector that is not understood", "spec/selector", json!("all( &&"));
                narrowed("for some accounts", "spec/serviceAccountSelector", json!("role == 'web'"));
            }
        }
    }
    for (title, path, value) in [
        ("for other namespaces", "spec/namespaceSelector", json!("team == 'shop'")),
        ("for all others", "spec/namespaceSelector", json!("team != 'media'")),
        ("before addresses are translated", "spec/preDNAT", json!(true)),
        ("without connections", "spec/doNotTrack", json!(true)),
    ] {
        all.push(Mutant::edit(
            title,
            "CalicoGlobalNetworkPolicy media",
            &[COVERED],
            "Namespace media",
            move |object| set(object, path, value.clone()),
        ));
    }
    all.extend(harmless());
    all.extend(support());
    all
}

fn harmless() -> Vec<Mutant> {
    let table: Vec<(&str, &str, &str, Value)> = vec![
        ("outgoing too", "NetworkPolicy shop/default-deny", "spec/policyTypes", json!(["Ingress", "Egress"])),
        ("lets some in", "NetworkPolicy shop/default-deny", "spec/ingress", json!([{"from": [{"podSelector": {}}]}])),
        (
            "an empty selector, in words",
            "NetworkPolicy shop/default-deny",
            "spec/podSelector",
            json!({"matchLabels": {}, "matchExpressions": []}),
        ),
        ("an annotation", "NetworkPolicy shop/default-deny", "metadata/annotations", json!({"a": "b"})),
        (
            "lets the cluster in",
            "CiliumNetworkPolicy payments/default-deny",
            "spec/ingress",
            json!([{"fromEntities": ["cluster"]}]),
        ),
        (
            "by a name of its namespace",
            "CiliumClusterwideNetworkPolicy watchers",
            "specs/0/endpointSelector/matchExpressions/0/key",
            json!("io.kubernetes.pod.namespace"),
        ),
        (
            "one namespace more",
            "CiliumClusterwideNetworkPolicy watchers",
            "specs/0/endpointSelector/matchExpressions/0/values",
            json!(["observability", "ops", "shop"]),
        ),
        ("no selector", "CalicoNetworkPolicy data/default.all", "spec/selector", json!("")),
        (
            "by the name of a namespace",
            "CalicoGlobalNetworkPolicy media",
            "spec/namespaceSelector",
            json!("projectcalico.org/name in {'media', 'shop'}"),
        ),
        ("of all namespaces", "CalicoGlobalNetworkPolicy media", "spec/namespaceSelector", json!("all()")),
        ("an order", "CalicoGlobalNetworkPolicy media", "spec/order", json!(100)),
        ("other rules for nodes", "CiliumClusterwideNetworkPolicy nodes", "spec/ingress", json!([])),
        ("for other pods", "NetworkPolicy shop/web", "spec/podSelector", json!({"matchLabels": {"app": "api"}})),
    ];
    let mut all: Vec<Mutant> = table
        .into_iter()
        .map(|(title, id, path, value)| {
            Mutant::edit(title, id, &[], "", move |object| set(object, path, value.clone()))
        })
        .collect();
    for id in [
        "NetworkPolicy shop/web",
        "CiliumNetworkPolicy shop/dns",
        "CiliumClusterwideNetworkPolicy nodes",
        "CalicoGlobalNetworkPolicy pre-dnat",
    ] {
        all.push(Mutant::harmless(format!("{id}: gone"), move |world| world.remove(id)));
    }
    all
}

/// Changes all pods and the template of a `DaemonSet` in `kube-system`.
fn of_agent(world: &mut World, name: &str, change: impl Fn(&mut Value)) {
    world.edit(&format!("DaemonSet kube-system/{name}"), |object| change(&mut object["spec"]["template"]["spec"]));
    let start = format!("Pod kube-system/{name}-");
    for id in world.of_kind("Pod") {
        if id.starts_with(&start) && id.len() == start.len() + 5 {
            world.edit(&id, |pod| change(&mut pod["spec"]));
        }
    }
}

fn support() -> Vec<Mutant> {
    let agent = |title: &str, change: fn(&mut Value)| {
        Mutant::new(title, &[], "", move |world| of_agent(world, "cilium", change)).leaves_unknown(SUPPORT)
    };
    vec![
        agent("a plugin that is not known", |spec| set(spec, "containers/0/name", json!("agent"))),
        agent("not on the node's network", |spec| set(spec, "hostNetwork", json!(false))),
        agent("an unknown plugin", |spec| set(spec, "containers/0/name", json!("kindnet-cni"))),
        Mutant::new("a plugin that enforces nothing", &[SUPPORT], "DaemonSet kube-system/cilium", |world| {
            of_agent(world, "cilium", |spec| set(spec, "containers/0/name", json!("kube-flannel")));
        }),
        Mutant::new("another plugin that enforces nothing", &[SUPPORT], "DaemonSet kube-system/cilium", |world| {
            of_agent(world, "cilium", |spec| set(spec, "containers/0/name", json!("aws-node")));
        }),
        Mutant::harmless("the template alone", |world| {
            world.edit("DaemonSet kube-system/cilium", |object| {
                set(object, "spec/template/spec/containers/0/name", json!("kube-flannel"));
            });
        }),
        Mutant::harmless("another image", |world| {
            of_agent(world, "cilium", |spec| set(spec, "containers/0/image", json!("registry.example.com/flannel:1")));
        }),
    ]
}
