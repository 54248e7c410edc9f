//! Network policies and the plugins that enforce them.

use cluster::policy::Outcome;
use probe::Cause;
use serde_json::{Value, json};

use crate::workloads::world::{World, forbidden, good, line, recorded};

const POLICIES: &str = "workloads/network-policies";
const SUPPORT: &str = "workloads/network-policy-support";

fn world() -> World {
    World::default()
        .pod("shop/web", "", good())
        .pod("kube-system/dns", "", good())
        .namespace("shop", json!({"team": "a"}))
        .namespace("kube-system", json!({}))
        .namespace("empty", json!({}))
}

/// The outcomes with a policy of this kind, when any policy suffices and when default deny is required.
fn with(kind: &str, namespace: &str, spec: &Value) -> [Outcome; 2] {
    [false, true].map(|default_deny| {
        let mut world = world();
        let policy = json!({"metadata": {"name": "p", "namespace": namespace}, "spec": spec});
        let networks = &mut world.networks;
        match kind {
            "kubernetes" => networks.policies.items.push(recorded(policy)),
            "cilium" => networks.cilium.items.push(recorded(policy)),
            "cilium-clusterwide" => networks.cilium_clusterwide.items.push(recorded(policy)),
            "calico" => networks.calico.items.push(recorded(policy)),
            _ => networks.calico_global.items.push(recorded(policy)),
        }
        world.settings.default_deny = default_deny;
        world.outcome(POLICIES)
    })
}

const PASS: [Outcome; 2] = [Outcome::Pass, Outcome::Pass];
const ANY: [Outcome; 2] = [Outcome::Pass, Outcome::Fail];
const FAIL: [Outcome; 2] = [Outcome::Fail, Outcome::Fail];

#[test]
fn a_namespace_with_pods_needs_a_policy() {
    assert_eq!(
        world().verdict(POLICIES),
        (Outcome::Fail, vec!["/Namespace/shop: network policies: none, expected one that selects all pods".to_owned()])
    );
}

#[test]
fn a_policy_of_kubernetes_selects_all_pods_of_its_namespace() {
    for (spec, expected) in [
        (json!({"podSelector": {}, "policyTypes": ["Ingress"]}), PASS),
        (json!({}), PASS),
        (
            json!({"podSelector": {"matchLabels": null, "matchExpressions": []}, "policyTypes": ["Ingress", "Egress"]}),
            PASS,
        ),
        (json!({"podSelector": {}, "ingress": [{"from": [{"podSelector": {}}]}]}), PASS),
        (json!({"podSelector": {}, "ingress": [{"ports": [{"port": 80}]}]}), PASS),
        (json!({"podSelector": {}, "ingress": [{}]}), ANY),
        (json!({"podSelector": {}, "ingress": [{"from": [], "ports": null}]}), ANY),
        (json!({"podSelector": {}, "policyTypes": ["Egress"]}), ANY),
        (json!({"podSelector": {"matchLabels": {"app": "web"}}}), FAIL),
        (json!({"podSelector": {"matchExpressions": [{"key": "app", "operator": "Exists"}]}}), FAIL),
    ] {
        assert_eq!(with("kubernetes", "shop", &spec), expected, "{spec}");
        assert_eq!(with("kubernetes", "other", &spec), FAIL);
    }
}

