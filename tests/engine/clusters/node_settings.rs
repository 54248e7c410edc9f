//! A node together with its cluster: the settings of its API server and kubelet count, live and from a recording.

use std::collections::BTreeSet;

use definitions::Definitions;
use definitions::benchmark::Target;
use kube_assay::policies::Seen;
use kube_assay::run::{BenchmarkChoice, Beside, ProfileChoice, RunRequest, assay_within};
use kube_assay::{collect, embedded};
use model::{Check, Found, Verdict};
use probe::Node;
use serde_json::{Value, json};

use super::world::{Edition, World};
use crate::recordings::world::{World as NodeWorld, made_up};
use crate::recordings::{record, replay};

const MECHANISM: &str = "5.2.1";
const SECCOMP: &str = "5.6.2";
const NODE: &str = "cp-1";
/// Check numbers of `eks-hardening`.
const AUTHORIZATION: &str = "eks-hardening/authorization";
const SSH: &str = "eks-hardening/node-ssh";

/// Runs a check on the node called `name`, together with this cluster.
fn check(definitions: &Definitions, node: &dyn Node, name: &str, cluster: &World, number: &str) -> Check {
    let request = RunRequest {
        benchmark: BenchmarkChoice::Named(
            if number.starts_with("eks-hardening/") { "eks-hardening" } else { "cis-1.12" }.to_owned(),
        ),
        profile: ProfileChoice::None,
        targets: Some(vec![Target::Policies]),
        checks: BTreeSet::from([number.to_owned()]),
        node_name: Some(name.to_owned()),
        ..RunRequest::default()
    };
    let seen = Seen::of(cluster, super::answers::today()).expect("the exemptions are read");
    let beside = Beside { cluster: Some(seen.within()), aws: None };
    let report = assay_within(node, &beside, definitions, &request).expect("a report");
    let checks: Vec<&Check> = report.checks().collect();
    assert_eq!(checks.len(), 1, "{number}");
    checks[0].clone()
}

/// Runs a check on the node and on its recording, which must give the same result.
fn checked(node: &NodeWorld, name: &str, cluster: &World, number: &str) -> Check {
    let definitions = embedded::definitions();
    let node = node.node();
    let live = check(&definitions, &node, name, cluster, number);
    let text = record(&node, &definitions, |node| {
        let inventory = collect::take_inventory(node, &definitions.library);
        collect::pod_security(node, &inventory);
        collect::access(node, &inventory);
        let version = None;
        collect::observe(node, inventory, None, version, &[]);
    });
    assert!(!text.contains("hunter2"), "{text}");
    assert_eq!(check(&definitions, &replay(&text), name, cluster, number), live);
    live
}

fn verdict(check: &Check) -> (Verdict, Vec<String>) {
    let offenders = check.evidence.iter().filter(|evidence| evidence.violates).map(|evidence| match &evidence.found {
        Found::Value { value, .. } => format!("{:?}: {value}", evidence.source),
        other => format!("{other:?}"),
    });
    (check.verdict, offenders.collect())
}

/// Returns a cluster with these nodes, in which the namespace `shop` has no label.
fn cluster(nodes: &[&str]) -> World {
    let mut world = World::of(Edition::Hardened);
    world.edit("Namespace shop", |namespace| {
        let labels = namespace["metadata"]["labels"].as_object_mut().expect("labels");
        labels.remove("pod-security.kubernetes.io/enforce");
    });
    for node in world.of_kind("Node") {
        if !nodes.contains(&node.trim_start_matches("Node ")) {
            world.remove(&node);
        }
    }
    world
}

/// Returns a node whose API server uses this admission configuration.
fn given(file: &str) -> NodeWorld {
    made_up("kubeadm-control-plane")
        .with_arguments("kube-apiserver", &["--admission-control-config-file=/etc/kubernetes/pki/admission.yaml"])
        .and("/etc/kubernetes/pki/admission.yaml", file)
}

/// Returns an admission configuration of several plugins.
fn inline(pod_security: &str) -> String {
    let indented = pod_security.replace('\n', "\n    ");
    format!(
        "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins:\n- name: EventRateLimit\n  \
         configuration:\n    password: hunter2\n- name: PodSecurity\n  configuration:\n    {indented}\n- name: PodSecurity\n  \
         path: /never.yaml\n"
    )
}

