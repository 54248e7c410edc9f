//! Reports: printed and written output, contradictory options, and the exit code.

use std::fs::{self, File, OpenOptions};
use std::process::{Command, Stdio};

use assert_cmd::cargo::CommandCargoExt;

use super::{refused, says};
use crate::synthetic::{API_SERVER, API_SERVER_PID, Node, Said, static_pod};

#[test]
fn each_format_is_printed_under_each_of_its_names() {
    let node = Node::control_plane();
    for (words, start) in [
        (&[][..], "kube-assay "),
        (&["--format", "text"], "kube-assay "),
        (&["--json"], "{\"Controls\":["),
        (&["--format", "json"], "{\"Controls\":["),
        (&["--format=json", "run"], "{\"Controls\":["),
        (&["--json", "--format", "json"], "{\"Controls\":["),
        (&["--junit"], "<?xml "),
        (&["run", "--format", "junit"], "<?xml "),
        (&["--output", "json=-"], "{\"Controls\":["),
    ] {
        let said = node.says(words);
        assert_eq!(said.code, 0);
        assert!(said.out.starts_with(start), "{words:?}: {}", said.out);
        assert_eq!(said.err, "", "{words:?}");
    }
    refused(&node.says(&["--format", "yaml"]), &["--format yaml: not known (use text, json, junit or native)"]);
}

#[test]
fn several_reports_are_written_in_one_run() {
    let node = Node::control_plane();
    let place = |name: &str| node.outside().join(name).display().to_string();
    let (text, json, junit) = (place("report.txt"), place("report.json"), place("report.xml"));
    let words =
        ["--outputfile", &text, "--output", &format!("json={json}"), "run", "--output", &format!("junit={junit}")];
    let said = node.says(&words);
    assert_eq!((said.code, said.out.as_str()), (0, ""));
    assert!(fs::read_to_string(&text).expect("read").starts_with("kube-assay "));
    assert!(fs::read_to_string(&junit).expect("read").starts_with("<?xml "));
    let report: serde_json::Value = serde_json::from_slice(&fs::read(&json).expect("read")).expect("JSON");
    assert_eq!(report["Run"]["node"], "node-1");
    // The printed report comes in addition.
    let said = node.says(&["--json", "--output", &format!("junit={junit}")]);
    assert!(said.out.starts_with("{\"Controls\""));
}

#[test]
fn contradictions_between_reports_are_wrong_usage() {
    let node = Node::control_plane();
    let file = node.outside().join("report").display().to_string();
    let other_name = node.outside().join("root/../report").display().to_string();
    let (json, junit) = (format!("json={file}"), format!("junit={file}"));
    for (words, part) in [
        (&["--json", "--junit"][..], "more than one format"),
        (&["--junit", "--junit-fail-on", "all"], "--junit-fail-on all: not known (use warn or unknown)"),
        (&["--pretty"], "--pretty: no JSON is written (add --json or --output json=FILE)"),
        (&["--junit-fail-on", "warn"], "--junit-fail-on: no JUnit is written (add --junit or --output junit=FILE)"),
        (&["--json", "run", "--junit"], "more than one format"),
        (&["--json", "--format", "text"], "more than one format"),
        (&["--output", &json, "--output", &junit], "two reports are written to this file"),
        (&["--output", &json, "--output", &json], "two reports are written to this file"),
        (&["--outputfile", &file, "--output", &json], "two reports are written to this file"),
        (&["--outputfile", &other_name, "--output", &json], "two reports are written to this file"),
        (&["--json", "--output", "junit=-"], "another report is already written to standard output"),
        (&["--output", "json=-", "--output", "junit=-"], "another report is already written to standard output"),
        (&["--output", "json"], "--output json: not FORMAT=FILE"),
        (&["--output", "json="], "not FORMAT=FILE"),
        (&["--output", "yaml=x"], "--output yaml: not known (use text, json, junit or native)"),
    ] {
        refused(&node.says(words), &[part]);
    }
    assert!(!fs::exists(&file).expect("known"), "nothing was written");
}

#[test]
fn standard_output_has_a_name() {
    let node = Node::control_plane();
    let says = |words: &[&str]| Said::of(node.command().current_dir(node.outside()).args(words));
    for words in [&["--outputfile", "-"][..], &["--outputfile=-", "--format", "text"]] {
        assert!(says(words).out.starts_with("kube-assay "), "{words:?}");
    }
    assert!(says(&["record", "-o", "-"]).out.starts_with("form: 3\n"));
    for words in
        [&["--outputfile", "-", "--output", "json=-"][..], &["--json", "--outputfile", "-", "--output", "text=-"]]
    {
        refused(&says(words), &["another report is already written to standard output"]);
    }
    assert!(!fs::exists(node.outside().join("-")).expect("known"), "no file is called so");
}

