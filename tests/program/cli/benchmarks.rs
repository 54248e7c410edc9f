//! The choice of the benchmark, and the evidence for the Kubernetes version.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::refused;
use crate::synthetic::{CONTAINER, Node, PROXY_PID, Report, kube_assay, ordinary_pod};

/// The ways to set the version, which each notice about it mentions.
const WAYS: [&str; 2] = ["--version 1.N", "--benchmark NAME"];

/// Returns the benchmark, the version and its evidence.
fn told(report: &Report) -> (&str, &str, &str) {
    (report.run("benchmark"), report.run("detected_version"), report.run("version_evidence"))
}

#[test]
fn benchmark_and_version_choose() {
    let node = Node::control_plane();
    for benchmark in ["cis-1.5", "cis-1.20", "cis-1.12", "cis-2.0", "eks-1.8.0", "eks-stig-kubernetes-v1r6"] {
        let report = node.report(&["--benchmark", benchmark]);
        assert_eq!(told(&report), (benchmark, "", "given with --benchmark"));
        assert_eq!(report.json["Controls"][0]["detected_version"], "none");
        assert_eq!(report.notices(), [""; 0]);
    }
    for (version, edition) in [
        ("1.15", "1.5"),
        ("1.18", "1.6"),
        ("1.21", "1.20"),
        ("v1.23.4", "1.23"),
        ("1.24", "1.24"),
        ("1.25", "1.7"),
        ("1.26", "1.8"),
        ("1.27", "1.9"),
        ("1.28", "1.10"),
        ("1.31", "1.11"),
        ("1.32", "1.12"),
        ("1.34", "2.0"),
    ] {
        let report = node.report(&["--version", version]);
        assert_eq!(report.run("benchmark"), format!("cis-{edition}"));
        assert!(report.run("version_evidence").ends_with("given with --version"));
        assert_eq!(report.notices(), [""; 0]);
    }
    refused(
        &node.says(&["--benchmark", "cis-1.21"]),
        &["benchmark \"cis-1.21\": not known", "did you mean \"cis-1.12\"?)"],
    );
    refused(
        &node.says(&["--benchmark", "eks"]),
        &[
            "benchmark \"eks\": not known (there are cis-1.5, ",
            "eks-1.8.0, eks-anywhere-guide, eks-hardening, eks-stig-kubernetes-v1r6)",
        ],
    );
    refused(&node.says(&["--version", "banana"]), &["--version \"banana\": not a Kubernetes version", "1.32"]);
    for words in [
        &["--benchmark", "cis-1.20", "--version", "1.21"][..],
        &["--benchmark", "cis-1.20", "run", "--version", "1.21"],
        &["--version", "1.21", "run", "--benchmark", "cis-1.20"],
    ] {
        refused(&node.says(words), &["--benchmark and --version: each chooses the benchmark"]);
    }
}

#[test]
fn a_version_without_a_benchmark_of_its_own_is_told_of() {
    let node = Node::control_plane();
    for (version, benchmark, said) in [
        ("1.36", "cis-2.0", "Kubernetes 1.36: newer than every benchmark here; cis-2.0 is the newest"),
        ("1.99", "cis-2.0", "Kubernetes 1.99: newer than every benchmark here; cis-2.0 is the newest"),
        ("1.2", "cis-1.5", "Kubernetes 1.2: older than every benchmark here; cis-1.5 is the oldest"),
    ] {
        let given = node.report(&["--version", version]);
        // Detected or given, the fallback is the same.
        node.manifest("kube-apiserver", &format!("v{version}.0"));
        let detected = node.report(&[]);
        assert_eq!(detected.run("detected_version"), version);
        for report in [given, detected] {
            assert_eq!(report.run("benchmark"), benchmark);
            let notices = report.notices();
            assert!(notices.iter().any(|notice| notice.starts_with(said)), "{notices:?}");
            assert!(WAYS.iter().all(|way| notices[0].contains(way)), "{notices:?}");
        }
    }
}

#[test]
fn without_evidence_the_newest_is_taken_with_a_notice() {
    let report = Node::worker().report(&[]);
    assert_eq!(told(&report).0, "cis-2.0");
    let notices = report.notices();
    assert!(notices[0].starts_with("Kubernetes version: the node does not show it"), "{notices:?}");
    assert!(WAYS.iter().chain(&["--allow-exec"]).all(|way| notices[0].contains(way)), "{notices:?}");
    assert_eq!(report.json["Controls"][0]["detected_version"], "none");
    let text = Node::worker().says(&["run"]);
    assert!(text.out.contains("\n  Kubernetes version: the node does not show it"), "{}", text.out);
}

#[test]
fn the_image_of_a_static_pod_tells() {
    let node = Node::control_plane();
    let evidence = "image registry.k8s.io/kube-apiserver:v1.32.4 in /etc/kubernetes/manifests/kube-apiserver.yaml";
    assert_eq!(told(&node.report(&[])), ("cis-1.12", "1.32", evidence));
    let text = node.says(&["-v"]);
    assert!(text.out.contains(&format!("Kubernetes 1.32, known from {evidence}")), "{}", text.out);
    node.manifest("kube-apiserver", "v1.21.14-eks-1-21-9");
    assert_eq!(told(&node.report(&[])).0, "cis-1.20");
}

