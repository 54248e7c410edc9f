//! Several benchmarks in one run and one report.

use serde_json::Value;

use super::{refused, says};
use crate::synthetic::Said;

const NODE: [&str; 2] = ["--node", "golden/nodes/eks-anywhere-worker.yaml"];

/// A benchmark that numbers its checks like CIS, and has a target that CIS lacks.
const HOUSE: &str = r#"
title: House rules
suggested_on: [eks-anywhere]
targets:
  node:
    id: node
    title: Nodes
    groups:
      "4.1":
        title: Files
        checks:
          "4.1.1": { control: kubelet/anonymous-auth, scored: true, assessment: automated }
          "4.1.99": { control: kubelet/read-only-port, scored: true, assessment: automated }
  admin:
    id: admin
    title: Administrator's machine
    groups:
      "4.1":
        title: Files
        checks:
          "4.1.100": { control: kubelet/config-mode, with: { at_most: "600" }, scored: true, assessment: automated }
"#;

/// Runs the program with the custom benchmark in addition to the built-in ones.
fn run(words: &[&str]) -> Said {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("house.yaml"), HOUSE).expect("written");
    let path = directory.path().display().to_string();
    says(&[&NODE[..], &["--benchmarks-dir", &path], words].concat())
}

fn json(words: &[&str]) -> Value {
    let said = run(&[words, &["--json"]].concat());
    assert_eq!(said.code, 0, "{}", said.err);
    serde_json::from_str(&said.out).expect("JSON")
}

#[test]
fn each_benchmark_keeps_its_numbers() {
    let report = json(&["--benchmark", "cis-1.12,house", "--targets", "node"]);
    let controls = report["Controls"].as_array().expect("controls");
    let named: Vec<(&Value, &Value)> =
        controls.iter().map(|controls| (&controls["version"], &controls["node_type"])).collect();
    assert_eq!(named, [(&"cis-1.12".into(), &"node".into()), (&"house".into(), &"node".into())]);
    let first = |at: usize| &controls[at]["tests"][0]["results"][0];
    assert_eq!((&first(0)["test_number"], &first(0)["control"]), (&"4.1.1".into(), &"kubelet/service-mode".into()));
    assert_eq!((&first(1)["test_number"], &first(1)["control"]), (&"4.1.1".into(), &"kubelet/anonymous-auth".into()));
    assert_eq!(report["Run"]["benchmark"], "cis-1.12");
    assert_eq!(report["Run"]["further_benchmarks"][0]["benchmark"], "house");
    let alone = json(&["--benchmark", "house", "--targets", "node"]);
    assert_eq!(alone["Controls"][0]["tests"], controls[1]["tests"]);
}

#[test]
fn the_node_decides_the_first_where_that_is_wanted() {
    let report = json(&["--benchmark", "detected,house"]);
    assert_eq!(report["Run"]["benchmark"], "cis-1.12");
    let targets = report["Run"]["targets"].as_array().expect("targets");
    let last = targets.last().expect("one");
    assert_eq!((&last["benchmark"], &last["name"]), (&"house".into(), &"node".into()));
    // A benchmark runs only once, however often it is named.
    let again = json(&["--benchmark", "house,house,cis-1.12,house", "--targets", "node"]);
    assert_eq!(again["Controls"].as_array().expect("controls").len(), 2);
}

#[test]
fn names_may_be_of_any_of_them() {
    let report = json(&["--benchmark", "cis-1.12,house", "--check", "4.1.99,4.1.2"]);
    let numbers: Vec<&str> = report["Controls"]
        .as_array()
        .expect("controls")
        .iter()
        .flat_map(|controls| controls["tests"].as_array().expect("groups"))
        .flat_map(|group| group["results"].as_array().expect("checks"))
        .filter_map(|check| check["test_number"].as_str())
        .collect();
    assert_eq!(numbers, ["4.1.2", "4.1.99"]);
    refused(&run(&["--benchmark", "cis-1.12,house", "--check", "9.9.9"]), &["check \"9.9.9\": not known"]);
    refused(&run(&["--benchmark", "cis-1.12,hause"]), &["benchmark \"hause\": not known", "\"house\""]);
    refused(
        &run(&["--benchmark", "cis-1.12,house", "--targets", "managedservices"]),
        &["target \"managedservices\": not in cis-1.12 or house"],
    );
    refused(&says(&["explain", "--benchmark", "cis-1.12,cis-1.11", "4.1.1"]), &["cis-1.11: a second benchmark"]);
}

#[test]
fn a_target_that_one_benchmark_alone_has_chooses_it() {
    let said = says(&[&NODE[..], &["--targets", "admin", "--json"]].concat());
    let report: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(report["Run"]["benchmark"], "eks-anywhere-guide");
    assert_eq!(report["Run"]["benchmark_evidence"], "the only one with admin");
    // If several benchmarks have the target, none is chosen.
    refused(&run(&["--targets", "admin"]), &["target \"admin\": not in cis-1.12"]);
}

#[test]
fn a_benchmark_that_is_meant_for_the_platform_is_suggested_unless_it_is_run() {
    let suggested = |report: &Value| -> Vec<String> {
        let notices = report["Run"]["notices"].as_array().expect("notices");
        let suggested = notices.iter().filter(|notice| notice["code"] == "benchmark-suggested");
        suggested.filter_map(|notice| notice["text"].as_str().map(str::to_owned)).collect()
    };
    let alone = suggested(&json(&["--targets", "node"]));
    assert!(alone.iter().any(|text| text.contains("--benchmark cis-1.12,house")), "{alone:?}");
    let both = suggested(&json(&["--targets", "node", "--benchmark", "detected,house"]));
    assert!(both.iter().all(|text| !text.contains("house is meant")), "{both:?}");
}

#[test]
fn people_and_dashboards_tell_them_apart() {
    let words = ["--benchmark", "cis-1.12,house", "--targets", "node"];
    let text = run(&[&words[..], &["--show", "all"]].concat()).out;
    assert!(text.contains("House rules (house): given with --benchmark"), "{text}");
    assert!(text.contains("house 4.1.1"), "{text}");
    assert!(text.contains("house node: "), "{text}");
    let junit = run(&[&words[..], &["--junit"]].concat()).out;
    for name in [" / cis-1.12 node\"", " / house node\"", ".cis-1-12_node_4-1\"", ".house_node_4-1\""] {
        assert!(junit.contains(name), "{name}: {junit}");
    }
}

#[test]
fn a_saved_report_of_several_prints_the_same() {
    let words = ["--benchmark", "cis-1.12,house", "--targets", "node"];
    let file = tempfile::NamedTempFile::new().expect("a file");
    let path = file.path().display().to_string();
    let saved = run(&[&words[..], &["--format", "native", "--outputfile", &path]].concat());
    assert_eq!(saved.code, 0, "{}", saved.err);
    let native = std::fs::read_to_string(&path).expect("read");
    let again = says(&["report", "--format", "native", &path]);
    assert_eq!(again.out, native);
    // Saved reports with a target of a benchmark that the run does not name are refused.
    std::fs::write(&path, native.replace(r#""name": "house""#, r#""name": "horse""#)).expect("written");
    refused_report(&says(&["report", &path]));
}

fn refused_report(said: &Said) {
    assert_ne!(said.code, 0);
    assert!(said.err.contains("house: not among run.further"), "{}", said.err);
}
