//! AWS evidence from outside: the script, `--aws-evidence` with and without a cluster or node, and refused input.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::synthetic::{Said, kube_assay};

/// AWS evidence of a cluster without violations.
const SOUND: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/aws/tests/sound");

/// An EKS cluster whose nodes are other instances.
const OTHER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/clusters/eks");

fn native(words: &[&str]) -> Value {
    let said = Said::of(kube_assay().args(words).args(["--format", "native"]));
    assert_eq!(said.code, 0, "{}", said.err);
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.out))
}

fn check<'r>(report: &'r Value, control: &str) -> &'r Value {
    let below = |value: &'r Value, key: &str| value[key].as_array().into_iter().flatten().collect::<Vec<_>>();
    let groups = below(report, "targets").into_iter().flat_map(|target| below(target, "groups"));
    let mut checks = groups.flat_map(|group| below(group, "checks"));
    checks.find(|check| check["control"] == control).unwrap_or_else(|| panic!("{control}: not in the report"))
}

fn shown(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// Copies the valid files, with some of them changed.
fn changed(changes: &[(&str, &str, &str)]) -> TempDir {
    let directory = TempDir::new().expect("a directory");
    for entry in fs::read_dir(SOUND).expect("there are files") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), directory.path().join(entry.file_name())).expect("copied");
    }
    for (file, from, to) in changes {
        let path = directory.path().join(file);
        let text = fs::read_to_string(&path).expect("it is there");
        assert!(text.contains(from), "{file}: no {from}");
        fs::write(&path, text.replace(from, to)).expect("written");
    }
    directory
}

#[test]
fn what_aws_says_judges_without_a_cluster_and_without_a_node() {
    let report = native(&["cluster", "--aws-evidence", SOUND, "--benchmark", "eks-hardening"]);
    assert_eq!(report["run"]["host"]["name"], "prod");
    assert_eq!(report["run"]["command"]["choices"]["aws-evidence"][0], SOUND);
    for (control, verdict) in [
        ("eks/private-nodes", "pass"),
        ("eks-hardening/restricted-endpoint", "pass"),
        ("eks-hardening/authentication", "manual"),
        ("eks-hardening/role-trust", "pass"),
        ("image-registry/scanning", "pass"),
        ("pod-security/privileged", "manual"),
        ("eks-hardening/rbac-changes", "manual"),
    ] {
        assert_eq!(check(&report, control)["verdict"], verdict, "{control}");
    }
    let looked_at = check(&report, "eks-hardening/vpc-dns")["looked_at"].to_string();
    assert!(looked_at.contains("aws ec2 describe-vpc-attribute"), "{looked_at}");
    let notices = report["run"]["notices"].to_string();
    assert!(!notices.contains("aws-not-given") && notices.contains("cluster-not-asked"), "{notices}");
    // AWS evidence implies an EKS benchmark.
    let report = native(&["cluster", "--aws-evidence", SOUND]);
    assert_eq!(report["run"]["benchmark"]["name"], "eks-1.8.0");
    for control in
        ["logging/control-plane-logs", "eks/secrets-encryption", "eks/private-endpoint", "eks/access-entries"]
    {
        assert_eq!(check(&report, control)["verdict"], "pass", "{control}");
    }
}

#[test]
fn offenders_are_named_and_what_is_missing_is() {
    let directory = changed(&[
        ("describe-cluster.json", "\"endpointPublicAccess\": false", "\"endpointPublicAccess\": true"),
        ("describe-cluster.json", "\"publicAccessCidrs\": []", "\"publicAccessCidrs\": [\"0.0.0.0/0\"]"),
        ("list-roles.json", "system:serviceaccount:shop:uploads", "system:serviceaccount:*"),
    ]);
    fs::remove_file(directory.path().join("describe-vpcs.json")).expect("it was there");
    fs::write(directory.path().join("describe-repositories.json"), "An error occurred").expect("written");
    fs::write(directory.path().join("other.json"), "{}").expect("written");
    let report = native(&["cluster", "--aws-evidence", shown(directory.path()), "--benchmark", "eks-hardening"]);
    for (control, verdict, says) in [
        ("eks-hardening/restricted-endpoint", "fail", "from everywhere (0.0.0.0/0)"),
        ("eks-hardening/role-trust", "fail", "not one service account"),
        ("eks-hardening/vpc-dns", "unknown", "describe-vpcs.json"),
        ("image-registry/scanning", "unknown", "describe-repositories.json"),
        ("eks-hardening/instance-metadata", "pass", ""),
    ] {
        let check = check(&report, control);
        assert_eq!(check["verdict"], verdict, "{check}");
        assert!(check.to_string().contains(says), "{control}: {check}");
    }
    assert!(report["run"]["notices"].to_string().contains("other.json: not the file name"), "{report}");
}