#[test]
fn a_policy_of_cilium_selects_all_pods_of_its_namespace_or_of_the_cluster() {
    let all = json!({"endpointSelector": {}, "ingress": [{}]});
    for (spec, expected) in [
        (all.clone(), PASS),
        (json!({"endpointSelector": {}, "ingress": []}), PASS),
        (json!({"endpointSelector": {}, "ingress": [{"fromEntities": ["cluster"]}]}), PASS),
        (json!({"endpointSelector": {}, "ingress": [{"fromEntities": ["all"]}]}), ANY),
        (json!({"endpointSelector": {}, "ingress": [{"fromEntities": ["all"], "toPorts": [{"ports": []}]}]}), PASS),
        (json!({"endpointSelector": {}, "ingress": [{}], "enableDefaultDeny": {"ingress": false}}), ANY),
        (json!({"endpointSelector": {}, "egress": [{}]}), ANY),
        (json!({"endpointSelector": {"matchLabels": {"app": "web"}}, "ingress": []}), FAIL),
        (json!({"nodeSelector": {}, "ingress": []}), FAIL),
    ] {
        assert_eq!(with("cilium", "shop", &spec), expected, "{spec}");
        assert_eq!(with("cilium", "other", &spec), FAIL);
        assert_eq!(with("cilium-clusterwide", "", &spec), expected, "{spec}");
    }
    for (selector, expected) in [
        (json!({"matchLabels": {"k8s:io.kubernetes.pod.namespace": "shop"}}), PASS),
        (json!({"matchLabels": {"io.kubernetes.pod.namespace": "other"}}), FAIL),
        (json!({"matchLabels": {"k8s:io.cilium.k8s.namespace.labels.team": "a"}}), PASS),
        (json!({"matchLabels": {"k8s:io.cilium.k8s.namespace.labels.team": "b"}}), FAIL),
        (
            json!({"matchExpressions": [{"key": "k8s:io.kubernetes.pod.namespace", "operator": "NotIn", "values": ["kube-system"]}]}),
            PASS,
        ),
        (json!({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}), FAIL),
    ] {
        let spec = json!({"endpointSelector": selector, "ingress": []});
        assert_eq!(with("cilium-clusterwide", "", &spec), expected, "{spec}");
    }
    let mut several = world();
    several
        .networks
        .cilium
        .items
        .push(recorded(json!({"metadata": {"namespace": "shop"}, "specs": [{"nodeSelector": {}}, all]})));
    assert_eq!(several.outcome(POLICIES), Outcome::Pass);
}

#[test]
fn a_policy_of_calico_selects_all_pods_of_its_namespace_or_of_the_cluster() {
    for (spec, expected) in [
        (json!({"selector": "all()", "types": ["Ingress", "Egress"]}), PASS),
        (json!({}), PASS),
        (json!({"types": ["Egress"], "egress": [{"action": "Deny"}]}), ANY),
        (json!({"egress": [{"action": "Deny"}]}), ANY),
        (json!({"ingress": [{"action": "Allow"}]}), ANY),
        (json!({"ingress": [{"action": "Allow", "source": {}, "protocol": null}]}), ANY),
        (json!({"ingress": [{"action": "Allow", "source": {"nets": ["10.0.0.0/8"]}}]}), PASS),
        (json!({"ingress": [{"action": "Allow", "protocol": "TCP"}]}), PASS),
        (json!({"ingress": [{"action": "Deny"}]}), PASS),
        (json!({"selector": "app == 'web'"}), FAIL),
        (json!({"selector": "nonsense("}), FAIL),
        (json!({"serviceAccountSelector": "name == 'x'"}), FAIL),
    ] {
        assert_eq!(with("calico", "shop", &spec), expected, "{spec}");
        assert_eq!(with("calico", "other", &spec), FAIL);
        assert_eq!(with("calico-global", "", &spec), expected, "{spec}");
    }
    for (spec, expected) in [
        (json!({"namespaceSelector": "projectcalico.org/name not in {'kube-system'}"}), PASS),
        (json!({"namespaceSelector": "kubernetes.io/metadata.name == 'shop'"}), PASS),
        (json!({"namespaceSelector": "team == 'a'"}), PASS),
        (json!({"namespaceSelector": "team == 'b'"}), FAIL),
        (json!({"namespaceSelector": "global()"}), FAIL),
        (json!({"selector": "projectcalico.org/namespace == 'shop'"}), PASS),
        (json!({"selector": "pcns.team == 'a'"}), PASS),
        (json!({"selector": "has(app) || projectcalico.org/namespace != 'x'"}), PASS),
        (json!({"preDNAT": true}), FAIL),
        (json!({"doNotTrack": true}), FAIL),
    ] {
        assert_eq!(with("calico-global", "", &spec), expected, "{spec}");
    }
}

#[test]
fn a_namespace_whose_policies_were_not_seen_is_unknown() {
    let mut bare = world();
    bare.networks.cilium_clusterwide.missing = Some(forbidden("ciliumclusterwidenetworkpolicies.cilium.io"));
    assert!(matches!(bare.outcome(POLICIES), Outcome::Unknown(_)));
    bare.networks.policies.items.push(recorded(json!({"metadata": {"namespace": "shop"}, "spec": {}})));
    assert_eq!(bare.outcome(POLICIES), Outcome::Pass);
    assert!(matches!(bare.without("pods").outcome(POLICIES), Outcome::Unknown(_)));
}

