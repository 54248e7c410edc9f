//! The table of honest nodes: each component is judged by its process, or is unknown with the reason.

use std::fs;

use serde_yaml::Value;

use super::{can_be_made, filled, furnish, process, text, texts};
use crate::synthetic::{Node, Report};

/// Returns the control used to judge a component, with an argument that passes and one that fails.
fn judged_by(component: &str) -> (&'static str, [&'static str; 2]) {
    match component {
        "kubelet" => ("kubelet/anonymous-auth", ["--anonymous-auth=false", "--anonymous-auth=true"]),
        "kube-apiserver" => ("apiserver/profiling", ["--profiling=false", "--profiling=true"]),
        "kube-controller-manager" => ("controller-manager/profiling", ["--profiling=false", "--profiling=true"]),
        "kube-scheduler" => ("scheduler/profiling", ["--profiling=false", "--profiling=true"]),
        "etcd" => ("etcd/client-cert-auth", ["--client-cert-auth=true", "--client-cert-auth=false"]),
        "kube-proxy" => (
            "proxy/metrics-bind-address",
            ["--metrics-bind-address=127.0.0.1:10249", "--metrics-bind-address=0.0.0.0:10249"],
        ),
        other => panic!("{other}: no such component"),
    }
}

fn manifest(name: &str, said: &Value) -> String {
    let user = |key: &str| said.get(key).and_then(Value::as_u64);
    let of_user =
        |user: Option<u64>| user.map(|user| format!("securityContext: {{ runAsUser: {user} }}, ")).unwrap_or_default();
    let component = name.split('.').next().unwrap_or_default();
    let uid = text(said, "uid").map(|uid| format!(", uid: {}", filled(uid, ""))).unwrap_or_default();
    let command = text(said, "command").unwrap_or("[]");
    let image = text(said, "image").map_or_else(|| format!("registry.k8s.io/{component}"), str::to_owned);
    format!(
        "kind: Pod\nmetadata: {{ name: {component}{uid} }}\nspec: {{ {}containers: [{{ {}name: a, image: '{image}:v1.32.4', command: {command} }}] }}\n",
        of_user(user("user")),
        of_user(user("container-user")),
    )
}

fn node(row: &Value, component: &str, given: &str) -> Node {
    let node = Node::empty();
    furnish(&node, row, component);
    let manifests = row.get("manifests").and_then(Value::as_mapping).into_iter().flatten();
    for (name, said) in manifests {
        let name = name.as_str().expect("text");
        node.file(&format!("/etc/kubernetes/manifests/{name}"), &manifest(name, said));
    }
    let mut arguments = texts(row, "arguments");
    if arguments.is_empty() {
        arguments = vec![component.to_owned(), "GIVEN".to_owned()];
    }
    for word in &mut arguments {
        *word = word.replace("GIVEN", given);
    }
    if row.get("long").is_some() {
        arguments.push("x".repeat(9 << 20));
    }
    let mut row = row.clone();
    let fields = row.as_mapping_mut().expect("a mapping");
    fields.entry("exe".into()).or_insert("/usr/bin/NAME".into());
    fields.entry("cgroup".into()).or_insert("0::/system.slice/NAME.service".into());
    process(&node, &row, 7, &arguments);
    if row.get("kubelet").is_some() {
        let words = [vec!["kubelet".to_owned()], texts(&row, "kubelet")].concat();
        node.process(8, &words, "/usr/bin/kubelet", "0::/system.slice/kubelet.service\n");
    }
    if row.get("hidden").is_some() {
        let status = fs::read_to_string(node.of_process(7, "status")).expect("read");
        let status: Vec<&str> = status.lines().filter(|line| !line.starts_with("NSpid")).collect();
        fs::write(node.of_process(7, "status"), status.join("\n")).expect("written");
        fs::remove_file(node.of_process(7, "root")).expect("removed");
    }
    if text(&row, "first") == Some("gone") {
        fs::remove_dir_all(node.of_process(1, "")).expect("removed");
    }
    node
}

/// Returns why a row does not have its expected result.
fn mistaken(row: &Value) -> Option<String> {
    let component = text(row, "component").expect("a component");
    let (control, arguments) = judged_by(component);
    let unknown = text(row, "is") == Some("unknown");
    for (given, verdict) in arguments.into_iter().zip(["pass", "fail"]) {
        let node = node(row, component, given);
        let words = ["--benchmark", "cis-1.12", "--targets", "master,etcd,node", "--allow-empty"];
        let report: Report = node.report(&words);
        let check = report.checks().find(|check| check["control"] == control).expect("the control");
        let expected = if unknown { "unknown" } else { verdict };
        let (found, reason) = (check["verdict"].as_str().expect("text"), check["reason"].as_str().unwrap_or_default());
        if found != expected {
            return Some(format!("with {given}: {found} instead of {expected}: {reason} {:?}", report.notices()));
        }
        if let Some(said) = text(row, "says")
            && !reason.contains(said)
            && !report.notices().iter().any(|notice| notice.contains(said))
        {
            return Some(format!("{said:?} is not said: {reason} {:?}", report.notices()));
        }
    }
    None
}

fn all_are_judged(components: &[&str]) {
    let table: Value = serde_yaml::from_str(include_str!("honest.yaml")).expect("YAML");
    let rows = table.as_sequence().expect("a list").iter();
    let wanted = rows.filter(|row| components.contains(&text(row, "component").expect("a component")));
    let rows: Vec<&Value> = wanted.filter(|row| can_be_made(row)).collect();
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|row| Some(format!("{} in {}: {}", text(row, "component")?, text(row, "of")?, mistaken(row)?)))
        .collect();
    assert!(wrong.is_empty(), "{} of {} nodes are wrong:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn every_honest_kubelet_is_judged() {
    all_are_judged(&["kubelet"]);
}

#[test]
fn every_honest_control_plane_is_judged() {
    all_are_judged(&["kube-apiserver", "kube-controller-manager", "kube-scheduler"]);
}

#[test]
fn every_honest_etcd_and_proxy_are_judged() {
    all_are_judged(&["etcd", "kube-proxy"]);
}
