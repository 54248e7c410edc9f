//! Directories of kube-bench rule files, run as they are: on synthetic nodes, and with invalid directories.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use serde_json::Value;
use tempfile::TempDir;

use super::house;
use super::{refused, says};
use crate::synthetic::{KUBELET_PID, Node, Report, Said, kube_assay};

pub(super) const SETTINGS: &str = "\
master:
  components: [apiserver]
  apiserver:
    bins: [kube-apiserver]
    confs: [/etc/kubernetes/manifests/kube-apiserver.yaml]
node:
  components: [kubelet]
  kubelet:
    bins: [kubelet]
    confs: [/var/lib/kubelet/config.yaml]
version_mapping:
  \"1.30\": house-1
  \"eks-1.9.0\": eks-1.9.0
target_mapping:
  house-1: [master, node]
  eks-1.9.0: [node]
";

const MASTER: &str = "\
controls:
version: house-1
id: 1
text: The control plane
type: master
groups:
- id: 1.1
  text: Arguments
  checks:
  - id: 1.1.1
    text: No one comes in unnamed
    audit: /bin/ps -fC $apiserverbin
    tests: {test_items: [{compare: {value: false, op: eq}, flag: --anonymous-auth}]}
    remediation: Set it.
    scored: true
  - id: 1.1.2
    text: The cluster says so
    audit: kubectl get pods
    tests: {test_items: [{flag: yes}]}
    remediation: Ask it.
    scored: true
";

const WORKER: &str = "\
controls:
version: house-1
id: 2
text: The worker
type: node
groups:
- id: 2.1
  text: Files
  checks:
  - id: 2.1.1
    text: Settings are a file
    audit: test -f $kubeletconf && echo there
    tests: {test_items: [{flag: there}]}
    remediation: Put it into $kubeletconf.
    scored: true
";

/// Creates a directory of rule files with these files in addition to, or instead of, the usual ones.
fn rules(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let usual = [
        ("config.yaml", SETTINGS),
        ("house-1/master.yaml", MASTER),
        ("house-1/node.yaml", WORKER),
        ("eks-1.9.0/node.yaml", WORKER),
    ];
    house::write(directory.path(), &usual);
    house::write(directory.path(), files);
    directory
}

/// Returns a rule file with one check that has this audit.
fn asking(audit: &str) -> String {
    let audit = serde_json::to_string(audit).expect("a text");
    format!(
        "id: 2\nversion: house-1\ntext: T\ntype: node\ngroups:\n- id: 2.1\n  text: G\n  checks:\n  - id: 2.1.1\n    text: C\n    \
         audit: {audit}\n    tests: {{test_items: [{{flag: sentinel}}]}}\n    remediation: R\n    scored: true\n"
    )
}

fn report(node: &Node, rules: &Path, words: &[&str]) -> Report {
    let mut command = node.command();
    Report::of(command.args(["--json", "-v", "-D"]).arg(rules).args(words))
}

fn verdict<'r>(report: &'r Report, id: &str) -> (&'r str, &'r str, &'r str) {
    let check = report.checks().find(|check| check["test_number"] == id).unwrap_or_else(|| panic!("no {id}"));
    let text = |key: &str| check[key].as_str().unwrap_or_default();
    (text("status"), text("verdict"), text("reason"))
}

#[test]
fn rule_files_are_run_on_what_concerns_the_node() {
    let (node, rules) = (Node::control_plane(), rules(&[]));
    let report = report(&node, rules.path(), &["--version", "1.31"]);
    assert_eq!(report.targets(), ["master", "node"]);
    assert_eq!(verdict(&report, "1.1.1"), ("PASS", "pass", ""));
    let reason = "kubectl: not run, since no process is started (allow it with --allow-exec)";
    assert_eq!(verdict(&report, "1.1.2"), ("FAIL", "unknown", reason));
    assert_eq!(verdict(&report, "2.1.1"), ("PASS", "pass", ""));
    for notice in [
        ": has no benchmark for Kubernetes 1.31; house-1, that of 1.30, is run\n",
        "notice: kubectl: not run, so 1 check is unknown (allow processes with --allow-exec)\n",
    ] {
        assert!(report.err.contains(notice), "{}", report.err);
    }
    assert_eq!(report.json["Run"]["benchmark"], "house-1");
    assert_eq!(report.json["Totals"]["total_fail"], 1);
    let worker = self::report(&Node::worker(), rules.path(), &["--benchmark", "house-1"]);
    assert_eq!(worker.targets(), ["node"]);
    let named = self::report(&node, rules.path(), &["run", "--benchmark", "house-1", "-s", "node", "--skip", "2.1.1"]);
    assert_eq!(named.targets(), ["node"]);
    assert_eq!(verdict(&named, "2.1.1"), ("INFO", "skipped", "Test marked as skip"));
}

