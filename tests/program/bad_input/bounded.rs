//! Excessive amounts of data: they are unknown or counted, and everything else is unaffected.

use std::fs;

use serde_json::Value;

use crate::synthetic::{KUBELET, KUBELET_PID, Node, Report, Said, ordinary_pod, static_pod};

const CONFIG: &str = "/var/lib/kubelet/config.yaml";

/// Returns the number of files that violate a check, according to its evidence.
fn offenders(check: &Value) -> u64 {
    let evidence = check["evidence"].as_array().expect("evidence").iter();
    let violating = evidence.filter(|piece| piece["offends"] == true);
    violating
        .map(|piece| match (piece["kind"].as_str(), piece["source"].as_str().and_then(|it| it.strip_suffix(" more"))) {
            (Some("further"), Some(count)) => count.parse().expect("a number"),
            _ => 1,
        })
        .sum()
}

#[test]
fn offending_files_are_listed_up_to_a_hundred_and_counted() {
    let node = Node::control_plane();
    let before = node.report(&[]);
    for number in 0..1500 {
        let path = format!("/etc/kubernetes/pki/{number:04}.crt");
        node.file(&path, "");
        node.mode(&path, 0o666);
    }
    // One that differs comes after all the others.
    node.file("/etc/kubernetes/pki/z.crt", "");
    node.mode("/etc/kubernetes/pki/z.crt", 0o667);
    let report = node.report(&[]);
    let check = report
        .checks()
        .find(|check| check["control"] == "pki/certificate-mode" || check["test_number"] == "1.1.20")
        .expect("the modes of certificates");
    assert_eq!(check["verdict"], "fail");
    assert_eq!(offenders(check), 1501 + offenders_before(&before, check));
    let evidence = check["evidence"].as_array().expect("evidence");
    assert!(evidence.len() < 120, "{}", evidence.len());
    let said = node.says(&["--check", check["test_number"].as_str().expect("a number")]);
    assert!(said.out.contains("; +1500 more"), "{}", said.out);
    assert!(check["evidence"].to_string().contains("z.crt"), "{}", check["evidence"]);
    assert_eq!(report.verdicts().len(), before.verdicts().len());
}

fn offenders_before(report: &Report, check: &Value) -> u64 {
    let before = report.check(check["test_number"].as_str().expect("a number"));
    before["evidence"].as_array().map_or(0, |_| offenders(before))
}

#[test]
fn long_values_are_cut_and_say_how_long_they_were() {
    let node = Node::worker();
    let value = format!("value-{}", "x".repeat(100_000));
    node.file(CONFIG, &format!("kind: KubeletConfiguration\nauthorization: {{mode: '{value}'}}\n"));
    let report = node.report(&[]);
    let check = report.check("4.2.2");
    let text = check.to_string();
    assert!(text.contains(&format!("… (cut: {} bytes in total)", value.len())), "{}", &text[..500]);
    for format in ["--json", "--junit", "--format=native", "--format=text"] {
        let said = node.says(&[format]);
        assert!(said.out.len() < 1 << 20, "{format}: {}", said.out.len());
    }
}

#[test]
fn what_one_file_holds_too_much_of_is_unknown_with_the_limit() {
    let kept = "not kept: the configuration files of this node have more than 40000 values";
    for (text, part) in [
        (format!("a: [{}1]\n", "1,".repeat(40_000)), "more than 30000 values or 3 MiB of text"),
        (format!("a: '{}'\n", "x".repeat(4_000_000)), "more than 30000 values or 3 MiB of text"),
        (format!("a: &a '{}'\nb: [{}1]\n", "x".repeat(100_000), "*a,".repeat(1000)), "aliases written out"),
        ("#".repeat((4 << 20) + 1), "4194305 bytes exceed the limit of 4 MiB for a file"),
    ] {
        let node = Node::worker();
        node.file(CONFIG, &text);
        let report = node.report(&[]);
        let (verdict, reason) = report.verdict("4.2.1");
        assert!(verdict == "unknown" && reason.contains(CONFIG) && reason.contains(part), "{verdict}: {reason}");
    }
    // The processes share one limit; the first one is still judged.
    let node = Node::worker();
    let large = format!("authentication: {{anonymous: {{enabled: true}}}}\na: [{}1]\n", "1,".repeat(25_000));
    node.file("/etc/other.yaml", &large);
    node.file(CONFIG, &large);
    node.process(
        KUBELET_PID + 1,
        &["/usr/bin/kubelet", "--config=/etc/other.yaml"],
        KUBELET[0],
        "0::/system.slice/k.service\n",
    );
    let report = node.report(&[]);
    let check = report.check("4.2.1");
    assert_eq!(check["verdict"], "fail", "{check}");
    node.file(CONFIG, &large.replace("true", "false"));
    let (verdict, reason) = (node.report(&[]), kept);
    let (verdict, said) = verdict.verdict("4.2.1");
    assert!(verdict == "unknown" && said.contains(reason) && said.contains("/etc/other.yaml"), "{verdict}: {said}");
}