#[test]
fn the_recording_that_is_checked_is_not_written_over() {
    let node = Node::control_plane();
    let place = |name: &str| node.outside().join(name).display().to_string();
    let (recording, link, twin) = (place("node.yaml"), place("link.yaml"), place("twin.yaml"));
    assert_eq!(node.says(&["record", "-o", &recording]).code, 0);
    std::os::unix::fs::symlink(&recording, &link).expect("linked");
    fs::hard_link(&recording, &twin).expect("linked");
    let before = fs::read(&recording).expect("read");
    for file in [&recording, &link, &twin] {
        let output = format!("json={file}");
        for words in [&["--outputfile", file][..], &["--output", &output], &["record", "-o", file]] {
            let said = says(&[&["--node", &recording][..], words].concat());
            refused(&said, &[&format!("{file}: is the recording that --node names, and is not overwritten")]);
        }
        refused(&says(&["--node", file, "--outputfile", &recording]), &["is the recording that --node names"]);
    }
    assert_eq!(fs::read(&recording).expect("read"), before);
    // An additional output may replace other files.
    assert_eq!(says(&["--node", &recording, "--outputfile", &place("report")]).code, 0);
    assert_eq!(says(&["--node", &recording, "--outputfile", &place("report")]).code, 0);
}

#[test]
fn findings_change_the_exit_code_only_where_that_is_asked_for() {
    let node = Node::control_plane();
    node.mode("/etc/kubernetes/manifests/kube-apiserver.yaml", 0o666);
    let code = |words: &[&str]| node.says(words).code;
    assert_eq!(code(&[]), 0);
    assert_eq!(code(&["--exit-code", "42"]), 42);
    assert_eq!(code(&["--exit-code", "42", "run", "--json"]), 42);
    assert_eq!(code(&["--exit-code", "0"]), 0);
    // Unscored failures are WARN, not FAIL.
    let unscored = node.report(&["--scored=false"]);
    assert!(unscored.checks().all(|check| check["status"] != "FAIL"));
    assert!(unscored.checks().any(|check| check["status"] == "WARN" && check["verdict"] == "fail"));
    assert_eq!(code(&["--scored=false", "--exit-code", "42"]), 0);
}

#[test]
fn parts_of_the_text_can_be_left_out() {
    let node = Node::control_plane();
    let parts = |words: &[&str]| {
        let out = node.says(words).out;
        let has = |part: &str| out.lines().any(|line| line.starts_with(part));
        [has("FAIL ("), has("          fix: "), has("master: "), has("total: ")]
    };
    for (words, expected) in [
        (&[][..], [true, true, true, true]),
        (&["--noresults"], [false, false, true, true]),
        (&["--noremediations"], [true, false, true, true]),
        (&["--nosummary"], [true, true, false, true]),
        (&["--nototals"], [true, true, true, false]),
        (&["--noresults", "run", "--noremediations=true", "--nosummary", "--nototals"], [false; 4]),
        (&["--noresults=false"], [true, true, true, true]),
    ] {
        assert_eq!(parts(words), expected, "{words:?}");
    }
    assert!(node.says(&["--json", "--nototals"]).out.starts_with("[{\"id\":"));
    node.mode("/etc/kubernetes/manifests/kube-apiserver.yaml", 0o666);
    let lines = |words: &[&str]| node.says(words).out.lines().filter(|line| line.starts_with("            ")).count();
    assert_eq!(lines(&["--check", "1.1.1"]), 0);
    // Nothing is printed twice.
    assert_eq!(lines(&["--check", "1.1.1", "--include-test-output"]), 0);
    for file in ["ca.key", "sa.key"] {
        node.file(&format!("/etc/kubernetes/pki/{file}"), "a key\n");
        node.mode(&format!("/etc/kubernetes/pki/{file}"), 0o644);
    }
    assert_eq!(lines(&["--check", "1.1.21"]), 0);
    assert!(lines(&["--check", "1.1.21", "--include-test-output"]) > 1);
}

#[test]
fn more_is_said_where_that_is_asked_for() {
    let node = Node::control_plane();
    assert_eq!(node.says(&["run"]).err, "");
    for words in [&["-v", "run"][..], &["-v", "3", "run"], &["run", "-v3"], &["--verbose=2"]] {
        let said = node.says(words);
        assert_eq!(said.code, 0, "{words:?}: {}", said.err);
        assert!(said.err.starts_with("notice: benchmark cis-1.12 ("), "{words:?}: {}", said.err);
        assert!(said.err.contains("\nnotice: sandbox: "), "{words:?}: {}", said.err);
    }
    assert_eq!(node.says(&["-v", "0", "run"]).err, "");
}