#[test]
fn the_version_of_the_node_chooses_the_benchmark() {
    let (node, rules) = (Node::control_plane(), rules(&[]));
    node.manifest("kube-apiserver", "v1.33.2");
    let report = report(&node, rules.path(), &[]);
    assert_eq!(report.json["Controls"][0]["detected_version"], "1.33");
    let said = Said::of(Node::worker().command().arg("-D").arg(rules.path()));
    refused(&said, &["Kubernetes version: nothing on this node reveals it (give --version 1.N or --benchmark NAME)"]);
}

#[test]
fn secrets_are_told_only_where_kube_bench_is_replaced() {
    let (node, rules) = (Node::control_plane(), rules(&[]));
    node.api_server_with(&["--token=abcdef.0123456789abcdef"]);
    let words = ["--benchmark", "house-1", "-s", "master"];
    let value = |report: &Report| report.check("1.1.1")["actual_value"].as_str().expect("text").to_owned();
    let masked = value(&report(&node, rules.path(), &words));
    assert!(masked.contains("--profiling=false") && !masked.contains("0123456789abcdef"), "{masked}");
    let mut compat = node.command();
    let told = Report::of(compat.args(["--json", "--compat", "run", "-D"]).arg(rules.path()).args(words));
    assert!(value(&told).contains("--token=abcdef.0123456789abcdef"));
}

#[test]
fn settings_may_come_from_another_file() {
    let (node, rules) = (Node::control_plane(), rules(&[]));
    let own = rules.path().join("own.yaml");
    fs::write(&own, SETTINGS.replace("confs: [/var", "confs: [/absent, /srv")).expect("written");
    let report = report(&node, rules.path(), &["--config", own.to_str().expect("text"), "--benchmark", "house-1"]);
    assert_eq!(verdict(&report, "2.1.1").0, "FAIL");
}