#[test]
fn beside_the_cluster_the_evidence_says_which_judged() {
    let words = ["cluster", "--cluster-objects", OTHER, "--benchmark", "eks-hardening"];
    let alone = native(&words);
    assert_eq!(check(&alone, "eks/private-nodes")["verdict"], "pass");
    assert_eq!(check(&alone, "eks-hardening/instance-metadata")["verdict"], "manual");
    assert!(alone["run"]["notices"].to_string().contains("aws-not-given"), "{alone}");
    // These files belong to another cluster: they decide nothing, and a notice says so.
    let both = native(&[&words[..], &["--aws-evidence", SOUND]].concat());
    let check_of = |control: &str| check(&both, control);
    assert_eq!(check_of("eks/private-nodes")["verdict"], "pass");
    assert!(check_of("eks/private-nodes").to_string().contains("none of the nodes"), "{both}");
    assert_eq!(check_of("eks-hardening/instance-metadata")["verdict"], "unknown");
    // What concerns only the account is still judged; which repositories are used depends on the cluster.
    assert_eq!(check_of("eks-hardening/storage-encryption")["verdict"], "pass");
    assert_eq!(check_of("image-registry/scanning")["verdict"], "unknown");
    // Evidence for the cluster's own nodes.
    let directory = changed(&[
        ("describe-instances.json", "i-0one", "i-01"),
        ("describe-instances.json", "i-0two", "i-02"),
        ("describe-network-interfaces.json", "i-0one", "i-01"),
    ]);
    let both = native(&[&words[..], &["--aws-evidence", shown(directory.path())]].concat());
    assert_eq!(check(&both, "eks-hardening/instance-metadata")["verdict"], "pass");
    // ECR does not scan images in other registries: that is left to manual review.
    let scanning = check(&both, "image-registry/scanning");
    assert_eq!(scanning["verdict"], "manual", "{scanning}");
    assert!(scanning.to_string().contains("registry.example.com"), "{scanning}");
    // AWS decides about open ports; Services that request them are shown as evidence.
    let ingress = check(&both, "eks-hardening/node-ingress");
    assert_eq!(ingress["verdict"], "pass", "{ingress}");
    assert!(ingress["looked_at"].to_string().contains("services"), "{ingress}");
    let resources = check(&both, "eks/private-nodes")["looked_at"].to_string();
    assert!(resources.contains("nodes") && resources.contains("aws ec2 describe-subnets"), "{resources}");
}

#[test]
fn a_node_is_judged_with_what_aws_says_of_its_cluster() {
    let node = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/nodes/eks-al2023-node.yaml");
    let targets = ["run", "--node", node, "--targets", "node,managedservices"];
    let report = native(&[&targets[..], &["--aws-evidence", SOUND]].concat());
    assert_eq!(check(&report, "eks/secrets-encryption")["verdict"], "pass");
    let alone = native(&targets);
    assert_eq!(check(&alone, "eks/secrets-encryption")["verdict"], "manual");
    assert_eq!(report["targets"][0], alone["targets"][0]);
}

#[test]
fn what_is_no_evidence_is_refused_and_links_are_not_followed() {
    let directory = TempDir::new().expect("a directory");
    let empty = shown(directory.path()).to_owned();
    let file = directory.path().join("notes.txt");
    for (path, says) in
        [(empty.as_str(), "it contains no answers from AWS"), ("/nowhere", "no such file"), (shown(&file), "")]
    {
        let said = Said::of(kube_assay().args(["cluster", "--aws-evidence", path]));
        assert_ne!(said.code, 0, "{path}");
        assert!(said.err.contains(says) && said.err.contains("aws-evidence-commands"), "{path}: {}", said.err);
        assert_eq!((said.err.lines().count(), said.out.as_str()), (1, ""));
        fs::write(&file, "nothing").expect("written");
    }
    let links = changed(&[]);
    let inside = links.path().join("describe-cluster.json");
    fs::rename(&inside, directory.path().join("elsewhere.json")).expect("moved");
    symlink(directory.path().join("elsewhere.json"), &inside).expect("linked");
    let report = native(&["cluster", "--aws-evidence", shown(links.path()), "--benchmark", "eks-hardening"]);
    let refused = check(&report, "eks-hardening/restricted-endpoint");
    assert_eq!(refused["verdict"], "unknown");
    assert!(refused.to_string().contains("is a symbolic link, which is not followed"), "{refused}");
    // Nor are pipes opened, which would block.
    fs::remove_file(&inside).expect("it was there");
    nix::unistd::mkfifo(&inside, nix::sys::stat::Mode::S_IRUSR).expect("a pipe");
    let report = native(&["cluster", "--aws-evidence", shown(links.path()), "--benchmark", "eks-hardening"]);
    let refused = check(&report, "eks-hardening/restricted-endpoint");
    assert!(refused.to_string().contains("is not a regular file"), "{refused}");
}

#[test]
fn the_script_is_printed_and_names_are_checked() {
    let said = Said::of(kube_assay().arg("aws-evidence-commands"));
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert!(said.out.starts_with("#!/bin/sh\n") && said.out.contains("set -euf\numask 077\n"), "{}", said.out);
    let said =
        Said::of(kube_assay().args(["aws-evidence-commands", "--cluster-name", "prod", "--region", "eu-west-1"]));
    assert!(said.out.contains("\ncluster='prod'\n") && said.out.contains("\nregion='eu-west-1'\n"), "{}", said.out);
    for words in [["--cluster-name", "a;b"], ["--region", "eu west"]] {
        let said = Said::of(kube_assay().arg("aws-evidence-commands").args(words));
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{words:?}");
        assert!(said.err.contains("not a valid AWS name"), "{}", said.err);
    }
}
