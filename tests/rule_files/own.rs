//! Small rule directories with canned answers: findings on a node, messages and reports.

use std::collections::BTreeSet;
use std::path::Path;

use kube_assay::kube_bench::{
    Audited, Auditor, CheckOutcome, Directory, Report, RulesRequest, Selection, State, Summary, Targets, Which, report,
    reported, run,
};
use kube_assay::node::Recorded;
use kube_assay::report::Format;
use probe::Node;
use redact::Masked;
use serde_json::{Value, json};

use crate::files::directory;

/// A control plane without a proxy, although the settings require one.
const NODE: &str = "
hostname: node-1
processes:
- argv: [/usr/bin/kube-apiserver, --guests=False]
- argv: [/usr/local/bin/kubelet]
- argv: [kube-proxy-of-somebody-else]
files:
- {path: /etc/manifests/kube-apiserver.yaml, content: x}
- {path: /etc/kubelet.yaml, content: x}
- {path: /etc/kubelet.service, content: x}
";

/// An auditor with canned output for the audits of the rule directory.
struct Canned;

impl Auditor for Canned {
    fn audit(&self, script: &str, _: &dyn Node) -> Audited {
        let (output, status) = match script {
            "ps of kube-apiserver" => ("root 1 kube-apiserver --guests=False\n", 0),
            "broken $nothingbin" => ("a=b\n", 0),
            r#"cat "/proc/$(/bin/ps -C kube-apiserver -o pid= | tr -d ' ')/environ" | tr '\0' '\n'"# => {
                ("HOME=/\nSTORE=/var\n", 0)
            }
            "ps of $kubeletbin" => ("kubelet\n", 0),
            "cat /etc/kubelet.yaml" => ("port: 0\n", 0),
            "modes" => ("mode=600\nmode=664\nmode=600\n", 0),
            "oc get nothing" => {
                let reason = "oc is not run (allow it with --allow-exec)".to_owned();
                return Audited::NotRun { command: Some("oc".to_owned()), reason };
            }
            other => panic!("{other:?} is not to be asked"),
        };
        Audited::Ran { output: output.to_owned(), status }
    }
}