#[test]
fn the_configuration_of_the_nodes_api_server_counts() {
    use Verdict::{Fail, Pass, Unknown};
    let plain = || made_up("kubeadm-control-plane");
    let with_file = |path: &str, content: &str| {
        given(&format!("plugins:\n- name: PodSecurity\n  path: {path}\n")).and("/etc/kubernetes/pki/ps.yaml", content)
    };
    let baseline = "defaults:\n  enforce: baseline\n  audit: restricted";
    let exempt = |names: &str| {
        format!("defaults: {{enforce: restricted}}\nexemptions:\n  namespaces: [{names}]\n  usernames: []")
    };
    let cases: [(&str, NodeWorld, Verdict); 21] = [
        ("nothing", plain(), Fail),
        ("no such plugin", given("plugins:\n- name: EventRateLimit\n  path: x\n"), Fail),
        ("no plugins", given("plugins:\n"), Fail),
        ("inline", given(&inline(baseline)), Pass),
        ("inline, of a version", given(&inline("defaults: {enforce: baseline, enforce-version: v1.30}")), Pass),
        ("privileged", given(&inline("defaults: {enforce: privileged}")), Fail),
        ("nothing enforced", given(&inline("defaults: {audit: restricted}")), Fail),
        ("null", given(&inline("defaults: null")), Fail),
        ("a file", with_file("/etc/kubernetes/pki/ps.yaml", baseline), Pass),
        ("a file beside it", with_file("ps.yaml", baseline), Pass),
        ("a file by detours", with_file("../pki/./ps.yaml", baseline), Pass),
        ("a file that enforces nothing", with_file("ps.yaml", "kind: PodSecurityConfiguration"), Fail),
        ("a file that is not there", with_file("other.yaml", baseline), Unknown),
        ("a file that is no YAML", with_file("ps.yaml", "defaults: ["), Unknown),
        ("no such level", given(&inline("defaults: {enforce: strict}")), Unknown),
        ("no such version", given(&inline("defaults: {enforce: baseline, enforce-version: '1.30'}")), Unknown),
        ("exempt", given(&inline(&exempt("kube-system, shop"))), Fail),
        ("another is exempt", given(&inline(&exempt("kube-system"))), Pass),
        (
            "turned off",
            given(&inline(baseline))
                .with_arguments("kube-apiserver", &["--disable-admission-plugins=ServiceAccount,PodSecurity"]),
            Fail,
        ),
        (
            "not among all that are on",
            given(&inline(baseline)).with_arguments("kube-apiserver", &["--admission-control=NodeRestriction"]),
            Fail,
        ),
        (
            "another is turned off",
            given(&inline(baseline)).with_arguments("kube-apiserver", &["--disable-admission-plugins=NodeRestriction"]),
            Pass,
        ),
    ];
    for (what, node, expected) in cases {
        let check = checked(&node, NODE, &cluster(&[NODE, "worker-1"]), MECHANISM);
        assert_eq!(check.verdict, expected, "{what}: {check:?}");
    }
}

#[test]
fn a_node_speaks_for_its_own_cluster_and_for_its_own_api_server() {
    use Verdict::{Fail, Pass, Unknown};
    let node = given(&inline("defaults: {enforce: restricted}"));
    for (nodes, name, expected) in [
        (&[NODE][..], NODE, Pass),
        (&[NODE, "worker-1"], NODE, Pass),
        // The API server on another node may have another default.
        (&[NODE, "cp-2"], NODE, Unknown),
        (&[NODE, "cp-2", "cp-3", "worker-1"], NODE, Unknown),
        // A node without the control plane role that runs an API server nevertheless.
        (&["worker-1"], "worker-1", Pass),
        (&["worker-1", "worker-2"], "worker-1", Unknown),
        // The cluster does not have this node.
        (&[NODE], "cp-9", Fail),
        (&[], NODE, Fail),
    ] {
        let check = checked(&node, name, &cluster(nodes), MECHANISM);
        assert_eq!(check.verdict, expected, "{name} of {nodes:?}: {check:?}");
    }
}

