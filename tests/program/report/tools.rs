//! Independent JUnit readers: libxml2 with the schema in this directory, and Python's `junitparser`.
//!
//! If a reader is not installed, its test says so and passes; in CI (`CI=true`) it fails.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use kube_assay::report::{Format, Options, Summary};
use model::Report;

use super::sample;

/// Returns the sample and a report without any checks.
fn assays() -> [Report; 2] {
    let mut empty = sample::report();
    empty.targets.clear();
    [sample::report(), empty]
}

fn file(assay: &Report, strict_junit: bool) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    let options = Options { strict_junit, ..Options::default() };
    file.write_all(super::render(Format::Junit, assay, options).as_bytes()).expect("written");
    file
}

/// Whether this command runs; if not, says so, and fails in CI.
fn is_there(command: &mut Command, name: &str) -> bool {
    let there = command.output().is_ok_and(|output| output.status.success());
    let ci = std::env::var_os("CI").is_some_and(|ci| ci == "true");
    assert!(there || !ci, "{name} is not installed, and CI needs it");
    if !there {
        eprintln!("skipped: {name} is not installed");
    }
    there
}

#[test]
fn the_report_follows_the_schema() {
    if !is_there(Command::new("xmllint").arg("--version"), "xmllint") {
        return;
    }
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/program/report/junit.xsd");
    let validate = |document: &Path| {
        Command::new("xmllint")
            .arg("--noout")
            .arg("--schema")
            .arg(&schema)
            .arg(document)
            .output()
            .expect("xmllint runs")
    };
    for assay in assays() {
        let output = validate(file(&assay, true).path());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    // Check that the schema refuses violations, without which the test above would prove nothing.
    let report = super::render(Format::Junit, &sample::report(), Options { strict_junit: true, ..Options::default() });
    for (part, instead) in [
        (" hostname=\"cp-1\"", ""),
        ("T12:30:05\"", "T12:30:05Z\""),
        (" tests=\"8\"", " tests=\"many\""),
        ("<skipped ", "<omitted "),
        (" type=\"fail\"", ""),
        (" classname=\"cp-1.cis-1-12_node_4-1\"", ""),
        (" classname=\"cp-1.cis-1-12_node_4-1\"", " classname=\"a.b\" file=\"/a\""),
    ] {
        assert!(report.contains(part), "{part}");
        let mut wrong = tempfile::NamedTempFile::new().expect("a temporary file");
        wrong.write_all(report.replace(part, instead).as_bytes()).expect("written");
        assert!(!validate(wrong.path()).status.success(), "{part} replaced by {instead} is refused");
    }
}

#[test]
fn junitparser_reads_what_was_written() {
    if !is_there(Command::new("python3").args(["-c", "import junitparser"]), "Python's junitparser") {
        return;
    }
    let script = "
import json, sys
from junitparser import Failure, JUnitXml, Skipped
report = JUnitXml.fromfile(sys.argv[1])
suites = []
for suite in report:
    cases = list(suite)
    results = [result for case in cases for result in case.result]
    suites.append({
        'name': suite.name,
        'hostname': suite.hostname,
        'timestamp': suite.timestamp,
        'tests': suite.tests,
        'failures': suite.failures,
        'errors': suite.errors,
        'skipped': suite.skipped,
        'cases': len(cases),
        'failed': sum(isinstance(result, Failure) for result in results),
        'left out': sum(isinstance(result, Skipped) for result in results),
        'messages': all(result.message for result in results),
        'properties': {p.name: p.value for p in suite.properties()},
        'outputs': all(json.loads(case.system_out)['test_number'] == case.name.split()[0] for case in cases),
    })
print(json.dumps({'tests': report.tests, 'failures': report.failures, 'suites': suites}))
";
    let assay = sample::report();
    let output =
        Command::new("python3").arg("-c").arg(script).arg(file(&assay, false).path()).output().expect("python3 runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&read["tests"], &read["failures"]), (&14.into(), &5.into()));
    for (suite, target) in read["suites"].as_array().expect("suites").iter().zip(&assay.targets) {
        let summary = Summary::from(target);
        let expected = serde_json::json!({
            "name": format!("cp-1 / cis-1.12 {}", target.name),
            "hostname": "cp-1",
            "timestamp": "2026-03-01T12:30:05",
            "tests": summary.total(),
            "failures": summary.fail,
            "errors": 0,
            "skipped": summary.warn + summary.info,
            "cases": summary.total(),
            "failed": summary.fail,
            "left out": summary.warn + summary.info,
            "messages": true,
            "properties": suite["properties"],
            "outputs": true,
        });
        assert_eq!(suite, &expected);
        assert_eq!(suite["properties"]["profile"], "eks-anywhere");
    }
}
