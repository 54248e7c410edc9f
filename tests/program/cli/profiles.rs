//! Profiles: the controls that the EKS Anywhere guide means, whatever their number, and what its Jobs skip instead.

use std::collections::BTreeSet;

use super::refused;
use crate::synthetic::{Node, Report, kube_assay};

/// The controls that the guide excludes, with their number in each benchmark that has them.
const MEANT: [(&str, [Option<&str>; 3]); 10] = [
    ("etcd/manifest-mode", [Some("1.1.7"), Some("1.1.7"), Some("1.1.7")]),
    ("etcd/manifest-owner", [Some("1.1.8"), Some("1.1.8"), Some("1.1.8")]),
    ("etcd/data-dir-mode", [Some("1.1.11"), Some("1.1.11"), Some("1.1.11")]),
    ("etcd/data-dir-owner", [Some("1.1.12"), Some("1.1.12"), Some("1.1.12")]),
    ("apiserver/kubelet-certificate-authority", [Some("1.2.5"), Some("1.2.6"), Some("1.2.5")]),
    ("apiserver/pod-security-policy-plugin", [Some("1.2.15"), None, None]),
    ("apiserver/encryption-provider-config", [Some("1.2.32"), Some("1.2.30"), Some("1.2.27")]),
    ("apiserver/encryption-providers", [Some("1.2.33"), Some("1.2.31"), Some("1.2.28")]),
    ("kubelet/protect-kernel-defaults", [Some("4.2.6"), Some("4.2.6"), None]),
    ("kubelet/tls-certificate", [Some("4.2.10"), Some("4.2.10"), Some("4.2.9")]),
];

const BENCHMARKS: [&str; 3] = ["cis-1.20", "cis-1.23", "cis-1.12"];

/// Creates a control plane node with EKS Anywhere images and external etcd.
fn eks_anywhere() -> Node {
    let node = Node::control_plane();
    for component in ["kube-apiserver", "kube-controller-manager", "kube-scheduler"] {
        node.manifest(component, "v1.32.4-eks-1-32-14");
    }
    node
}

/// All targets of a benchmark.
const ALL: [&str; 2] = ["--targets", "master,controlplane,etcd,node,policies"];

/// Returns the notices, except those about the missing cluster and about a further benchmark for the platform.
fn notices(report: &Report) -> Vec<&str> {
    let is_other = |notice: &&str| notice.starts_with("cluster: ") || notice.contains(" also applies (add it with");
    report.notices().into_iter().filter(|notice| !is_other(notice)).collect()
}

fn skipped(report: &Report) -> BTreeSet<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
    let checks = report.checks().filter(|check| check["verdict"] == "skipped");
    checks.map(|check| (text(&check["test_number"]), text(&check["control"]))).collect()
}

#[test]
fn the_controls_that_the_guide_means_are_skipped_under_whatever_number() {
    let node = eks_anywhere();
    for (index, benchmark) in BENCHMARKS.into_iter().enumerate() {
        for (profile, etcd) in [("eks-anywhere", true), ("eks-anywhere-stacked-etcd", false)] {
            let report = node.report(&[&["--benchmark", benchmark, "--profile", profile][..], &ALL].concat());
            let expected: BTreeSet<(String, String)> = MEANT
                .iter()
                .filter(|(control, _)| etcd || !control.starts_with("etcd/"))
                .filter_map(|(control, numbers)| Some((numbers[index]?.to_owned(), (*control).to_owned())))
                .collect();
            assert_eq!(skipped(&report), expected, "{benchmark} {profile}");
            // The three that the published numbers skip by mistake.
            for control in ["authorization-mode-not-always-allow", "node-restriction-plugin", "tls-cipher-suites"] {
                let key = format!("apiserver/{control}");
                let check = report.checks().find(|check| check["control"] == key.as_str());
                let check = check.unwrap_or_else(|| panic!("{benchmark} has {key}"));
                assert_eq!(check["verdict"], "pass", "{benchmark} {key}");
            }
            assert_eq!(report.json["Run"]["profile"]["name"], profile);
            assert_eq!(notices(&report), [""; 0]);
        }
    }
}

#[test]
fn a_skip_says_why_and_under_what_number_the_guide_has_it() {
    let report = Node::control_plane().report(&["--profile", "eks-anywhere", "--benchmark", "cis-1.12"]);
    let check = report.check("1.2.27");
    assert_eq!(check["skip"]["profile"], "eks-anywhere");
    assert_eq!(check["skip"]["guide_ids"], serde_json::json!(["1.2.32"]));
    assert_eq!(check["status"], "INFO");
    assert!(report.verdict("1.2.27").1.starts_with("Encryption at rest"));
}