#[test]
fn the_file_of_openshift_counts() {
    const AS_IT_IS: &str = r#""enforce": "privileged""#;
    for (written, expected) in [
        (AS_IT_IS, Verdict::Fail),
        (r#""enforce": "baseline""#, Verdict::Pass),
        (r#""enforce": "baseline", "enforce-version": "v1.24""#, Verdict::Pass),
        (r#""enforce": "none""#, Verdict::Unknown),
        (r#""audit": "baseline""#, Verdict::Fail),
        (r#""enforce": "baseline"}, "exemptions": {"namespaces": ["shop"]"#, Verdict::Fail),
    ] {
        let node = made_up("openshift-control-plane").replacing(AS_IT_IS, written);
        let check = checked(&node, NODE, &cluster(&[NODE]), MECHANISM);
        assert_eq!(check.verdict, expected, "{written}: {check:?}");
    }
}

#[test]
fn what_is_missing_is_named() {
    let node = given(&inline("defaults: {enforce: restricted}"));
    let check = checked(&node, NODE, &cluster(&[NODE, "cp-2", "cp-3"]), MECHANISM);
    assert!(
        format!("{check:?}").contains("API servers of 2 other control-plane nodes"),
        "the other API servers are named: {check:?}"
    );
    let weak = given(&inline("defaults: {enforce: privileged}"));
    let (_, offenders) = verdict(&checked(&weak, NODE, &cluster(&[NODE]), MECHANISM));
    assert_eq!(offenders.len(), 1);
    assert!(
        offenders[0].ends_with(
            "pod-security.kubernetes.io/enforce: not set (default privileged:latest, \
             /etc/kubernetes/pki/admission.yaml), no admission policy or policy engine covers its pods"
        ),
        "{offenders:?}"
    );
}

/// Returns a pod on this node without a seccomp profile.
fn bare(node: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"namespace": "shop", "name": "bare"},
        "spec": {"nodeName": node, "containers": [{"name": "web", "securityContext": {}}]},
        "status": {"phase": "Running"},
    })
}

#[test]
fn the_kubelets_default_for_seccomp_counts_where_it_is_seen() {
    use Verdict::{Fail, Pass};
    let plain = || made_up("kubeadm-control-plane");
    let configured = |value: &str| {
        let path = "/var/lib/kubelet/config.yaml";
        let content = plain().content(path) + &format!("seccompDefault: {value}\n");
        plain().with(path, content.as_bytes())
    };
    let all = ["worker-1", NODE];
    for (what, node, runs_on, nodes, expected) in [
        ("not set", plain(), NODE, &all[..], Fail),
        ("set", configured("true"), NODE, &all, Pass),
        ("set on another node", configured("true"), "worker-1", &all, Fail),
        ("set to false", configured("false"), NODE, &all, Fail),
        ("by argument", plain().with_arguments("kubelet", &["--seccomp-default"]), NODE, &all, Pass),
        (
            "the argument counts",
            configured("true").with_arguments("kubelet", &["--seccomp-default=false"]),
            NODE,
            &all,
            Fail,
        ),
        ("no node yet", configured("true"), "", &all, Fail),
        ("no node yet, and there is one only", configured("true"), "", &[NODE], Pass),
        ("of another cluster", configured("true"), NODE, &["worker-1"], Fail),
    ] {
        let mut cluster = cluster(nodes);
        let before = checked(&node, NODE, &cluster, SECCOMP).verdict;
        assert_eq!(before, Pass, "{what}: without the pod");
        cluster.put(bare(runs_on));
        assert_eq!(checked(&node, NODE, &cluster, SECCOMP).verdict, expected, "{what}");
    }
}

#[test]
fn off_eks_the_nodes_api_server_says_how_requests_are_authorized() {
    use Verdict::{Fail, Manual, Pass, Unknown};
    let with_mode = |mode: &str| {
        made_up("kubeadm-control-plane").with_arguments("kube-apiserver", &[&format!("--authorization-mode={mode}")])
    };
    let with_file = |content: &str| {
        made_up("kubeadm-control-plane")
            .with_arguments("kube-apiserver", &["--authorization-config=/etc/kubernetes/pki/authorization.yaml"])
            .and("/etc/kubernetes/pki/authorization.yaml", content)
    };
    let alone = cluster(&[NODE]);
    let cases = [
        ("as kubeadm has it", made_up("kubeadm-control-plane"), Pass),
        ("RBAC alone", with_mode("RBAC"), Pass),
        ("ABAC beside it", with_mode("Node,RBAC,ABAC"), Fail),
        ("anything", with_mode("AlwaysAllow"), Fail),
        ("by a file", with_file("authorizers: [{type: Node, name: n}, {type: RBAC, name: r}]"), Pass),
        ("a file without RBAC", with_file("authorizers: [{type: Webhook, name: w}]"), Fail),
        ("a file that is no YAML", with_file("authorizers: ["), Unknown),
    ];
    for (title, node, expected) in cases {
        let check = checked(&node, NODE, &alone, AUTHORIZATION);
        assert_eq!(check.verdict, expected, "{title}: {:#?}", check.evidence);
    }
    // Other API servers may be configured differently, but one bad one is enough to fail.
    let all = World::of(Edition::Hardened);
    let servers = all.of_kind("Node").len();
    assert!(servers > 1);
    let one_of_several = checked(&made_up("kubeadm-control-plane"), NODE, &all, AUTHORIZATION).verdict;
    assert!(matches!(one_of_several, Manual | Pass), "{one_of_several:?}");
    assert_eq!(checked(&with_mode("ABAC"), NODE, &all, AUTHORIZATION).verdict, Fail);
    assert_eq!(checked(&with_mode("ABAC"), "another", &all, AUTHORIZATION).verdict, Manual);
}

#[test]
fn an_ssh_server_of_the_node_is_evidence_and_decides_nothing() {
    let said = |node: &NodeWorld| {
        let check = checked(node, NODE, &cluster(&[NODE]), SSH);
        assert_eq!(check.verdict, Verdict::Manual);
        format!("{:?}", check.evidence)
    };
    let with =
        made_up("kubeadm-control-plane").and("/etc/systemd/system/multi-user.target.wants/ssh.service", "[Unit]\n");
    assert!(
        said(&with).contains("an SSH server is started by /etc/systemd/system/multi-user.target.wants/ssh.service")
    );
    assert!(said(&made_up("kubeadm-control-plane")).contains("no unit starts an SSH server"));
}
