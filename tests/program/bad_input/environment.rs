//! Bad input in the files that replace an unreadable environment, and secrets in them that must never be shown.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use crate::synthetic::{Node, Report, Said, kube_assay, static_pod};

const UNIT: &str = "/etc/systemd/system/etcd.service";
const VARIABLES: &str = "/etc/etcd/etcd.env";
const PID: i32 = 700;

/// Creates an etcd machine whose process environment is unreadable, and whose unit names an environment file.
fn machine() -> Node {
    let node = Node::empty();
    node.process(PID, &["/opt/bin/etcd"], "/opt/bin/etcd", "0::/system.slice/etcd.service\n");
    let environment = node.of_process(PID, "environ");
    let _ = fs::remove_file(&environment);
    fs::create_dir(&environment).expect("created");
    node.file(UNIT, &format!("[Service]\nExecStart=/opt/bin/etcd\nEnvironmentFile={VARIABLES}\n"));
    node.file(VARIABLES, "ETCD_CLIENT_CERT_AUTH=true\nETCD_CERT_FILE=/pki/a.crt\nETCD_KEY_FILE=/pki/a.key\n");
    node
}

/// Returns the verdict and reason of 2.2: client certificate authentication.
fn judged(node: &Node) -> (String, String) {
    let report = node.report(&["--benchmark", "cis-1.12", "--targets", "etcd", "-c", "2.2"]);
    let (verdict, reason) = report.verdict("2.2");
    (verdict.to_owned(), reason.to_owned())
}

#[track_caller]
fn unknown(node: &Node, parts: &[&str]) {
    let (verdict, reason) = judged(node);
    assert_eq!(verdict, "unknown", "{reason}");
    for part in ["process's environment", "; "].iter().chain(parts) {
        assert!(reason.contains(part), "{part:?} is in: {reason}");
    }
}

#[test]
fn the_file_that_the_unit_names_stands_in_and_is_named() {
    let report = machine().report(&["--benchmark", "cis-1.12", "--targets", "etcd", "-c", "2.2"]);
    assert_eq!(report.verdict("2.2").0, "pass");
    let evidence = &report.check("2.2")["evidence"][0];
    assert_eq!(evidence["source"], "/etc/etcd/etcd.env:1 ETCD_CLIENT_CERT_AUTH", "{evidence}");
    assert!(report.notices().iter().any(|notice| notice.contains("etcd is evaluated from the variables in")));
}

#[test]
fn what_is_no_file_is_not_opened() {
    for path in [UNIT, VARIABLES] {
        let node = machine();
        node.remove(path);
        assert!(Command::new("mkfifo").arg(node.at(path)).status().expect("mkfifo runs").success());
        unknown(&node, &[path, "is a FIFO, not a regular file, and was not opened"]);
        node.remove(path);
        node.link(path, path);
        unknown(&node, &[path, "the links form a loop"]);
    }
    let node = machine();
    node.file("/etc/systemd/system/etcd.service.d", "no directory\n");
    unknown(&node, &["/etc/systemd/system/etcd.service.d", "not a directory"]);
}

#[test]
fn nothing_outside_of_the_root_is_read() {
    let node = machine();
    let outside = node.outside().join("etcd.env");
    fs::write(&outside, "ETCD_CLIENT_CERT_AUTH=true\n").expect("written");
    node.remove(VARIABLES);
    node.link(VARIABLES, &outside);
    unknown(&node, &[VARIABLES, "but missing"]);
    let climbing = format!("[Service]\nExecStart=/opt/bin/etcd\nEnvironmentFile=/../../..{}\n", outside.display());
    node.file(UNIT, &climbing);
    unknown(&node, &["etcd.env", "but missing"]);
}

#[test]
fn there_is_an_end_to_the_files_that_are_looked_for() {
    let node = machine();
    let mut unit = "[Service]\nExecStart=/opt/bin/etcd\n".to_owned();
    for number in 0..5_000 {
        let _ = writeln!(unit, "EnvironmentFile=-/nowhere/{number}");
    }
    node.file(UNIT, &unit);
    unknown(&node, &["one file more than the limit for one environment"]);
    // Nor does their size matter.
    let node = machine();
    node.file(VARIABLES, &"ETCD_CLIENT_CERT_AUTH=\"\\\n".repeat(5_000));
    assert_eq!(judged(&node).0, "fail", "an endless value is not true");
    assert_eq!(node.says(&["record"]).code, 0);
}