fn rules() -> Directory {
    directory("cfg", &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rule_files/cfg"))
}

fn node() -> Recorded {
    Recorded::parse("node.yaml", NODE).unwrap_or_else(|error| panic!("{error}"))
}

fn order() -> RulesRequest {
    RulesRequest {
        which: Which::Version("1.31".to_owned()),
        detected: "1.31".to_owned(),
        targets: Targets::All,
        selection: Selection::default(),
    }
}

fn ran(order: &RulesRequest) -> Report {
    run(&rules(), order, &node(), &Canned).unwrap_or_else(|remark| panic!("{remark}"))
}

fn checks(report: &Report) -> Vec<&CheckOutcome> {
    report.controls.iter().flat_map(|controls| &controls.groups).flat_map(|group| &group.checks).collect()
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn checks_are_judged_by_what_the_node_has() {
    let report = ran(&order());
    let said: Vec<_> = checks(&report)
        .into_iter()
        .map(|check| {
            (
                check.id.as_str(),
                check.status,
                check.expected_result.as_str(),
                &*check.actual_value,
                check.reason.as_str(),
            )
        })
        .collect();
    let apiserver = "root 1 kube-apiserver --guests=False";
    assert_eq!(
        said,
        [
            ("1.1.1", State::Pass, "'--guests' is equal to 'false'", apiserver, ""),
            ("1.10", State::Pass, "'--store' is present OR 'STORE' is present", apiserver, ""),
            ("1.1.3", State::Warn, "", "", "Test marked as a manual test"),
            (
                "1.1.1",
                State::Warn,
                "",
                "unknown binary operator for tests xor\n",
                "unknown binary operator for tests xor"
            ),
            ("1.2.1", State::Info, "", "", "Test marked as skip"),
            ("2.1.1", State::Pass, "'{.port}' is equal to '0'", "port: 0", ""),
            (
                "2.1.2",
                State::Warn,
                "mode has permissions 664, expected 644 or more restrictive",
                "mode=600\nmode=664\nmode=600",
                ""
            ),
            ("2.1.3", State::Warn, "", "", "oc is not run (allow it with --allow-exec)"),
            ("2.1.4", State::Warn, "", "", "There are no tests"),
        ]
    );
    assert_eq!(report.totals(), Summary { pass: 3, fail: 0, warn: 5, info: 1 });
    assert_eq!(report.benchmark, "house-1");
    let checks = checks(&report);
    assert_eq!(checks[0].remediation, "Set --guests=false in /etc/manifests/kube-apiserver.yaml.\n");
    assert_eq!(checks[3].text, "Where the data lies (etcd, etcd)");
    assert_eq!(checks[7].not_run, Some(Some("oc".to_owned())));
    assert_eq!((checks[0].not_run.as_ref(), checks[0].line), (None, 11));
}

#[test]
fn what_is_wrong_with_the_rules_is_told_with_its_place() {
    let warnings: Vec<String> = ran(&order()).warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        [
            "cfg: has no benchmark for Kubernetes 1.31; house-1, that of 1.30, is run",
            "cfg/house-1/master.yaml:51: $nothingbin has no known value, so it is kept as is",
            "cfg/house-1/master.yaml:49: the check 1.1.1 is given twice, first in line 11; both are run",
            "cfg/house-1/master.yaml:53: bin_op is \"xor\", so the check never passes (take and, or or)",
            "cfg/house-1/master.yaml:57: unknown key \"colour\" in a test item",
            "cfg/house-1/master.yaml:56: unknown operator \"equals\"; the test never passes",
            "cfg/house-1/node.yaml: no program of proxy runs, which must run for the target node: no program's name is \
             substituted",
            "cfg/house-1/node.yaml:13: $kubeletbin has no known value, so it is kept as is",
        ]
    );
}

#[test]
fn checks_are_selected_and_skipped() {
    let all = Selection::default();
    for (selection, expected) in [
        (Selection { checks: names(&["1.1.1"]), ..all.clone() }, &["1.1.1 PASS", "1.1.1 WARN"][..]),
        (Selection { groups: names(&["1.2"]), ..all.clone() }, &["1.2.1 INFO"]),
        (
            Selection { groups: names(&["2.1"]), skip: names(&["2.1"]), scored: false, ..all.clone() },
            &["2.1.2 INFO", "2.1.3 INFO"],
        ),
        (
            Selection { groups: names(&["1.1"]), skip: names(&["1.10"]), unscored: false, ..all.clone() },
            &["1.1.1 PASS", "1.10 INFO"],
        ),
        (Selection { checks: names(&["9"]), ..all }, &[]),
    ] {
        let report = ran(&RulesRequest { selection, ..order() });
        let found: Vec<String> =
            checks(&report).iter().map(|check| format!("{} {}", check.id, check.status.name())).collect();
        assert_eq!(found, expected);
    }
    let targets = |targets: &[&str]| Targets::Named(targets.iter().map(|target| (*target).to_owned()).collect());
    let report = ran(&RulesRequest { targets: targets(&["node"]), ..order() });
    assert_eq!(report.controls.iter().map(|controls| controls.target.as_str()).collect::<Vec<_>>(), ["node"]);
    let order = RulesRequest { targets: targets(&["worker"]), ..order() };
    let refused = run(&rules(), &order, &node(), &Canned).expect_err("no such target");
    assert_eq!(refused.to_string(), "cfg/house-1: no target worker in house-1 (there: master, node)");
}

#[test]
fn the_report_as_json_has_the_form_that_consumers_know() {
    let selection = Selection { checks: names(&["1.1.1", "1.2.1"]), ..Selection::default() };
    let report = ran(&RulesRequest { selection, ..order() });
    let mut out = Vec::new();
    report::json(&report, &report::ReportStyle::default(), &mut out).expect("written");
    let text = String::from_utf8(out).expect("UTF-8");
    assert!(text.contains(r"No guests \u0026 no \u003cstrangers\u003e"), "{text}");
    let json: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(json["Totals"], json!({"total_pass": 1, "total_fail": 0, "total_warn": 1, "total_info": 1}));
    assert_eq!(json["Controls"][1]["tests"], Value::Null, "nothing of the worker was selected");
    let master = &json["Controls"][0];
    assert_eq!(master["node_type"], "master");
    assert_eq!(master["id"], "1");
    assert_eq!(master["detected_version"], "1.31");
    assert_eq!(master["version"], "house-1.0");
    let group = &master["tests"][0];
    assert_eq!(
        (&group["section"], &group["type"], &group["pass"], &group["warn"]),
        (&json!("1.1"), &json!(""), &json!(1), &json!(1))
    );
    let remediation = "Set --guests=false in /etc/manifests/kube-apiserver.yaml.\n";
    assert_eq!(
        group["results"][0],
        json!({
            "test_number": "1.1.1",
            "test_desc": "No guests & no <strangers>",
            "audit": "ps of kube-apiserver",
            "AuditEnv": "",
            "AuditConfig": "",
            "type": "",
            "remediation": remediation,
            "test_info": [remediation],
            "status": "PASS",
            "actual_value": "root 1 kube-apiserver --guests=False",
            "scored": true,
            "IsMultiple": false,
            "expected_result": "'--guests' is equal to 'false'",
        })
    );
    assert_eq!(master["tests"][1]["results"][0]["type"], "skip");
    assert_eq!(master["tests"][1]["results"][0]["reason"], "Test marked as skip");
    let mut out = Vec::new();
    let options = report::ReportStyle { totals: false, ..report::ReportStyle::default() };
    report::json(&report, &options, &mut out).expect("written");
    let bare: Value = serde_json::from_slice(&out).expect("JSON");
    assert_eq!(bare, json["Controls"]);
}

#[test]
fn long_texts_that_many_checks_tell_are_in_each_of_them() {
    let mut report = ran(&order());
    let long = "a <b> & \"c\"\n".repeat(1000);
    let checks =
        report.controls.iter_mut().flat_map(|controls| &mut controls.groups).flat_map(|group| &mut group.checks);
    for check in checks {
        check.actual_value = long.as_str().into();
    }
    let mut out = Vec::new();
    report::json(&report, &report::ReportStyle::default(), &mut out).expect("written");
    let json: Value = serde_json::from_slice(&out).expect("JSON");
    let results = json["Controls"]
        .as_array()
        .expect("a list")
        .iter()
        .flat_map(|controls| controls["tests"].as_array().expect("a list"));
    let values: Vec<&Value> = results
        .flat_map(|group| group["results"].as_array().expect("a list"))
        .map(|check| &check["actual_value"])
        .collect();
    assert!(values.len() > 5 && values.iter().all(|value| **value == long.as_str()), "{}", values.len());
    assert!(String::from_utf8(out).expect("UTF-8").contains(r#"a \u003cb\u003e \u0026 \"c\"\n"#));
}

#[test]
fn the_report_as_text_has_the_lines_that_scripts_look_for() {
    let targets = Targets::Named(vec!["node".to_owned()]);
    let mut report = ran(&RulesRequest { targets, ..order() });
    report.controls[0].groups[0].checks[1].status = State::Fail;
    let mut out = Vec::new();
    let options = report::ReportStyle { test_output: true, ..report::ReportStyle::default() };
    report::text(&report, &options, &mut out).expect("written");
    let text = "\
[INFO] 2 The worker
[INFO] 2.1 Settings
[PASS] 2.1.1 The port is closed
[FAIL] 2.1.2 Each file is narrow
\t mode=600
\t mode=664
\t mode=600
[WARN] 2.1.3 No one knows
[WARN] 2.1.4 Nothing is asked

== Remediations node ==
2.1.2 Narrow them.
2.1.3 audit test did not run: oc is not run (allow it with --allow-exec)
2.1.4 audit test did not run: There are no tests

== Summary node ==
1 checks PASS
1 checks FAIL
2 checks WARN
0 checks INFO

== Summary total ==
1 checks PASS
1 checks FAIL
2 checks WARN
0 checks INFO

";
    assert_eq!(String::from_utf8(out).expect("UTF-8"), text);
    let mut out = Vec::new();
    let options =
        report::ReportStyle { results: false, remediations: false, summary: false, totals: false, test_output: true };
    report::text(&report, &options, &mut out).expect("written");
    assert_eq!(out, b"");
}

#[test]
fn the_report_as_junit_has_a_case_for_each_check() {
    let selection = Selection { checks: names(&["1.1.1", "1.2.1"]), ..Selection::default() };
    let mut report = ran(&RulesRequest { selection, ..order() });
    report.controls[0].groups[0].checks[1].status = State::Fail;
    "Do \"this\"\n\u{1}".clone_into(&mut report.controls[0].groups[0].checks[1].remediation);
    let mut out = Vec::new();
    report::junit(&report, &report::ReportStyle::default(), &mut out).expect("written");
    let text = String::from_utf8(out).expect("UTF-8");
    let outline: Vec<&str> = text
        .lines()
        .map(|line| line.split_once("<system-out>").map_or(line, |(before, _)| before).trim())
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(
        outline,
        [
            "<testsuites>",
            "<testsuite name=\"The control plane\" tests=\"3\" failures=\"1\" errors=\"0\" time=\"0\">",
            "<testcase name=\"1.1.1 No guests &amp; no &lt;strangers&gt;\" classname=\"Arguments\" time=\"0\">",
            "</testcase>",
            "<testcase name=\"1.1.1 Where the data lies (etcd, etcd)\" classname=\"Arguments\" time=\"0\">",
            "<failure type=\"\">Do &#34;this&#34;&#xA;\u{fffd}</failure>",
            "</testcase>",
            "<testcase name=\"1.2.1 Is never looked at\" classname=\"Left out\" time=\"0\">",
            "<skipped></skipped>",
            "</testcase>",
            "</testsuite><testsuite name=\"The worker\" tests=\"0\" failures=\"0\" errors=\"0\" time=\"0\"></testsuite>",
            "</testsuites>",
        ]
    );
    assert!(text.contains("{&#34;test_number&#34;:&#34;1.1.1&#34;,"), "{text}");
}

#[test]
fn directories_that_cannot_be_run_are_refused() {
    let good = "controls:\nid: 1\ntype: node\ngroups:\n- id: 1.1\n  checks:\n  - id: 1.1.1\n";
    for (settings, rules, expected) in [
        (
            None,
            good,
            "cfg: no config.yaml (give the directory that holds it and the benchmarks, or the file with --config)",
        ),
        (
            Some("node:\n\tcomponents: []\n"),
            good,
            "cfg/config.yaml:2: a tab in the indentation (YAML takes spaces only)",
        ),
        (
            Some(""),
            "type: node\ngroups:\n\t- id: 1\n",
            "cfg/b/node.yaml:3: a tab in the indentation (YAML takes spaces only)",
        ),
        (
            Some(""),
            "type: master\n",
            "cfg/b/node.yaml: its type is \"master\", but its name says \"node\" (they must be the same)",
        ),
        (Some(""), "- type: node\n", "cfg/b/node.yaml:1: a rule file must be a mapping of names to values"),
        (Some(""), "type: node\ngroups: {}\n", "cfg/b/node.yaml:2: groups must be a list"),
        (
            Some(""),
            "type: node\ngroups:\n- checks:\n  - scored: maybe\n",
            "cfg/b/node.yaml:4: scored must be true or false",
        ),
        (Some(""), "type: node\ngroups:\n- checks:\n  - audit: [a]\n", "cfg/b/node.yaml:4: audit must be a string"),
        (Some(""), "# nothing\n", "cfg/b/node.yaml: it is empty (add controls, groups and checks)"),
    ] {
        let files = settings.map(|settings| ("config.yaml", settings)).into_iter().chain([("b/node.yaml", rules)]);
        let directory = Directory::new("cfg", files.map(|(path, text)| (path.to_owned(), text.to_owned())));
        let order = RulesRequest { which: Which::Benchmark("b".to_owned()), ..order() };
        let refused = run(&directory, &order, &node(), &Canned).expect_err(expected);
        assert_eq!(refused.to_string(), expected);
    }
    for (which, expected) in [
        (Which::Benchmark("../etc".to_owned()), "cfg: no benchmark ../etc (there: house-1)"),
        (
            Which::Version("1.33".to_owned()),
            "cfg/config.yaml:25: version_mapping leads from 1.32 to elsewhere, which has no directory",
        ),
    ] {
        let refused = run(&rules(), &RulesRequest { which, ..order() }, &node(), &Canned).expect_err(expected);
        assert_eq!(refused.to_string(), expected);
    }
}

#[test]
fn nothing_that_a_node_holds_does_anything_on_a_terminal() {
    let targets = Targets::Named(vec!["node".to_owned()]);
    let mut report = ran(&RulesRequest { targets, ..order() });
    let check = &mut report.controls[0].groups[0].checks[1];
    check.status = State::Fail;
    check.actual_value = "a\u{1b}[31mb\u{9b}2J\u{202e}c\r\nd\u{7f}é\n".into();
    let exact = |write: fn(&Report, &report::ReportStyle, &mut dyn std::io::Write) -> std::io::Result<()>| {
        let options = report::ReportStyle { test_output: true, ..report::ReportStyle::default() };
        let mut out = Vec::new();
        write(&report, &options, &mut out).expect("written");
        String::from_utf8(out).expect("UTF-8")
    };
    let acts = |text: &str| text.chars().any(|c| (c.is_control() && c != '\n' && c != '\t') || c == '\u{202e}');
    let text = ours(&report, Format::Text);
    assert!(text.contains("\n            a\\x1b[31mb\\u{9b}2J\\u{202e}c\n            d\\x7fé\n"), "{text}");
    for text in Format::ALL.iter().map(|format| ours(&report, *format)).chain([exact(report::json)]) {
        assert!(!acts(&text), "{text}");
    }
    // For a parser, nothing has changed.
    for json in [exact(report::json), ours(&report, Format::Json)] {
        let json: Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(
            json["Controls"][0]["tests"][0]["results"][1]["actual_value"],
            "a\u{1b}[31mb\u{9b}2J\u{202e}c\r\nd\u{7f}é\n"
        );
    }
    assert!(!acts(&exact(report::junit)));
    // kube-bench's own text format is reproduced exactly.
    assert!(exact(report::text).contains("\t a\u{1b}[31mb\u{9b}2J\u{202e}c\r\n"));
}

/// Returns a report in one of our formats.
fn ours(report: &Report, format: Format) -> String {
    let mut out = Vec::new();
    let masked = Masked::new(reported(report, ran_on()));
    format
        .write(&masked, &kube_assay::report::Options { include_test_output: true, ..Default::default() }, &mut out)
        .expect("written");
    String::from_utf8(out).expect("UTF-8")
}

fn ran_on() -> model::Run {
    model::Run {
        tool: "kube-assay".to_owned(),
        version: "0.1.0".to_owned(),
        command: model::Command::default(),
        host: model::Host { name: "worker".to_owned(), machine_id: None },
        root: "/".to_owned(),
        sandbox: model::Sandbox::default(),
        platform: None,
        cluster: None,
        kubernetes: model::Kubernetes { version: None, evidence: "not detected".to_owned() },
        benchmark: model::Benchmark {
            name: "house-1".to_owned(),
            title: "rule files of cfg".to_owned(),
            digest: String::new(),
            evidence: "given".to_owned(),
        },
        further: Vec::new(),
        profile: None,
        targets: Vec::new(),
        notices: Vec::new(),
        started: "2026-03-01T12:30:05Z".to_owned(),
        finished: "2026-03-01T12:30:05Z".to_owned(),
    }
}

#[test]
fn what_audits_printed_is_masked_wherever_it_shows() {
    let targets = Targets::Named(vec!["node".to_owned()]);
    let mut report = ran(&RulesRequest { targets, ..order() });
    let check = &mut report.controls[0].groups[0].checks[0];
    for text in [&mut check.reason, &mut check.expected_result] {
        "kubelet --token hunter2".clone_into(text);
    }
    check.actual_value = "kubelet --token hunter2".into();
    for format in Format::ALL {
        let text = ours(&report, *format);
        assert!(!text.contains("hunter2"), "{format}: {text}");
    }
    assert_eq!(ours(&report, Format::Json).matches("kubelet --token (masked)").count(), 3);
}

#[test]
fn a_report_of_rule_files_says_in_the_model_what_kube_bench_says() {
    let report = ran(&order());
    let ours = reported(&report, ran_on());
    let states: Vec<State> = ours.checks().map(kube_assay::report::state).collect();
    let exact: Vec<State> = report
        .controls
        .iter()
        .flat_map(|controls| &controls.groups)
        .flat_map(|group| &group.checks)
        .map(|check| check.status)
        .collect();
    assert!(exact.len() > 5, "{}", exact.len());
    assert_eq!(states, exact);
    assert_eq!(ours.fits(), Ok(()));
}

#[test]
fn a_report_of_rule_files_that_is_read_back_prints_the_same() {
    let report = ran(&order());
    let native = ours(&report, Format::Native);
    let back = Masked::new(kube_assay::report::read("r.json", native.as_bytes()).expect("it was written so"));
    for format in Format::ALL {
        let mut again = Vec::new();
        let options = kube_assay::report::Options { include_test_output: true, ..Default::default() };
        format.write(&back, &options, &mut again).expect("written");
        assert_eq!(String::from_utf8(again).expect("UTF-8"), ours(&report, *format), "{format}");
    }
}