#[test]
fn the_bundle_of_a_running_container_tells() {
    for (runtime, cgroup, path, annotation) in [
        (
            "containerd",
            ordinary_pod(),
            format!("/run/containerd/io.containerd.runtime.v2.task/k8s.io/{CONTAINER}/config.json"),
            "io.kubernetes.cri.image-name",
        ),
        (
            "CRI-O",
            ordinary_pod().replace(CONTAINER, &format!("crio-{CONTAINER}.scope")),
            format!("/run/containers/storage/overlay-containers/{CONTAINER}/userdata/config.json"),
            "io.kubernetes.cri-o.ImageName",
        ),
    ] {
        let node = Node::worker();
        node.process(PROXY_PID, &["/usr/local/bin/kube-proxy"], "/usr/local/bin/kube-proxy", &cgroup);
        node.pod_of("kube-system");
        node.file(
            &path,
            &format!("{{\"annotations\": {{\"{annotation}\": \"registry.k8s.io/kube-proxy:v1.23.17\"}}}}"),
        );
        let evidence = format!("image registry.k8s.io/kube-proxy:v1.23.17 of process {PROXY_PID} in {path}");
        assert_eq!(told(&node.report(&[])), ("cis-1.23", "1.23", evidence.as_str()), "{runtime}");
        node.file(&path, "{\"annotations\": [");
        assert_eq!(told(&node.report(&[])).1, "", "{runtime}: a torn file tells nothing");
    }
}

#[test]
fn the_package_database_tells() {
    let node = Node::worker();
    let entry = |status: &str| {
        format!(
            "Package: kubectl\nStatus: install ok installed\nVersion: 1.33.0-1.1\n\nPackage: kubelet\nStatus: \
             {status}\nArchitecture: amd64\nVersion: 1.21.14-00\n\nPackage: zlib1g\nVersion: 1.2.13\n"
        )
    };
    node.file("/var/lib/dpkg/status", &entry("hold ok installed"));
    let evidence = "package kubelet 1.21.14-00 in /var/lib/dpkg/status";
    assert_eq!(told(&node.report(&[])), ("cis-1.20", "1.21", evidence));
    node.file("/var/lib/dpkg/status", &entry("deinstall ok config-files"));
    assert_eq!(told(&node.report(&[])).1, "");
}

#[test]
fn bottlerocket_tells() {
    let node = Node::worker();
    node.file("/etc/os-release", "NAME=Bottlerocket\nID=bottlerocket\nVARIANT_ID=vmware-k8s-1.23\n");
    let evidence = "VARIANT_ID=vmware-k8s-1.23 in /etc/os-release";
    assert_eq!(told(&node.report(&[])), ("cis-1.23", "1.23", evidence));
    node.file("/etc/os-release", "NAME=Debian\nVARIANT_ID=server\n");
    assert_eq!(told(&node.report(&[])).1, "");
}

/// Installs a program in place of the kubelet that records that it ran, and prints this text for `--version`.
fn install(node: &Node, ran: &Path, says: &str) {
    let source = node.outside().join("kubelet.c");
    let text = format!(
        "#include <fcntl.h>\n#include <stdio.h>\n#include <string.h>\n#include <unistd.h>\nint main(int argc, char **argv) {{ creat(\"{}\", 0600); \
         if (argc == 2 && !strcmp(argv[1], \"--version\")) puts(\"{says}\"); return 0; }}\n",
        ran.display()
    );
    fs::write(&source, text).expect("written");
    node.directory("/usr/bin");
    node.remove("/usr/bin/kubelet");
    let program = node.at("/usr/bin/kubelet");
    let made = Command::new("cc").arg("-o").arg(&program).arg(&source).status().expect("cc runs");
    assert!(made.success());
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("set");
}

/// Returns the notices about why the kubelet was not run.
fn not_asked(report: &Report) -> Vec<&str> {
    report.notices().into_iter().filter(|notice| notice.starts_with("/usr/bin/kubelet: ")).collect()
}

