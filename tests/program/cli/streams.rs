//! Standard error and standard output together: a pod's log mixes them in any order, and a report parser fails on
//! foreign lines.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use quick_xml::events::Event;
use serde_json::Value;

use super::house;
use super::{refused, says};
use crate::synthetic::{Node, Said};

/// Rule files with a check that needs a process, one number used twice, and a missing version.
const RULES: [(&str, &str); 2] = [
    (
        "config.yaml",
        "node:\n  components: [kubelet]\n  kubelet: {bins: [kubelet]}\nversion_mapping: {'1.30': house-1}\n\
                     target_mapping: {house-1: [node]}\n",
    ),
    (
        "house-1/node.yaml",
        "id: 2\nversion: house-1\ntext: T\ntype: node\ngroups:\n- id: 2.1\n  text: G\n  checks:\n  - id: 2.1.1\n    text: C\n    \
         audit: kubectl get nodes\n    tests: {test_items: [{flag: a}]}\n    remediation: R\n    scored: true\n  - id: 2.1.1\n    \
         text: C\n    audit: 'true'\n    tests: {test_items: [{flag: a}]}\n    remediation: R\n    scored: false\n",
    ),
];

/// Creates a worker with several notices: unknown version, a process that is not a kubelet, and a kubelet that is not
/// run.
fn remarkable() -> Node {
    let node = Node::worker();
    node.process(700, &["/usr/bin/kubelet"], "/usr/bin/python3", "0::/user.slice\n");
    node
}

/// Runs a command and returns both streams as one, in the order in which they were written.
fn joined(mut command: Command) -> (Option<i32>, String) {
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    let twin = writer.try_clone().expect("a pipe");
    let mut child = command.stdin(Stdio::null()).stdout(writer).stderr(twin).spawn().expect("it runs");
    // The command holds the write ends of the pipe.
    drop(command);
    let mut log = String::new();
    reader.read_to_string(&mut log).expect("UTF-8");
    (child.wait().expect("it ends").code(), log)
}

fn program(name: &Path, node: &Node, words: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.arg("--root").arg(node.root()).arg("--proc").arg(node.proc()).args(words).current_dir(node.outside());
    command
}

/// Checks that a text is one XML document.
fn xml(text: &str) -> Result<(), String> {
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let (mut depth, mut roots) = (0, 0);
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(_) => {
                roots += usize::from(depth == 0);
                depth += 1;
            }
            Event::End(_) => depth -= 1,
            Event::Text(text) if depth == 0 && !text.iter().all(u8::is_ascii_whitespace) => {
                return Err(format!("beside the root: {text:?}"));
            }
            Event::Eof if (depth, roots) == (0, 1) => return Ok(()),
            Event::Eof => return Err(format!("{roots} roots, {depth} left open")),
            _ => {}
        }
    }
}

fn parses(text: &str, as_xml: bool) -> Result<(), String> {
    if as_xml { xml(text) } else { serde_json::from_str::<Value>(text).map(|_| ()).map_err(|error| error.to_string()) }
}

#[test]
fn the_joined_streams_are_one_document() {
    let node = remarkable();
    house::write(&node.outside().join("rules"), &RULES);
    let recording = node.outside().join("node.yaml").display().to_string();
    assert_eq!(node.says(&["record", "-o", &recording]).code, 0);
    let kube_assay = assert_cmd::cargo::cargo_bin!("kube-assay");
    let kube_bench = node.outside().join("kube-bench");
    std::os::unix::fs::symlink(kube_assay, &kube_bench).expect("linked");
    let of_rules = ["-D", "rules", "--version", "1.31"];
    for (name, words) in [
        (kube_assay, &["run"][..]),
        (kube_assay, &["--allow-exec"]),
        (kube_assay, &["--compat"]),
        (kube_assay, &["--profile", "eks-anywhere-published"]),
        (kube_assay, &["--targets", "node", "--check", "1.2.1"]),
        (kube_assay, &["--outputfile", "-"]),
        (&kube_bench, &["run", "--targets", "node"]),
        (kube_assay, &of_rules),
        (kube_assay, &[&of_rules[..], &["--compat"]].concat()),
        (&kube_bench, &of_rules),
        (kube_assay, &[&of_rules[..], &["--strict"]].concat()),
        (kube_assay, &[&of_rules[..], &["--check", "9.9.9"]].concat()),
    ] {
        for (format, as_xml) in [("--json", false), ("--junit", true)] {
            let words = [words, &[format]].concat();
            let (code, log) = joined(program(name, &node, &words));
            assert_eq!(code, Some(0), "{words:?}: {log}");
            assert_eq!(parses(&log, as_xml), Ok(()), "{words:?}: {log}");
            // And in any other order.
            let said = Said::of(assert_cmd::Command::from_std(program(name, &node, &words)).env_remove("RUST_LOG"));
            for text in [format!("{}{}", said.out, said.err), format!("{}{}", said.err, said.out)] {
                assert_eq!(parses(&text, as_xml), Ok(()), "{words:?}: {text}");
            }
        }
    }
    for words in [
        &["detect", "--json"][..],
        &["detect", "--json", "--allow-exec"],
        &["lint", "--json", "-D", "rules"],
        &["demo", "--json"],
    ] {
        let mut command = Command::new(kube_assay);
        command.args(words).current_dir(node.outside());
        if words[0] == "detect" {
            command.args(["--node", &recording]);
        }
        let words = words.iter().filter(|word| **word != "--allow-exec");
        let (code, log) = joined(command);
        assert!(code.is_some_and(|code| code == 0), "{words:?}: {log}");
        assert_eq!(parses(&log, false), Ok(()), "{words:?}: {log}");
    }
    let (code, log) = joined(program(kube_assay, &node, &["record", "--targets", "node", "--check", "1.2.1"]));
    assert!(code == Some(0) && log.starts_with("form: "), "{log}");
    assert!(serde_yaml::from_str::<serde_yaml::Value>(&log).is_ok(), "{log}");
    // Check that the test would notice.
    let (_, log) = joined(program(kube_assay, &node, &["--json", "-v"]));
    assert!(parses(&log, false).is_err() && log.contains("notice: "), "{log}");
}