#[test]
fn colour_is_for_terminals() {
    let node = Node::empty();
    let said = node.says(&[]);
    assert!(!said.out.contains('\x1b') && !said.err.contains('\x1b'));
}

/// Runs the program with this standard output; returns the exit code and standard error.
fn printing_to(words: &[&str], out: Stdio) -> (Option<i32>, String) {
    let mut command = Command::cargo_bin("kube-assay").expect("the program is built");
    let output = command.args(words).stdout(out).stderr(Stdio::piped()).output().expect("it runs");
    (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
}

const WHATEVER_PRINTS: [&[&str]; 8] = [
    &["demo"],
    &["demo", "--json"],
    &["demo", "--junit"],
    &["list", "controls"],
    &["explain", "1.1.1"],
    &["completions", "bash"],
    &["version"],
    &["--help"],
];

#[test]
fn a_reader_that_goes_away_is_no_news() {
    for words in WHATEVER_PRINTS {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let (code, told) = printing_to(words, writer.into());
        let told: Vec<&str> = told.lines().filter(|line| !line.starts_with("notice: profile ")).collect();
        assert_eq!((code, told), (Some(0), vec![]), "{words:?}");
    }
}

#[test]
fn an_output_that_is_full_is_told_of() {
    let full = || -> Stdio { OpenOptions::new().write(true).open("/dev/full").expect("there").into() };
    for words in WHATEVER_PRINTS {
        let (code, err) = printing_to(words, full());
        assert_eq!(code, Some(1), "{words:?}");
        assert!(
            err.contains("error: standard output: cannot be written: no space left on the device"),
            "{words:?}: {err}"
        );
    }
}

#[test]
fn an_output_that_cannot_be_written_does_not_keep_back_the_others() {
    let node = Node::control_plane();
    let file = node.outside().join("report.json");
    let said = node.says(&["--outputfile", "/nowhere/report", "--output", &format!("json={}", file.display())]);
    assert_eq!(said.code, 1);
    assert!(File::open(&file).is_ok());
    // Each failure is reported.
    let said = node.says(&["--outputfile", "/nowhere/report", "--output", "json=/nowhere/either"]);
    assert_eq!((said.code, said.err.lines().count()), (1, 2), "{}", said.err);
    let said = node.says(&["--outputfile", "/nowhere/report"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("/nowhere/report: cannot be written: no such file or directory"), "{}", said.err);
}

#[test]
fn nobody_need_listen_to_errors() {
    let mut command = Command::cargo_bin("kube-assay").expect("the program is built");
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let status = command.args(["--version", "banana"]).stderr(writer).status().expect("it runs");
    assert_eq!(status.code(), Some(2));
    let Said { code, .. } = says(&["list"]);
    assert_eq!(code, 0);
}

#[test]
fn where_etcd_runs_is_said_where_it_does_not_run_here() {
    let node = Node::control_plane();
    let reasons = |servers: &[&str]| -> Vec<String> {
        let words = [&API_SERVER[..], servers].concat();
        node.process(API_SERVER_PID, &words, "/usr/local/bin/kube-apiserver", &static_pod());
        let report = node.report(&["--benchmark", "cis-1.12", "--targets", "master,etcd", "-c", "1.1.7,1.1.12,2.1"]);
        let reason = |id| {
            let (verdict, reason) = report.verdict(id);
            assert_eq!(verdict, "not-applicable");
            reason.to_owned()
        };
        ["1.1.7", "1.1.12", "2.1"].map(reason).to_vec()
    };
    let elsewhere = "etcd is not on this node, it runs on machines of its own: the API server's --etcd-servers is ";
    for (servers, said) in [
        (&["--etcd-servers=https://10.0.0.5:2379"][..], format!("{elsewhere}https://10.0.0.5:2379")),
        (
            &["--etcd-servers=https://root:hunter2@10.0.0.5:2379,https://10.0.0.6:2379"],
            format!("{elsewhere}https://(masked)@10.0.0.5:2379,https://10.0.0.6:2379"),
        ),
        (&["--etcd-servers=https://127.0.0.1:2379"], "etcd is not on this node".to_owned()),
        (&[], "etcd is not on this node".to_owned()),
    ] {
        assert_eq!(reasons(servers), [said.as_str(); 3], "{servers:?}");
    }
}
