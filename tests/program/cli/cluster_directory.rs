//! The directory of a cluster that is administered from a machine.

use serde_json::Value;

use super::refused;
use crate::synthetic::{Node, Said};

const ADMIN: [&str; 4] = ["--targets", "admin", "--cluster-dir", "/home/me/mgmt"];

#[test]
fn a_directory_that_is_not_there_is_refused_at_once() {
    let node = Node::worker();
    for subcommand in ["run", "detect", "record"] {
        let said = node.says(&[&[subcommand][..], &ADMIN].concat());
        refused(
            &said,
            &["--cluster-dir /home/me/mgmt: there is no such directory", "in which eksctl anywhere keeps the cluster"],
        );
        assert_eq!(said.err.lines().count(), 1, "{}", said.err);
    }
    node.file("/home/me/mgmt", "a file");
    refused(&node.says(&ADMIN), &["--cluster-dir /home/me/mgmt: is not a directory"]);
    // A link that leads out of the node does not resolve.
    node.remove("/home/me/mgmt");
    node.link("/home/me/mgmt", "/nowhere/at/all");
    refused(&node.says(&ADMIN), &["--cluster-dir /home/me/mgmt: there is no such directory"]);
}

/// Returns a function from a control to the verdict of its check on the directory.
fn verdicts(node: &Node) -> impl Fn(&str) -> String + use<> {
    let said = node.says(&[&ADMIN[..], &["--format", "native"]].concat());
    assert_eq!(said.code, 0, "{}", said.err);
    let report: Value = serde_json::from_str(&said.out).expect("JSON");
    move |control| {
        let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
        let groups = list(&report, "targets").into_iter().flat_map(|target| list(&target, "groups"));
        let mut checks = groups.flat_map(|group| list(&group, "checks"));
        let check = checks.find(|check| check["control"] == format!("eks-anywhere-machines/{control}"));
        check.unwrap_or_else(|| panic!("{control}"))["verdict"].as_str().expect("a word").to_owned()
    }
}

const OF_ABSENCE: [&str; 2] = ["generated-files", "rotation-backups"];

#[test]
fn a_directory_of_something_else_passes_nothing_for_want_of_files() {
    let node = Node::worker();
    node.directory("/home/me/mgmt");
    node.file("/home/me/mgmt/notes.txt", "x");
    let verdict = verdicts(&node);
    for control in OF_ABSENCE.into_iter().chain(["administrator-kubeconfig", "administrator-certificate", "ssh-key"]) {
        assert_eq!(verdict(control), "unknown", "{control}");
    }
    node.file("/home/me/mgmt/mgmt-eks-a-cluster.kubeconfig", "apiVersion: v1\nkind: Config\n");
    node.mode("/home/me/mgmt/mgmt-eks-a-cluster.kubeconfig", 0o600);
    let verdict = verdicts(&node);
    for control in OF_ABSENCE.into_iter().chain(["administrator-kubeconfig"]) {
        assert_eq!(verdict(control), "pass", "{control}");
    }
}

#[test]
fn a_recording_answers_as_the_directory_did() {
    let node = Node::worker();
    node.file("/home/me/mgmt/mgmt-eks-a-cluster.yaml", "x");
    node.file("/home/me/mgmt/generated/values.yaml", "x");
    let recording = node.says(&["record", "--cluster-dir", "/home/me/mgmt"]);
    assert_eq!(recording.code, 0, "{}", recording.err);
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), &recording.out).expect("written");
    let path = file.path().to_str().expect("UTF-8");
    let only = ["--check", "eks-anywhere-machines/generated-files", "--quiet"];
    let live = node.says(&[&ADMIN[..], &only].concat());
    let again = Said::of(crate::synthetic::kube_assay().args(["--node", path]).args(ADMIN).args(only));
    assert!(live.out.contains("/home/me/mgmt/generated/values.yaml: found there"), "{}", live.out);
    assert_eq!(again.out, live.out, "{}", again.err);
    // In a recording, another directory was not recorded: the checks are unknown, and the run is not refused.
    let other =
        ["--targets", "admin", "--cluster-dir", "/home/me/other", "--check", "eks-anywhere-machines/generated-files"];
    let said = Said::of(crate::synthetic::kube_assay().args(["--node", path]).args(other));
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("UNKNOWN (1)"), "{}", said.out);
}