#[test]
fn of_these_files_nothing_else_is_shown_or_recorded() {
    let node = machine();
    node.file(
        UNIT,
        &format!(
            "[Unit]\nDescription=the blue whale\n[Service]\nEnvironment=NOTE=narwhal \"ETCD_PEER_AUTO_TLS=false\" X=orca\n\
             ExecStart=/opt/bin/etcd --note=walrus\nEnvironmentFile={VARIABLES}\nEnvironmentFile=/etc/other.env\n"
        ),
    );
    node.file(
        "/etc/other.env",
        "# dolphin\nETCD_INITIAL_CLUSTER_TOKEN=porpoise\nETCD_CLIENT_CERT_AUTH=true\nPROXY=beluga\n",
    );
    let recording = node.outside().join("node.yaml").display().to_string();
    assert_eq!(node.says(&["record", "--file", &recording]).code, 0);
    let recorded = fs::read_to_string(&recording).expect("text");
    assert!(
        recorded.contains("ETCD_PEER_AUTO_TLS=false")
            && recorded.contains("ExecStart=\"/opt/bin/etcd\" \"--note=(withheld"),
        "{recorded}"
    );
    let words = ["--benchmark", "cis-1.12", "--targets", "etcd", "--profile", "none", "--format", "text"];
    let (live, again) = (node.says(&words), Said::of(kube_assay().args(["--node", &recording]).args(words)));
    for whale in ["blue whale", "narwhal", "orca", "walrus", "dolphin", "porpoise", "beluga"] {
        for text in [&recorded, &live.out, &live.err] {
            assert!(!text.contains(whale), "{whale}: {text}");
        }
    }
    // A recording gives the same result.
    let findings =
        |said: &Said| said.out.lines().skip_while(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(findings(&again), findings(&live));
}

#[test]
fn of_the_variables_of_manifests_only_those_that_are_asked_for_are_recorded() {
    let node = machine();
    node.process(PID, &["etcd"], "/usr/local/bin/etcd", &static_pod());
    node.remove(UNIT);
    let environment = node.of_process(PID, "environ");
    let _ = fs::remove_file(&environment);
    let _ = fs::create_dir(&environment);
    let manifest = "/etc/kubernetes/manifests/etcd.yaml";
    node.file(
        manifest,
        "apiVersion: v1\nkind: Pod\nspec:\n  initContainers:\n  - image: x/narwhal-free:1\n    env: [{name: NOTE, value: \
         orca}]\n  containers:\n  - image: x/etcd:v3.5.1\n    command: [etcd]\n    env:\n    - name: PROXY\n      value: |\n        \
         beluga\n        porpoise\n    - {name: GREETING, value: 'dear \n        walrus'}\n    - name: ETCD_CLIENT_CERT_AUTH\n      \
         value: \"true\"\n",
    );
    let recording = node.outside().join("node.yaml").display().to_string();
    assert_eq!(node.says(&["record", "--file", &recording]).code, 0);
    let recorded = fs::read_to_string(&recording).expect("text");
    for whale in ["orca", "beluga", "porpoise", "walrus", "dear"] {
        assert!(!recorded.contains(whale), "{whale}: {recorded}");
    }
    assert!(!recorded.contains("narwhal") && !recorded.contains("GREETING"), "names too: {recorded}");
    let words = ["--benchmark", "cis-1.12", "--targets", "etcd", "--profile", "none"];
    let live = node.report(&words);
    let again = Report::of(kube_assay().args(["--json", "--node", &recording]).args(words));
    assert_eq!(live.json["Controls"], again.json["Controls"]);
    let evidence = &again.check("2.2")["evidence"][0];
    assert_eq!(evidence["source"], format!("{manifest}:18 ETCD_CLIENT_CERT_AUTH"), "{evidence}");
    assert_eq!(again.verdict("2.2").0, "pass");
}
