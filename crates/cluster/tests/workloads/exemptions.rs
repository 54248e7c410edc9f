//! The shipped exemptions, compared with what the platforms' workloads need.

use std::collections::BTreeSet;

use cluster::policy::Outcome;
use cluster::policy::exempt_workload::{WorkloadExemption, WorkloadExemptions};
use cluster::policy::workloads::controls;
use serde_json::{Value, json};

use crate::workloads::world::World;

fn shipped() -> WorkloadExemptions {
    serde_yaml::from_str(include_str!("../../../../benchmarks/exemptions/workloads.yaml")).unwrap()
}

fn all() -> Vec<WorkloadExemption> {
    shipped().on(&["aks", "eks", "eks-anywhere", "gke"]).unwrap()
}

/// The controls that fail for a pod despite the shipped exemptions.
fn failed(name: &str, owner: &str, spec: Value) -> Vec<&'static str> {
    let world = World { exemptions: all(), ..World::default() }.pod(name, owner, spec);
    // These judge a namespace, whatever its pods.
    let of_namespaces = ["workloads/network-policies", "eks/network-policies-enforced"];
    let of_pods = controls().filter(|control| !of_namespaces.contains(control));
    of_pods.filter(|control| world.outcome(control) == Outcome::Fail).collect()
}

fn paths() -> Value {
    json!([{"name": "lib-modules", "hostPath": {"path": "/lib/modules"}}])
}

#[test]
fn each_exemption_names_controls_that_there_are_and_its_reason() {
    let known: BTreeSet<&str> = controls().collect();
    let all = all();
    assert!(all.len() > 100);
    for exemption in &all {
        assert!(!exemption.controls.is_empty() && exemption.reason.len() > 10, "{exemption:?}");
        for control in &exemption.controls {
            assert!(known.contains(control.as_str()), "{control}");
        }
    }
    let workloads: BTreeSet<_> =
        all.iter().map(|one| (&one.namespace, &one.controller.kind, &one.controller.name)).collect();
    assert_eq!(workloads.len(), all.len(), "no workload is there twice");
}

#[test]
fn exemptions_hold_on_their_platforms() {
    let on =
        |platforms: &[&str], name: &str| shipped().on(platforms).unwrap().iter().any(|one| one.controller.name == name);
    for (platforms, expected) in [
        (&[][..], [true, true, false, false, false, false]),
        (&["eks"], [true, true, true, false, false, false]),
        (&["eks-anywhere"], [true, true, false, true, false, false]),
        (&["gke"], [true, true, false, false, true, false]),
        (&["aks", "eks"], [true, true, true, false, false, true]),
    ] {
        let workloads = ["kube-proxy", "aws-node", "eks-pod-identity-agent", "smee", "anetd", "azure-cns"];
        assert_eq!(workloads.map(|name| on(platforms, name)), expected, "{platforms:?}");
    }
}