/// Notices that are no longer on standard error are in the report, in each format.
#[test]
fn every_notice_is_in_every_report() {
    let node = remarkable();
    house::write(&node.outside().join("rules"), &RULES);
    let rules = node.outside().join("rules").display().to_string();
    let of_rules = ["-D", &rules, "--version", "1.31", "--strict"];
    for (words, codes) in [
        (&["--allow-exec"][..], &["kubelet-not-asked", "process-ignored", "version-unknown"][..]),
        (
            &["--profile", "eks-anywhere", "--check", "1.2.1"],
            &["process-ignored", "profile-other-platform", "target-not-run", "version-unknown"],
        ),
        (&["--targets", "policies", "--check", "1.2.1"], &["process-ignored", "target-not-run", "version-unknown"]),
        (&of_rules, &["command-not-run", "rule-file", "strict"]),
    ] {
        let json: Value = serde_json::from_str(&node.says(&[words, &["--json"]].concat()).out).expect("JSON");
        let list = |key: &str| json["Run"][key].as_array().cloned().unwrap_or_default();
        let text = |notice: &Value, key: &str| notice[key].as_str().expect("a text").to_owned();
        let mut found: Vec<String> =
            list("notices").iter().map(|notice| text(notice, "code")).filter(|code| code != "not-root").collect();
        found.sort();
        found.dedup();
        assert_eq!(found, codes, "{words:?}");
        let told: Vec<String> = list("notices").iter().map(|notice| text(notice, "text")).collect();
        assert!(told.len() >= codes.len(), "{told:?}");

        let page = node.says(words).out;
        let junit = node.says(&[words, &["--junit"]].concat()).out;
        let suites = junit.matches("<testsuite ").count();
        let verbose = node.says(&[words, &["-v", "--outputfile", "/dev/null"]].concat()).err;
        for text in told {
            let in_head = |line: &str| line.starts_with("  ") && line.contains(&text);
            assert!(page.lines().any(in_head), "{text:?} is in {page}");
            let written = |text: &str| text.replace('>', "&gt;");
            let lines = junit.split("<system-err>").skip(1).filter(|rest| {
                let inside = rest.split("</system-err>").next().unwrap_or_default();
                inside.contains(&written(&text)) || inside.contains(&text)
            });
            assert_eq!(lines.count(), suites, "{text:?} is in {junit}");
            assert!(verbose.contains(&text), "{text:?} is in {verbose}");
        }
    }
    // Also for a run without any suite.
    let empty = Node::empty();
    let junit = empty.says(&["--junit", "--allow-empty", "--benchmark", "eks-1.8.0", "--targets", "policies"]).out;
    assert!(junit.contains("no kubelet, kube-proxy, etcd"), "{junit}");
}

#[test]
fn quiet_means_no_line_but_errors() {
    let node = remarkable();
    for words in [&["-q"][..], &["run", "--quiet"], &["--quiet=true", "--json"], &["-q", "-v", "0"], &["record", "-q"]]
    {
        let said = node.says(words);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{words:?}");
        assert!(!said.out.is_empty());
    }
    assert!(node.says(&["--quiet=false", "-v"]).err.contains("notice: "));
    for words in [&["-q", "-v"][..], &["--quiet", "--verbose=3"], &["run", "-v3", "-q"]] {
        refused(&node.says(words), &["--quiet and --verbose: one prints less and the other more (give one of them)"]);
    }
    let said = says(&["-q", "--root", "/nowhere"]);
    assert_eq!(
        (said.code, said.err.as_str()),
        (1, "error: /nowhere: no such directory (give the node's file system with --root)\n")
    );
    let said = says(&["-q", "--benchmark", "cis-9"]);
    assert!(said.code == 2 && said.err.starts_with("error: "), "{}", said.err);
    // Messages of `list` are notices too.
    assert!(says(&["list", "--version", "1.99"]).err.starts_with("notice: Kubernetes 1.99: newer than"));
    assert_eq!(says(&["list", "--version", "1.99", "-q"]).err, "");
}

/// At a terminal, notices are printed unless disabled.
#[test]
fn notices_are_told_at_a_terminal() {
    let node = remarkable();
    let file = node.outside().join("report.json").display().to_string();
    let kube_assay = assert_cmd::cargo::cargo_bin!("kube-assay").display().to_string();
    let (root, proc) = (node.root().display().to_string(), node.proc().display().to_string());
    for (word, has_notices) in [("", true), ("-q", false)] {
        let line = format!("{kube_assay} --root {root} --proc {proc} --json --outputfile {file} {word}");
        let shown = Command::new("script").args(["-qec", &line, "/dev/null"]).stdin(Stdio::null()).output();
        let Ok(shown) = shown else {
            eprintln!("skipped: script is not installed");
            return;
        };
        let shown = String::from_utf8(shown.stdout).expect("UTF-8");
        assert_eq!(shown.contains("called kubelet of root"), has_notices, "{shown}");
        assert!(has_notices || shown.is_empty(), "{shown}");
    }
    assert!(std::fs::read_to_string(&file).expect("written").contains("called kubelet of root"));
}