#[test]
fn the_kubelet_is_run_only_where_that_is_allowed() {
    let node = Node::worker();
    let ran = node.outside().join("ran");
    let install = |says: &str| install(&node, &ran, says);
    install("Kubernetes v1.21.14");
    if !nix::unistd::geteuid().is_root() {
        let objection = format!("is not run: it is owned by user {}, not by root", nix::unistd::geteuid());
        assert_eq!(not_asked(&node.report(&["--allow-exec"])), [format!("/usr/bin/kubelet: {objection}")]);
        return;
    }
    assert_eq!(told(&node.report(&[])).1, "");
    assert!(!ran.exists(), "it was not run");
    let evidence = "/usr/bin/kubelet --version says Kubernetes v1.21.14";
    assert_eq!(told(&node.report(&["--allow-exec"])), ("cis-1.20", "1.21", evidence));
    assert!(ran.exists(), "it was run");
    // A recording contains the kubelet's answer if the kubelet was run, and nothing otherwise.
    let silent = node.report(&[]);
    for (words, recorded) in [(&["--allow-exec"][..], ("cis-1.20", "1.21", evidence)), (&[], told(&silent))] {
        let file = node.outside().join("node.yaml").display().to_string();
        fs::remove_file(&ran).expect("removed");
        assert_eq!(node.says(&[&["record", "--file", &file][..], words].concat()).code, 0, "{words:?}");
        assert_eq!(ran.exists(), !words.is_empty(), "{words:?}");
        fs::write(&ran, "").expect("written");
        let replayed = Report::of(kube_assay().args(["--json", "--node", &file]));
        assert_eq!(told(&replayed), recorded, "{words:?}");
        assert!(not_asked(&replayed).is_empty(), "{words:?}");
    }
    // The version may also reveal the distribution.
    install("Kubernetes v1.21.14-eks-1-21-28");
    assert_eq!(node.report(&["--allow-exec"]).json["Run"]["platform"], "eks-anywhere");
    // If the node shows its version, nothing is run.
    fs::remove_file(&ran).expect("removed");
    node.file("/etc/os-release", "VARIANT_ID=vmware-k8s-1.23\n");
    assert_eq!(told(&node.report(&["--allow-exec"])).1, "1.23");
    assert!(!ran.exists(), "it was not run");
    // Invalid output is refused and reported.
    node.remove("/etc/os-release");
    install("hello");
    let report = node.report(&["--allow-exec"]);
    assert_eq!(told(&report).1, "");
    assert_eq!(not_asked(&report), ["/usr/bin/kubelet: --version does not print a Kubernetes version"]);
    node.remove("/usr/bin/kubelet");
    let report = node.report(&["--allow-exec"]);
    assert_eq!(not_asked(&report), ["/usr/bin/kubelet: cannot be run: no such file or directory"]);
}

/// Programs that users other than root could have replaced are not run as root, nor are those reached through such
/// paths.
#[test]
fn only_a_kubelet_that_is_roots_alone_is_run() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let node = Node::worker();
    let (ran, path) = (node.outside().join("ran"), "/usr/bin/kubelet");
    let nobody = nix::unistd::Uid::from_raw(65534);
    install(&node, &ran, "Kubernetes v1.21.14");
    let objection = |change: &dyn Fn()| {
        change();
        let report = node.report(&["--allow-exec"]);
        assert_eq!(told(&report).1, "");
        assert!(!ran.exists(), "it was run");
        let why = not_asked(&report).first().map(|why| why.replace("/usr/bin/kubelet: is not run: ", ""));
        why.expect("it is told")
    };
    let owner = |uid| nix::unistd::chown(&node.at(path), Some(uid), None).expect("changed");
    assert_eq!(objection(&|| owner(nobody)), "it is owned by user 65534, not by root");
    owner(nix::unistd::Uid::from_raw(0));
    assert_eq!(objection(&|| node.mode(path, 0o757)), "everyone can write it (mode 0757)");
    assert_eq!(objection(&|| node.mode(path, 0o6775)), "its group can write it (group 0, mode 6775)");
    assert_eq!(
        objection(&|| {
            node.file(path, &format!("#!/bin/sh\n: > {}\necho Kubernetes v1.21.14\n", ran.display()));
            node.mode(path, 0o755);
        }),
        "it is a script or something else that is not a program"
    );
    assert_eq!(objection(&|| node.file(path, "\x7fEL")), "it is a script or something else that is not a program");
    assert_eq!(
        objection(&|| {
            node.remove(path);
            assert!(Command::new("mkfifo").arg(node.at(path)).status().expect("mkfifo runs").success());
        }),
        "it is not a regular file"
    );
    // Links are resolved below the root, and not beyond.
    install(&node, &ran, "Kubernetes v1.21.14");
    fs::rename(node.at(path), node.outside().join("kubelet")).expect("moved");
    node.link(path, node.outside().join("kubelet"));
    assert_eq!(
        not_asked(&node.report(&["--allow-exec"])),
        ["/usr/bin/kubelet: cannot be run: no such file or directory"]
    );
    assert!(!ran.exists(), "it was run");
}

/// A program that does not end is killed with all its children.
#[test]
fn a_kubelet_that_does_not_end_is_killed_with_its_children() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let node = Node::worker();
    let ran = node.outside().join("ran");
    let late = node.outside().join("late");
    // Its child keeps the output open, and would create a file later.
    let says =
        format!("\"); if (!fork()) {{ sleep(7); creat(\"{}\", 0600); }} for (;;) pause(); puts(\"", late.display());
    install(&node, &ran, &says);
    let began = Instant::now();
    let report = node.report(&["--allow-exec"]);
    assert_eq!(not_asked(&report), ["/usr/bin/kubelet: --version did not end within 5 seconds"]);
    assert!(ran.exists() && began.elapsed() < Duration::from_secs(7), "no child is waited for");
    sleep(Duration::from_secs(8).saturating_sub(began.elapsed()));
    assert!(!late.exists(), "its child went on");
}