#[test]
fn under_its_name_nothing_is_told_that_kube_bench_does_not_tell() {
    let (node, rules) = (Node::control_plane(), rules(&[]));
    let link = node.outside().join("kube-bench");
    symlink(assert_cmd::cargo::cargo_bin!("kube-assay"), &link).expect("linked");
    let under_its_name = |words: &[&str]| {
        let mut command = assert_cmd::Command::from_std(Command::new(&link));
        command.arg("--root").arg(node.root()).arg("--proc").arg(node.proc());
        Said::of(command.current_dir(node.outside()).args(words))
    };
    let directory = rules.path().to_str().expect("text");
    let said =
        under_its_name(&["-D", directory, "run", "--benchmark", "house-1", "--json", "--logtostderr", "-v", "3"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let json: Value = serde_json::from_str(&said.out).expect("JSON");
    let keys = |value: &Value| value.as_object().map(|object| object.keys().cloned().collect::<Vec<_>>());
    assert_eq!(keys(&json), Some(vec!["Controls".to_owned(), "Totals".to_owned()]));
    let check = keys(&json["Controls"][0]["tests"][0]["results"][0]).expect("a check");
    assert!(check.iter().all(|key| key != "verdict" && key != "file"), "{check:?}");
    // The option works like the name.
    let compat =
        Said::of(node.command().args(["--compat", "-D", directory, "run", "--benchmark", "house-1", "--json"]));
    assert_eq!(compat.out, said.out);
    for (words, code, text) in [
        (&["--unheard-of"][..], 255, "Usage: kube-bench"),
        (&["-D", directory, "--benchmark", "house-1", "--version", "1.30"], 1, "each chooses the benchmark"),
        (&["-D", directory, "--check", "1.1.1", "--group", "1.1"], 1, "--check and --group: each chooses"),
        (&["-D", directory, "--asff"], 255, "--asff: AWS Security Hub output is not supported"),
        (&["-D", directory, "--benchmark", "cis-9"], 1, "no benchmark cis-9 (there: eks-1.9.0, house-1)"),
        (&["-D", directory, "run", "--benchmark", "house-1", "--targets", "worker"], 1, "no target worker in house-1"),
        (&["-D", directory, "--benchmark", "house-1", "--exit-code", "7"], 7, ""),
    ] {
        let said = under_its_name(words);
        assert!(said.code == code && said.err.contains(text), "{words:?}: {} {}", said.code, said.err);
    }
    // kube-bench finds the directory by default if it is in this location.
    symlink(rules.path(), node.outside().join("cfg")).expect("linked");
    let found = under_its_name(&["run", "--benchmark", "house-1", "--json"]);
    assert_eq!(found.out, said.out);
}

#[test]
fn what_would_need_a_process_touches_nothing() {
    let node = Node::worker();
    node.file("/srv/kept", "content");
    mkfifo(&node.at("/srv/pipe"), Mode::S_IRWXU).expect("made");
    for (audit, status, part) in [
        ("while true; do :; done", "FAIL", "the audit: takes more steps than an audit may take"),
        ("while true; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done", "FAIL", "than an audit may"),
        (":(){ :|:& };:", "FAIL", "defines a function"),
        ("sleep 1000 & echo sentinel", "FAIL", "runs something in the background"),
        ("f() { f | f; }; f", "FAIL", "defines a function"),
        ("cat /srv/pipe", "FAIL", "is a FIFO, not a regular file, and was not opened"),
        ("cat /dev/zero", "FAIL", "No such file or directory"),
        ("rm -rf /srv", "FAIL", "rm: not run, since no process is started"),
        ("find /srv -delete", "FAIL", "is not interpreted"),
        ("echo sentinel >/srv/kept", "FAIL", "writes to a file, which is never done"),
        ("echo 'sentinel", "FAIL", "the audit: line 1: has an unclosed quote"),
        ("echo sentinel", "PASS", ""),
    ] {
        let rules = rules(&[("house-1/node.yaml", &asking(audit))]);
        let report = report(&node, rules.path(), &["--benchmark", "house-1", "-s", "node"]);
        let (found, _, reason) = verdict(&report, "2.1.1");
        assert!(found == status && reason.contains(part), "{audit}: {found} {reason}");
    }
    assert_eq!(fs::read_to_string(node.at("/srv/kept")).expect("still there"), "content");
}

#[test]
fn processes_are_those_of_the_proc_file_system_that_is_named() {
    let node = Node::worker();
    fs::write(node.of_process(KUBELET_PID, "environ"), "A=1\0B=sentinel\0").expect("written");
    // Below the root, /proc is an ordinary directory and not the given proc file system.
    node.file(&format!("/proc/{KUBELET_PID}/environ"), "B=other\0");
    node.file("/proc/1/environ", "B=other\0");
    let of_kubelet = format!("/proc/{KUBELET_PID}/environ");
    for (audit, status) in [
        (format!("cat {of_kubelet} | tr '\\0' '\\n'"), "PASS"),
        (format!("cat /./proc//{KUBELET_PID}/environ"), "PASS"),
        (format!("test -f {of_kubelet} && ls /proc | grep -q '^{KUBELET_PID}$' && echo sentinel"), "PASS"),
        (format!("find {of_kubelet} -type f -exec echo sentinel \\;"), "PASS"),
        (format!("stat -c %n {of_kubelet} && test ! -L {of_kubelet} && echo sentinel"), "PASS"),
        ("cat /proc/1/environ".to_owned(), "FAIL"),
        ("cat /proc/4711/environ".to_owned(), "FAIL"),
    ] {
        let rules = rules(&[("house-1/node.yaml", &asking(&audit))]);
        let report = report(&node, rules.path(), &["--benchmark", "house-1", "-s", "node"]);
        assert_eq!(verdict(&report, "2.1.1").0, status, "{audit}: {}", report.check("2.1.1"));
    }
}

#[test]
fn what_only_bash_knows_is_named_as_that() {
    let rules = rules(&[("house-1/node.yaml", &asking("[[ a == a ]] && echo sentinel; echo done"))]);
    let report = report(&Node::worker(), rules.path(), &["--benchmark", "house-1", "-s", "node"]);
    assert_eq!(report.check("2.1.1")["actual_value"], "/bin/sh: 1: [[: not found\ndone");
    let notice = "notice: [[ ... ]]: bash's conditional command, not one of POSIX sh; the shell's message counts as output \
                  in 1 check (write [ ... ] instead, or call bash)\n";
    assert!(report.err.contains(notice), "{}", report.err);
    let said = says(&["lint", "-D", rules.path().to_str().expect("text")]);
    assert!(
        said.out.contains("node.yaml:9: [[ ... ]] is bash's conditional command, not one of POSIX sh"),
        "{}",
        said.out
    );
    assert!(!said.out.contains("calls [["), "{}", said.out);
}

#[test]
fn a_shell_runs_what_is_not_interpreted_where_that_is_allowed() {
    let run = |audit: &str| {
        let rules = rules(&[("house-1/node.yaml", &asking(audit))]);
        let mut command = kube_assay();
        command.env("SECRET", "sentinel").env("KUBERNETES_SERVICE_HOST", "10.0.0.1");
        let words = ["--allow-exec", "--exec-limit", "1", "--benchmark", "house-1", "-s", "node", "--json", "-D"];
        let report = Report::of(command.args(words).arg(rules.path()));
        let (status, verdict, reason) = verdict(&report, "2.1.1");
        format!("{status} {verdict} {reason}")
    };
    assert_eq!(run("expr 1 + 1 >&2; echo sentinel"), "PASS pass ");
    assert_eq!(run("env | base64 -w 0; env | grep SECRET; true"), "FAIL fail ");
    assert_eq!(run("printenv KUBERNETES_SERVICE_HOST && echo sentinel"), "PASS pass ");
    let began = Instant::now();
    assert_eq!(run("sleep 1000"), "FAIL unknown /bin/sh: did not end within 1 seconds, and was killed");
    assert!(began.elapsed() < Duration::from_secs(30));
    let reason = run("no-such-program");
    assert!(reason.starts_with("FAIL fail failed to run: ") && reason.contains("not found"), "{reason}");
    // kube-bench treats the shell's messages as the command's output.
    let rules = rules(&[("house-1/node.yaml", &asking("no-such-program; no-such-program; echo sentinel"))]);
    let said = Said::of(
        kube_assay().args(["--allow-exec", "--benchmark", "house-1", "-s", "node", "-v", "-D"]).arg(rules.path()),
    );
    let notice = "no-such-program: not found, and the shell's message counts as output in 1 check (install it)";
    assert!(said.err.contains(notice), "{}", said.err);
    // An audit that exceeds its limit is not run again.
    assert_eq!(run("while :; do :; done"), "FAIL unknown the audit: takes more steps than an audit may take (2000000)");
    let said = Said::of(
        Node::worker().command().arg("--allow-exec").arg("-D").arg(rules.path()).args(["--benchmark", "house-1"]),
    );
    refused(&said, &["--allow-exec: a shell sees this machine, not what --node, --root or --proc name"]);
}

#[test]
fn directories_that_are_wrong_are_refused_with_their_place() {
    let tabs = "node:\n\tkubelet: x\n";
    let twice =
        format!("{WORKER}  - {{id: 2.1.1, text: Twice, audit: 'true', tests: {{test_items: [{{flag: a}}]}}}}\n");
    for (file, text, code, part) in [
        ("config.yaml", "", 2, "config.yaml: no version_mapping"),
        ("config.yaml", tabs, 2, "config.yaml:2: a tab in the indentation"),
        ("config.yaml", "version_mapping: {'1.30': '1.31', '1.31': '1.30'}\n", 2, "in a loop"),
        ("config.yaml", "version_mapping: {'1.30': gone}\n", 2, "which has no directory"),
        ("config.yaml", "version_mapping: {'1.31': house-1}\n", 2, "no benchmark for Kubernetes 1.30 or an older one"),
        ("house-1/node.yaml", "type: master\n", 2, "node.yaml: its type is \"master\", but its name says \"node\""),
        ("house-1/node.yaml", "groups:\n\t- a\n", 2, "node.yaml:2: a tab in the indentation"),
        ("house-1/node.yaml", "groups: 'a\n", 2, "node.yaml:2: not valid YAML: "),
        (
            "house-1/node.yaml",
            &twice,
            0,
            "node.yaml:16: the check 2.1.1 is given twice, first in line 10; both are run",
        ),
    ] {
        let rules = rules(&[(file, text)]);
        let said = Said::of(Node::worker().command().args(["--version", "1.30", "-v", "-D"]).arg(rules.path()));
        assert!(said.code == code && said.err.contains(part), "{text:?}: {} {}", said.code, said.err);
    }
    let rules = rules(&[]);
    fs::remove_file(rules.path().join("config.yaml")).expect("removed");
    let said = Said::of(Node::worker().command().args(["--benchmark", "house-1", "-D"]).arg(rules.path()));
    refused(
        &said,
        &["no config.yaml (give the directory that holds it and the benchmarks, or the file with --config)"],
    );
    mkfifo(&rules.path().join("config.yaml"), Mode::S_IRWXU).expect("made");
    let said = Said::of(Node::worker().command().args(["--benchmark", "house-1", "-D"]).arg(rules.path()));
    refused(&said, &["config.yaml: is not a regular file, and is not read"]);
    for number in 0..1001 {
        fs::write(rules.path().join(format!("{number}.txt")), "").expect("written");
    }
    let said = Said::of(Node::worker().command().args(["--benchmark", "house-1", "-D"]).arg(rules.path()));
    refused(&said, &["holds more than 1000 entries (name a directory of rule files)"]);
    let directory = rules.path().to_str().expect("text");
    refused(&says(&["-D", "/nowhere"]), &["/nowhere: no such file or directory (give a directory of rule files)"]);
    refused(
        &says(&["list", "-D", directory]),
        &["-D: not an option of list (available in run, lint, convert and record)"],
    );
    refused(&says(&["-D", directory, "--profile", "eks-anywhere"]), &["--profile: belongs to the built-in benchmarks"]);
    refused(&says(&["-D", directory, "--benchmarks-dir", directory]), &["cannot be used with"]);
}

#[test]
fn lint_tells_what_is_wrong_and_what_needs_a_process() {
    let rules = rules(&[(
        "house-1/node.yaml",
        &asking("journalctl -u kubelet | grep x").replace("flag: sentinel", "flag: sentinel, colour: blue"),
    )]);
    let directory = rules.path().to_str().expect("text");
    let said = says(&["lint", "-D", directory]);
    let expected = format!(
        "warning: {directory}/house-1/node.yaml:12: unknown key \"colour\" in a test item\n\
         process: {directory}/house-1/node.yaml:9: check 2.1.1: calls journalctl\n\
         process: {directory}/house-1/master.yaml:16: check 1.1.2: calls kubectl\n\n\
         Audits that need a process:\n\
         \u{20}    1 call journalctl\n\
         \u{20}    1 call kubectl\n\
         2 benchmarks, 4 checks, 4 distinct audits that are run: 2 without a process (50 %), the others with --allow-exec; 0 \
         errors, 1 warning\n"
    );
    assert_eq!((said.code, said.out.as_str()), (0, expected.as_str()));
    let json: Value = serde_json::from_str(&says(&["lint", "--json", "-D", directory]).out).expect("JSON");
    assert_eq!(json["audits"]["native"], 2);
    assert_eq!(json["needs"]["kubectl"][0]["check"], "1.1.2");
    assert_eq!(json["remarks"][0]["severity"], "warning");
    fs::write(rules.path().join("house-1/node.yaml"), "groups: {}").expect("written");
    fs::write(rules.path().join("config.yaml"), SETTINGS.replace("[master, node]", "[master, etcd]")).expect("written");
    let said = says(&["lint", "-D", directory]);
    assert_eq!(said.code, 2);
    for part in ["the target etcd, which has no file", "node.yaml:1: groups must be a list"] {
        assert!(said.out.contains(part), "{}", said.out);
    }
}

#[test]
fn strict_verdicts_are_marked() {
    let (node, rules) = (Node::control_plane(), rules(&[]));
    // kube-bench uses the first value, the API server the last.
    node.api_server_with(&["--anonymous-auth=true"]);
    let plain = report(&node, rules.path(), &["--benchmark", "house-1"]);
    assert_eq!(verdict(&plain, "1.1.1"), ("PASS", "pass", ""));
    let strict = report(&node, rules.path(), &["--benchmark", "house-1", "--strict"]);
    let (status, word, reason) = verdict(&strict, "1.1.1");
    assert_eq!((status, word), ("FAIL", "fail"));
    assert!(reason.contains("--anonymous-auth: found true, expected false"), "{reason}");
    let check = strict.checks().find(|check| check["test_number"] == "1.1.1").expect("it is there");
    assert_eq!(check["kube_bench_status"], "PASS");
    assert!(strict.err.contains("have a well-known form: 1.1.1 is FAIL, not PASS\n"), "{}", strict.err);
    // Checks whose results agree are not marked, nor are those of another form.
    for id in ["1.1.2", "2.1.1"] {
        let check = strict.checks().find(|check| check["test_number"] == id).expect("it is there");
        assert!(check.get("kube_bench_status").is_none(), "{check}");
    }
    let text = Said::of(node.command().args(["--benchmark", "house-1", "--strict", "-D"]).arg(rules.path()));
    assert!(
        text.out.contains("  1.1.1   No one comes in unnamed\n          not PASS as in kube-bench: "),
        "{}",
        text.out
    );
    refused(&node.says(&["--strict"]), &["--strict: the built-in benchmarks are always strict"]);
}

#[test]
fn a_benchmark_is_converted_and_run() {
    let (node, rules) = (Node::control_plane(), rules(&[]));
    let into = node.outside().join("converted").display().to_string();
    let directory = rules.path().to_str().expect("text");
    let said = says(&["convert", "-D", directory, "--benchmark", "house-1", &into]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("check 1.1.2 remains manual: its audit asks kubectl"), "{}", said.out);
    assert!(said.out.contains("3 checks: "), "{}", said.out);
    assert_eq!(says(&["lint", &into]).code, 0);
    let report = node.report(&["--benchmarks-dir", &into, "--benchmark", "house-1", "-s", "master,node"]);
    assert_eq!(report.verdict("1.1.1"), ("pass", ""));
    assert_eq!(report.verdict("1.1.2"), ("manual", "Test marked as a manual test"));
    for (words, part) in [
        (&["convert", "-D", directory, "--benchmark", "house-1", &into][..], "is not empty, and is not overwritten"),
        (&["convert", "-D", directory, &into], "no benchmark given"),
        (&["convert", "-D", directory, "--benchmark", "house-9", &into], "is not empty, and is not overwritten"),
        (&["convert", "-D", directory, "--benchmark", "house-9", "/tmp/none-there"], "no benchmark house-9"),
    ] {
        refused(&says(words), &[part]);
    }
}

/// Removes from a report what differs between two runs on the same node.
pub fn judged(mut report: Report) -> serde_json::Value {
    for field in ["root", "started"] {
        let was = report.json["Run"].as_object_mut().and_then(|run| run.remove(field));
        assert!(was.is_some(), "{field}");
    }
    report.json
}

#[test]
fn a_recording_for_rule_files_gives_the_same_report() {
    let (node, rules) = (Node::control_plane(), rules(&[]));
    let recording = node.outside().join("recording.yaml");
    let words = ["record", "--with-contents", "--benchmark", "house-1", "-D"];
    let said = Said::of(node.command().args(words).arg(rules.path()).arg("--file").arg(&recording));
    assert_eq!((said.code, said.out.as_str()), (0, ""), "{}", said.err);
    assert!(said.err.contains("holds whole files and command lines"), "{}", said.err);
    let live = report(&node, rules.path(), &["--benchmark", "house-1"]);
    let words = ["--benchmark", "house-1", "--json"];
    let again = Report::of(kube_assay().args(words).arg("--node").arg(&recording).arg("-D").arg(rules.path()));
    assert_eq!(judged(again), judged(live));
}

#[test]
fn whole_files_are_recorded_only_where_that_is_asked_for() {
    let (node, rules) = (Node::control_plane(), rules(&[]));
    let said = Said::of(node.command().args(["record", "-D"]).arg(rules.path()));
    refused(&said, &["rule files read whole files and command lines", "--with-contents"]);
    refused(&node.says(&["record", "--with-contents"]), &["--with-contents", "--config-dir"]);
}

#[test]
fn what_rule_files_read_is_recorded_as_it_is() {
    let manifest = "/etc/kubernetes/manifests/kube-apiserver.yaml";
    let reads = "/bin/ps -fC $apiserverbin";
    let asks = MASTER.replace(reads, &format!("cat {manifest}")).replace("--anonymous-auth", "NOTE");
    let (node, rules) = (Node::control_plane(), rules(&[("house-1/master.yaml", &asks)]));
    let pod = "spec:\n  containers:\n  - command: [kube-apiserver]\n    env:\n    - name: X\n      value: NOTE=false\n";
    node.file(manifest, pod);
    let recording = node.outside().join("recording.yaml");
    let words = ["record", "--with-contents", "--benchmark", "house-1", "-D"];
    let said = Said::of(node.command().args(words).arg(rules.path()).arg("--file").arg(&recording));
    assert_eq!((said.code, said.out.as_str()), (0, ""), "{}", said.err);
    assert!(said.err.contains("holds whole files and command lines"), "{}", said.err);
    let live = report(&node, rules.path(), &["--benchmark", "house-1"]);
    assert_eq!(live.check("1.1.1")["status"], "PASS");
    let words = ["--benchmark", "house-1", "--json"];
    let again = Report::of(kube_assay().args(words).arg("--node").arg(&recording).arg("-D").arg(rules.path()));
    assert_eq!(judged(again), judged(live));
    // A built-in benchmark does not need it.
    assert_eq!(node.says(&["record", "--file", &recording.display().to_string()]).code, 0);
    assert!(!fs::read_to_string(&recording).expect("text").contains("NOTE"));
}

#[test]
fn a_target_is_recorded_for_the_benchmarks_that_have_it() {
    let (node, rules) = (Node::control_plane(), rules(&[("house-1/node.yaml", &asking("cat /srv/sign"))]));
    node.file("/srv/sign", "sentinel\n");
    let record = |targets: &str| {
        let mut command = node.command();
        Said::of(command.args(["record", "--with-contents", "--targets", targets, "-D"]).arg(rules.path()))
    };
    for (targets, is_asked) in [("master", false), ("node", true), ("master,node", true)] {
        let said = record(targets);
        assert_eq!(said.code, 0, "{targets}: {}", said.err);
        assert_eq!(said.out.contains("/srv/sign"), is_asked, "{targets}: {}", said.out);
    }
    refused(&record("master,worker"), &["--targets worker: in no benchmark of the directory (there are master, node)"]);
}

#[test]
fn that_nothing_was_chosen_is_told() {
    let (node, rules) = (Node::control_plane(), rules(&[]));
    for words in [&["--check", "9.9.9"][..], &["--scored=false"]] {
        let report = report(&node, rules.path(), &[&["--benchmark", "house-1"][..], words].concat());
        assert_eq!(report.checks().count(), 0);
        assert!(report.err.contains("notice: checks: none run, since the selection is empty"), "{}", report.err);
    }
}

/// kube-bench's flags in every form that pflag accepts, before and after its subcommands.
#[test]
fn its_flags_are_read_as_pflag_reads_them() {
    let (node, rules) = (Node::control_plane(), rules(&[]));
    let link = node.outside().join("kube-bench");
    symlink(assert_cmd::cargo::cargo_bin!("kube-assay"), &link).expect("linked");
    let directory = rules.path().to_str().expect("text");
    let run = |words: &[&str]| {
        let mut command = assert_cmd::Command::from_std(Command::new(&link));
        command.arg("--root").arg(node.root()).arg("--proc").arg(node.proc());
        Said::of(command.current_dir(node.outside()).args(words))
    };
    let expected = run(&["run", "--config-dir", directory, "--benchmark", "house-1", "--json"]).out;
    assert!(expected.starts_with("{\"Controls\":["), "{expected}");
    let (joined, glued, assigned) =
        (format!("--config-dir={directory}"), format!("-D{directory}"), format!("-D={directory}"));
    for words in [
        &["-D", directory, "--benchmark=house-1", "--json", "run"][..],
        &[&joined, "run", "--json=true", "--benchmark", "house-1"],
        &[&glued, "run", "--json=T", "--junit=false", "--benchmark", "house-1"],
        &[&assigned, "run", "--json=1", "--benchmark", "house-1", "--scored", "--unscored=1"],
        &["--config_dir", directory, "run", "--json", "--benchmark", "house-1", "--exit_code", "0", "-v=3"],
        &[
            "--json",
            "--logtostderr=true",
            "--log_dir",
            "/x",
            "--log-backtrace-at=y:1",
            "-v",
            "3",
            "-D",
            directory,
            "run",
            "--benchmark",
            "house-1",
        ],
        &["run", "-D", "/nowhere", "-D", directory, "--benchmark", "x", "--benchmark", "house-1", "--json"],
        &["run", "-s", "master,node", "-D", directory, "--benchmark", "house-1", "--json"],
    ] {
        let said = run(words);
        assert_eq!((said.code, &said.out), (0, &expected), "{words:?}: {}", said.err);
    }
    // Subcommands of older releases.
    for (target, node_type) in [("master", "master"), ("node", "node")] {
        let of_old = run(&[target, "-D", directory, "--benchmark", "house-1", "--json"]);
        let today = run(&["run", "--targets", target, "-D", directory, "--benchmark", "house-1", "--json"]);
        assert!(of_old.code == 0 && of_old.out.contains(&format!("\"node_type\":\"{node_type}\"")), "{}", of_old.err);
        assert_eq!(of_old.out, today.out);
    }
    for (words, text) in [
        (&["--json=perhaps"][..], "perhaps"),
        (&["-D"], "a value is required"),
        (&["run", "--exit-code", "many"], "invalid value 'many'"),
        (&["runn"], "unrecognized subcommand 'runn'"),
        (&["detect"], "detect: not a subcommand of kube-bench (run kube-assay detect, without --compat)"),
        (&["lint", "-D", directory], "lint: not a subcommand of kube-bench"),
        (&["run", "--file", "x"], "--file: no longer a flag of kube-bench"),
        (&["-q", "-v", "3"], "--quiet and --verbose"),
        (&["run", "--pgsql"], "--pgsql: PostgreSQL output is not supported"),
    ] {
        let said = run(words);
        assert_eq!((said.code, said.out.as_str()), (255, ""), "{words:?}: {}", said.err);
        assert!(said.err.contains(text) && !said.err.contains("Usage: kube-assay"), "{words:?}: {}", said.err);
    }
    let help = run(&["--help"]);
    assert!(help.code == 0 && help.out.contains("Usage: kube-bench [OPTIONS] [COMMAND]"), "{}", help.out);
    assert_eq!(run(&["help"]).out, help.out);
    assert!(run(&["run", "-h"]).out.starts_with("Run the checks of all targets"));
    // All flags are accepted with all subcommands.
    for words in [
        &["version", "--json", "--check", "1", "--group", "2"][..],
        &["--asff=false", "version"],
        &["--asff", "version"],
    ] {
        assert_eq!(run(words).out, concat!(env!("CARGO_PKG_VERSION"), "\n"), "{words:?}");
    }
    // `-V` and `--compat version` reveal which program it is.
    assert_eq!(run(&["-V"]).out, concat!("kube-assay ", env!("CARGO_PKG_VERSION"), "\n"));
    for compat in ["--compat", "--compat=true", "--compat=1"] {
        let said = says(&[compat, "version", "--json"]);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{compat}");
        assert_eq!(says(&[compat, "--unheard-of"]).code, 255);
    }
    assert_eq!(says(&["--compat=false", "--unheard-of"]).code, 2);
}