#[test]
fn the_platforms_workloads_fail_nothing() {
    let privileged = json!({"privileged": true});
    for (name, owner, spec) in [
        (
            "kube-system/kube-proxy-x",
            "DaemonSet/kube-proxy",
            json!({"hostNetwork": true, "volumes": paths(), "serviceAccountName": "kube-proxy",
                "containers": [{"name": "kube-proxy", "securityContext": privileged}]}),
        ),
        (
            "kube-system/aws-node-x",
            "DaemonSet/aws-node",
            json!({"hostNetwork": true, "volumes": paths(), "serviceAccountName": "aws-node",
                "initContainers": [{"name": "aws-vpc-cni-init", "securityContext": privileged}],
                "containers": [
                    {"name": "aws-node", "ports": [{"containerPort": 61678, "hostPort": 61678}],
                        "securityContext": {"capabilities": {"add": ["NET_ADMIN", "NET_RAW"]}}},
                    {"name": "aws-eks-nodeagent", "args": ["--enable-network-policy=true"],
                        "securityContext": {"privileged": true, "capabilities": {"add": ["NET_ADMIN"]}}}]}),
        ),
        (
            "kube-system/cilium-x",
            "DaemonSet/cilium",
            json!({"hostNetwork": true, "volumes": paths(), "serviceAccountName": "cilium",
                "securityContext": {"appArmorProfile": {"type": "Unconfined"}},
                "initContainers": [{"name": "mount-bpf-fs", "securityContext": privileged}],
                "containers": [{"name": "cilium-agent", "ports": [{"containerPort": 4244, "hostPort": 4244}],
                    "livenessProbe": {"httpGet": {"host": "127.0.0.1"}},
                    "securityContext": {"seLinuxOptions": {"type": "spc_t", "level": "s0"},
                        "capabilities": {"add": ["NET_ADMIN", "NET_RAW", "SYS_ADMIN"], "drop": ["ALL"]}}}]}),
        ),
        (
            "kube-system/cilium-operator-5d-x",
            "Deployment/cilium-operator",
            json!({"hostNetwork": true, "serviceAccountName": "cilium-operator",
                "containers": [{"name": "cilium-operator", "livenessProbe": {"httpGet": {"host": "127.0.0.1"}}}]}),
        ),
        (
            "kube-system/coredns-5d-x",
            "Deployment/coredns",
            json!({"serviceAccountName": "coredns", "containers": [{"name": "coredns", "securityContext": {
                "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                "capabilities": {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]}}}]}),
        ),
        (
            "calico-system/calico-node-x",
            "DaemonSet/calico-node",
            json!({"hostNetwork": true, "volumes": paths(), "serviceAccountName": "calico-node",
                "containers": [{"name": "calico-node", "securityContext": privileged}]}),
        ),
        (
            "kube-system/eks-pod-identity-agent-x",
            "DaemonSet/eks-pod-identity-agent",
            json!({"hostNetwork": true, "serviceAccountName": "eks-pod-identity-agent",
                "initContainers": [{"name": "init", "securityContext": privileged}],
                "containers": [{"name": "agent", "ports": [{"hostPort": 80}],
                    "securityContext": {"capabilities": {"add": ["CAP_NET_BIND_SERVICE"]}}}]}),
        ),
        (
            "eksa-system/kube-vip-x",
            "DaemonSet/kube-vip",
            json!({"hostNetwork": true, "serviceAccountName": "kube-vip",
                "containers": [{"name": "kube-vip", "securityContext": {"capabilities": {"add": ["NET_ADMIN", "NET_RAW"]}}}]}),
        ),
        (
            "kube-system/ebs-csi-node-windows-x",
            "DaemonSet/ebs-csi-node-windows",
            json!({"hostNetwork": true, "os": {"name": "windows"}, "volumes": paths(), "serviceAccountName": "ebs",
                "securityContext": {"windowsOptions": {"hostProcess": true}}, "containers": [{"name": "ebs-plugin"}]}),
        ),
    ] {
        assert_eq!(failed(name, owner, spec.clone()), [""; 0], "{owner}");
        let (_, pod) = name.split_once('/').unwrap();
        assert_ne!(failed(&format!("shop/{pod}"), owner, spec.clone()), [""; 0], "{owner} elsewhere");
        assert_ne!(failed(name, &format!("{owner}-2"), spec), [""; 0], "another than {owner}");
    }
}

#[test]
fn they_may_do_nothing_that_they_do_not_need() {
    let spec = json!({"hostPID": true, "hostIPC": true, "hostNetwork": true, "volumes": paths(),
        "serviceAccountName": "kube-proxy", "containers": [{"name": "kube-proxy", "env": [
            {"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
            "securityContext": {"privileged": true, "capabilities": {"add": ["SYS_ADMIN"]}}}]});
    assert_eq!(
        failed("kube-system/kube-proxy-x", "DaemonSet/kube-proxy", spec.clone()),
        [
            "pod-security/host-pid",
            "pod-security/host-ipc",
            "pod-security/added-capabilities",
            "workloads/secrets-as-files",
            "pod-security/host-namespaces"
        ]
    );
    assert!(failed("kube-system/coredns-x", "Deployment/coredns", spec).contains(&"pod-security/privileged"));
}

#[test]
fn names_and_namespaces_may_end_in_anything() {
    let exempt = |namespace: &str, controller: &str| json!({"controls": ["pod-security/host-pid"], "namespace": namespace, "controller": controller, "reason": "it must"});
    for (exemption, expected) in [
        (exempt("shop-*", "DaemonSet/agent-*"), Outcome::Pass),
        (exempt("shop-1", "DaemonSet/*"), Outcome::Pass),
        (exempt("*", "DaemonSet/agent-1"), Outcome::Pass),
        (exempt("shop", "DaemonSet/agent-*"), Outcome::Fail),
        (exempt("shop-*", "DaemonSet/agent"), Outcome::Fail),
        (exempt("shop-*", "*/agent-1"), Outcome::Fail),
    ] {
        let spec = json!({"hostPID": true, "containers": [{"name": "agent"}]});
        let world = World::default().pod("shop-1/x", "DaemonSet/agent-1", spec).exemption(exemption.clone());
        assert_eq!(world.outcome("pod-security/host-pid"), expected, "{exemption}");
    }
}

#[test]
fn a_namespace_may_be_exempt_itself() {
    let world = World::default().pod("shop/web", "", crate::workloads::world::good()).namespace("shop", json!({}));
    let world = world.exemption(json!({"controls": ["workloads/network-policies", "pod-security/policy-mechanism"],
        "controller": "Namespace/shop", "reason": "it is taken down"}));
    for control in ["workloads/network-policies", "pod-security/policy-mechanism"] {
        assert_eq!(world.outcome(control), Outcome::Pass, "{control}");
        assert_eq!(world.judge(control).exempt.len(), 1);
    }
}

#[test]
fn a_mistake_in_the_file_is_refused() {
    let parse = |text: &str| serde_yaml::from_str::<WorkloadExemptions>(text);
    let good = "needs: {root: [pod-security/net-raw]}\nexemptions: {eks: [{reason: r, namespaces: [n], controllers: [Pod/a], needs: [root]}]}";
    assert_eq!(parse(good).unwrap().on(&["eks"]).unwrap().len(), 1);
    let unknown = parse(&good.replace("needs: [root]", "needs: [roots]")).unwrap().on(&["eks"]);
    assert_eq!(unknown.unwrap_err().to_string(), "needs: \"roots\" is not defined");
    for (from, to) in [("Pod/a", "a"), ("reason", "why"), ("exemptions:", "exempt:")] {
        assert!(parse(&good.replace(from, to)).is_err(), "{to}");
    }
}