#[test]
fn the_published_jobs_are_reproduced_to_the_letter() {
    let node = eks_anywhere();
    let report = node.report(&[&["--profile", "eks-anywhere-published"][..], &ALL].concat());
    assert_eq!(report.run("benchmark"), "cis-1.20", "whatever the node runs");
    assert_eq!(
        report.skipped(),
        ["1.1.11", "1.1.12", "1.1.7", "1.1.8", "1.2.16", "1.2.32", "1.2.33", "1.2.34", "1.2.6", "4.2.10", "4.2.6"]
    );
    let [notice] = notices(&report)[..] else { panic!("{:?}", notices(&report)) };
    for part in [
        "profile eks-anywhere-published: 3 checks are skipped by mistake",
        "1.2.6 is apiserver/authorization-mode-not-always-allow",
        "1.2.16 is apiserver/node-restriction-plugin",
        "1.2.34 is apiserver/tls-cipher-suites",
        "eks-anywhere,",
    ] {
        assert!(notice.contains(part), "{part} is in {notice}");
    }
    for intended in ["1.2.5", "1.2.15"] {
        assert_ne!(report.verdict(intended).0, "skipped", "{intended}");
    }
    // The Job for workers skips nothing by mistake.
    let worker = node.report(&["--profile", "eks-anywhere-published", "--targets", "node"]);
    assert_eq!((worker.skipped(), notices(&worker)), (vec!["4.2.10".to_owned(), "4.2.6".to_owned()], vec![]));
    for words in [["--benchmark", "cis-1.23"], ["--version", "1.32"]] {
        let said = node.says(&[&["--profile", "eks-anywhere-published"][..], &words].concat());
        refused(&said, &["profile \"eks-anywhere-published\": supports only cis-1.20", "leave out"]);
    }
    for words in [["--benchmark", "cis-1.20"], ["--version", "1.21"]] {
        node.report(&[&["--profile", "eks-anywhere-published"][..], &words].concat());
    }
}

#[test]
fn the_published_job_for_stacked_etcd_is_reproduced_to_the_letter() {
    let node = eks_anywhere();
    let profile = "eks-anywhere-published-stacked-etcd";
    let report = node.report(&[&["--profile", profile][..], &ALL].concat());
    assert_eq!(report.run("benchmark"), "cis-1.20");
    assert_eq!(report.skipped(), ["1.2.16", "1.2.32", "1.2.33", "1.2.6", "4.2.10", "4.2.6"]);
    let [notice] = notices(&report)[..] else { panic!("{:?}", notices(&report)) };
    for part in [
        "profile eks-anywhere-published-stacked-etcd: 2 checks are skipped by mistake",
        "1.2.6 is apiserver/authorization-mode-not-always-allow",
        "1.2.16 is apiserver/node-restriction-plugin",
    ] {
        assert!(notice.contains(part), "{part} is in {notice}");
    }
    // etcd runs on the node, and the strong ciphers are checked.
    for checked in ["1.1.7", "1.1.8", "1.1.11", "1.1.12", "1.2.34"] {
        assert_ne!(report.verdict(checked).0, "skipped", "{checked}");
    }
}

#[test]
fn encryption_is_skipped_only_where_it_is_not_configured() {
    let node = eks_anywhere();
    let numbers = ["1.2.27", "1.2.28"];
    for profile in ["eks-anywhere", "eks-anywhere-stacked-etcd"] {
        let verdicts = |node: &Node| {
            let report = node.report(&["--benchmark", "cis-1.12", "--profile", profile]);
            numbers.map(|number| report.verdict(number).0.to_owned())
        };
        node.api_server_with::<&str>(&[]);
        assert_eq!(verdicts(&node), ["skipped", "skipped"]);
        node.api_server_with(&["--encryption-provider-config=/etc/kubernetes/encryption.yaml"]);
        for (providers, verdict) in [("{kms: {name: k}}, {identity: {}}", "pass"), ("{identity: {}}", "fail")] {
            let text = format!("resources: [{{resources: [secrets], providers: [{providers}]}}]\n");
            node.file("/etc/kubernetes/encryption.yaml", &text);
            assert_eq!(verdicts(&node), ["pass", verdict], "{providers}");
        }
        // A skip requested by the user is unconditional.
        let report = node.report(&["--benchmark", "cis-1.12", "--profile", profile, "--skip", "1.2.27"]);
        assert_eq!(report.verdict("1.2.27").0, "skipped");
        assert_eq!(report.verdict("1.2.28").0, "fail");
        // A recording gives the same result.
        let file = node.outside().join("node.yaml").display().to_string();
        assert_eq!(node.says(&["record", "--file", &file]).code, 0);
        let words = ["--json", "--node", &file, "--benchmark", "cis-1.12", "--profile", profile];
        let recorded = Report::of(kube_assay().args(words));
        assert_eq!(numbers.map(|number| recorded.verdict(number).0), ["pass", "fail"]);
        std::fs::remove_file(&file).expect("removed");
    }
}

#[test]
fn none_switches_profiles_off_and_others_are_refused() {
    let node = Node::control_plane();
    let report = node.report(&["--profile", "none"]);
    assert_eq!(report.skipped(), [""; 0]);
    assert!(report.json["Run"].get("profile").is_none_or(serde_json::Value::is_null));
    refused(
        &node.says(&["--profile", "eks-anywere"]),
        &["profile \"eks-anywere\": not known (did you mean \"eks-anywhere\"?"],
    );
    refused(&node.says(&["--profile", "zzz"]), &["there are eks-anywhere, eks-anywhere-"]);
}