/// A pod of a network plugin's agent.
fn agent(container: Value) -> Value {
    json!({"hostNetwork": true, "containers": [container]})
}

#[test]
fn a_plugin_is_known_by_its_agent() {
    for (namespace, name, found, expected) in [
        ("kube-system", "cilium-agent", "Cilium", Outcome::Pass),
        ("calico-system", "calico-node", "Calico", Outcome::Pass),
        ("kube-system", "antrea-agent", "Antrea", Outcome::Pass),
        ("kube-system", "kube-router", "kube-router", Outcome::Pass),
        ("openshift-ovn-kubernetes", "ovnkube-controller", "OVN-Kubernetes", Outcome::Pass),
        ("kube-system", "azure-npm", "Azure Network Policy Manager", Outcome::Pass),
        ("kube-flannel", "kube-flannel", "Flannel: does not enforce network policies", Outcome::Fail),
        (
            "kube-system",
            "aws-node",
            "Amazon VPC CNI without its network policy agent: does not enforce network policies",
            Outcome::Fail,
        ),
    ] {
        let world = World::default().pod(&format!("{namespace}/x"), "DaemonSet/cni", agent(json!({"name": name})));
        let judgement = world.judge(SUPPORT);
        assert_eq!(judgement.outcome, expected, "{name}");
        let told: Vec<String> = judgement.offenders.iter().chain(&judgement.noted).map(line).collect();
        assert_eq!(told, [format!("{namespace}/DaemonSet/cni: {found}")]);
    }
}

#[test]
fn the_vpc_cni_enforces_with_its_agent_and_the_argument() {
    for (name, args, expected) in [
        ("aws-eks-nodeagent", json!(["--enable-ipv6=false", "--enable-network-policy=true"]), Outcome::Pass),
        ("aws-eks-nodeagent", json!(["--enable-network-policy=false"]), Outcome::Fail),
        ("aws-eks-nodeagent", json!(null), Outcome::Fail),
        ("other", json!(["--enable-network-policy=true"]), Outcome::Fail),
    ] {
        let mut spec = agent(json!({"name": "aws-node"}));
        spec["containers"].as_array_mut().unwrap().push(json!({"name": name, "args": args}));
        let mut world = World::default().pod("kube-system/a", "DaemonSet/aws-node", spec);
        assert_eq!(world.outcome(SUPPORT), expected, "{name} {args}");
        world.networks.auto_mode_enforces = true;
        assert_eq!(world.outcome(SUPPORT), Outcome::Pass);
    }
}

#[test]
fn what_only_looks_like_a_plugin_is_not_believed() {
    let cilium = || agent(json!({"name": "cilium-agent"}));
    let mut own_network = cilium();
    own_network["hostNetwork"] = json!(false);
    for (name, owner, spec) in [
        ("shop/a", "DaemonSet/cilium", cilium()),
        ("kube-system/a", "ReplicaSet/cilium", cilium()),
        ("kube-system/a", "", cilium()),
        ("kube-system/a", "DaemonSet/cilium", own_network),
    ] {
        let outcome = World::default().pod(name, owner, spec).outcome(SUPPORT);
        assert!(matches!(&outcome, Outcome::Unknown(reason) if reason.cause == Cause::NotRecorded), "{name} {owner}");
    }
    let kindnet = World::default().pod("kube-system/a", "DaemonSet/kindnet", agent(json!({"name": "kindnet-cni"})));
    assert!(matches!(kindnet.outcome(SUPPORT), Outcome::Unknown(_)));
}

#[test]
fn one_plugin_that_enforces_is_enough_and_others_may_be_unseen() {
    let flannel =
        || World::default().pod("kube-flannel/a", "DaemonSet/flannel", agent(json!({"name": "kube-flannel"})));
    assert_eq!(
        flannel().pod("kube-system/a", "DaemonSet/canal", agent(json!({"name": "calico-node"}))).outcome(SUPPORT),
        Outcome::Pass
    );
    assert_eq!(flannel().without("pods").outcome(SUPPORT), Outcome::Unknown(forbidden("pods")));
}