#[test]
fn a_command_line_over_the_limit_leaves_its_process_there() {
    for long in [vec!["x".repeat(1 << 20)], vec!["a".to_owned(); 30_000]] {
        let node = Node::control_plane();
        let good = node.report(&[]);
        let arguments: Vec<&str> = KUBELET.into_iter().chain(long.iter().map(String::as_str)).collect();
        node.process(KUBELET_PID, &arguments, KUBELET[0], "0::/system.slice/kubelet.service\n");
        let report = node.report(&[]);
        let (verdict, reason) = report.verdict("4.2.1");
        assert!(verdict == "unknown" && reason.contains("the limit"), "{verdict}: {reason}");
        assert_eq!(report.targets(), good.targets());
        // The API server is not affected.
        assert_eq!(report.verdict("1.2.1"), good.verdict("1.2.1"));
    }
}

#[test]
fn command_lines_of_many_components_are_kept_within_one_bound() {
    let node = Node::control_plane();
    let long = "x".repeat(900_000);
    for pid in 1000..1006 {
        let arguments = ["kube-apiserver", "--anonymous-auth=false", &long];
        node.process(pid, &arguments, "/usr/local/bin/kube-apiserver", &static_pod());
    }
    let report = node.report(&[]);
    let (verdict, reason) = report.verdict("1.2.1");
    let part = "not kept: those of all components are more than 2 MiB";
    assert!(verdict == "manual" || verdict == "unknown", "{verdict}: {reason}");
    assert!(report.json.to_string().contains(part), "{reason}");
}

#[test]
fn what_tenants_start_takes_nothing_from_components() {
    let node = Node::control_plane();
    let good = node.report(&[]);
    let long = "x".repeat(900_000);
    for pid in 1000..1060 {
        node.process(pid, &["kube-apiserver", &long], "/usr/local/bin/kube-apiserver", &ordinary_pod());
    }
    let report = node.report(&[]);
    assert_eq!(report.verdicts(), good.verdicts());
}

#[test]
fn variables_over_the_limit_are_unknown() {
    let node = Node::control_plane();
    node.process(900, &["etcd", "--data-dir=/var/lib/etcd"], "/usr/local/bin/etcd", &static_pod());
    let value = "x".repeat(17 << 10);
    fs::write(node.of_process(900, "environ"), format!("ETCD_CERT_FILE={value}\0")).expect("written");
    let said: Said = node.says(&["--json", "--targets", "etcd"]);
    assert!(said.out.contains("ETCD_CERT_FILE: more than 16 KiB, the limit for variables"), "{}", said.out);
    assert!(!said.out.contains(&value[..1000]));
}

#[test]
fn reports_stay_small_whatever_a_node_says() {
    let node = Node::control_plane();
    let nasty = "\u{1b}\"<&'\\".repeat(3000);
    let flags = [
        "anonymous-auth",
        "profiling",
        "audit-log-path",
        "audit-log-maxage",
        "audit-log-maxbackup",
        "audit-log-maxsize",
        "authorization-mode",
        "client-ca-file",
        "enable-admission-plugins",
        "disable-admission-plugins",
        "etcd-cafile",
        "kubelet-certificate-authority",
        "tls-cipher-suites",
        "request-timeout",
        "service-account-key-file",
    ];
    for pid in 1000..1004 {
        let arguments: Vec<String> =
            std::iter::once("kube-apiserver".to_owned()).chain(flags.map(|flag| format!("--{flag}={nasty}"))).collect();
        node.process(pid, &arguments, "/usr/local/bin/kube-apiserver", &static_pod());
    }
    node.file("/etc/hostname", &nasty);
    for format in ["--json", "--junit", "--format=native", "--format=text"] {
        let said = node.says(&[format]);
        assert!(said.code == 0 && said.out.len() < 8 << 20, "{format}: {} {}", said.code, said.out.len());
    }
}
