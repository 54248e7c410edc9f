//! The JSON report: kube-bench's format, and our additions.

use std::collections::{BTreeMap, BTreeSet};

use kube_assay::report::{Format, Options};
use serde_json::{Map, Value, json};

use super::sample::{self, HOSTILE, PASSWORD};

fn report(options: Options) -> Value {
    serde_json::from_str(&super::render(Format::Json, &sample::report(), options)).expect("JSON")
}

/// Returns the items of an array; kube-bench writes `null` for an empty one.
fn members(value: &Value) -> &[Value] {
    if value.is_null() { &[] } else { value.as_array().expect("an array") }
}

/// Returns all checks of a report or of a bare array.
fn checks(report: &Value) -> Vec<&Map<String, Value>> {
    let controls = report.get("Controls").unwrap_or(report);
    members(controls)
        .iter()
        .flat_map(|control| members(&control["tests"]))
        .flat_map(|group| members(&group["results"]))
        .map(|check| check.as_object().expect("an object"))
        .collect()
}

fn check(id: &str) -> Value {
    let report = report(Options::default());
    let found = checks(&report).into_iter().find(|check| check["test_number"] == id).expect("the check").clone();
    Value::Object(found)
}

#[test]
fn texts_that_readers_compare_are_the_same_in_each_run() {
    const COMPARED: [&str; 7] =
        ["test_desc", "audit", "remediation", "actual_value", "expected_result", "reason", "test_number"];
    let texts = |native: &str| {
        let again = kube_assay::report::read("again", native.as_bytes()).expect("a report");
        let json: Value = serde_json::from_str(&super::render(Format::Json, &again, Options::default())).expect("JSON");
        let checks =
            checks(&json).into_iter().map(|check| COMPARED.map(|key| check.get(key).cloned())).collect::<Vec<_>>();
        (checks, json["Controls"].to_string())
    };
    let one = super::render(Format::Native, &sample::report(), Options::default());
    let other = one.replace("812", "94711").replace("813", "94712");
    let ((texts_of_one, all_of_one), (texts_of_other, all_of_other)) = (texts(&one), texts(&other));
    assert_ne!(all_of_one, all_of_other, "the evidence names the processes");
    assert_eq!(texts_of_one, texts_of_other);
}

#[test]
fn pretty_json_says_the_same() {
    for nototals in [false, true] {
        let options = Options { nototals, ..Options::default() };
        let pretty = super::render(Format::Json, &sample::report(), Options { pretty: true, ..options });
        let compact = super::render(Format::Json, &sample::report(), options);
        assert_eq!(compact.lines().count(), 1);
        assert!(pretty.lines().count() > 100);
        let read = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
        assert_eq!(read(&pretty), read(&compact));
    }
}

#[test]
fn a_failed_check() {
    assert_eq!(
        check("1.2.15"),
        json!({
            "test_number": "1.2.15",
            "test_desc": "What 1.2.15 wants is so (Automated)",
            "audit": "--profiling of kube-apiserver",
            "AuditEnv": "",
            "AuditConfig": "",
            "type": "",
            "remediation": "Fix 1.2.15:\nset --profiling=false\n",
            "test_info": ["Fix 1.2.15:\nset --profiling=false\n"],
            "status": "FAIL",
            "actual_value": "--profiling=true\n--profiling=1\n--profiling: not set (default true)",
            "scored": true,
            "IsMultiple": true,
            "expected_result": "'--profiling' is equal to 'false'",
            "reason": "kube-apiserver --profiling: found true, expected false",
            "control": "sample/1-2-15",
            "verdict": "fail",
            "assessment": "Automated",
            "level": 1,
            "severity": "high",
            "evidence": [
                {"kind": "argument", "source": "kube-apiserver (process 812) --profiling", "found": "true", "expected": "false", "offends": true},
                {"kind": "argument", "source": "kube-apiserver (process 813) --profiling", "found": "1", "expected": "false", "offends": true},
                {"kind": "default", "source": "kube-apiserver (process 814) --profiling", "found": "not set (default true)", "expected": "false", "offends": true},
            ],
        })
    );
}

#[test]
fn each_verdict_has_its_status_and_type() {
    for (id, verdict, status, kind, reason) in [
        ("1.1.1", "pass", "PASS", "", None),
        ("1.1.7", "skipped", "INFO", "skip", Some("etcd runs on machines of its own")),
        ("1.1.9", "not-applicable", "INFO", "", Some("no etcd on this node")),
        ("1.1.12", "unknown", "FAIL", "", Some("/var/lib/etcd: permission denied (run as root)")),
        ("4.1.3", "unknown", "WARN", "", Some("/var/lib/etcd: permission denied (run as root)")),
        ("1.2.28", "manual", "WARN", "manual", Some("Test marked as a manual test")),
    ] {
        let check = check(id);
        assert_eq!(
            (&check["verdict"], &check["status"], &check["type"]),
            (&json!(verdict), &json!(status), &json!(kind)),
            "{id}"
        );
        assert_eq!(check.get("reason").and_then(Value::as_str), reason, "{id}");
    }
    assert_eq!(
        check("1.1.7")["skip"],
        json!({
            "profile": "eks-anywhere",
            "reason": "etcd runs on machines of its own",
            "source": "the platform's guide",
            "guide_ids": ["1.1.7", "1.1.8"],
            "would_be": "fail",
        })
    );
    assert!(check("1.1.1").get("skip").is_none());
}

#[test]
fn the_run_and_the_totals_stand_beside_the_controls() {
    let report = report(Options::default());
    assert_eq!(keys(&report), ["Controls", "Totals", "Run"]);
    assert_eq!(report["Totals"], json!({"total_pass": 1, "total_fail": 5, "total_warn": 5, "total_info": 3}));
    assert_eq!(
        report["Run"],
        json!({
            "tool": "kube-assay",
            "tool_version": "0.1.0",
            "node": "cp-1",
            "root": "/host",
            "benchmark": "cis-1.12",
            "title": "CIS Kubernetes 1.12",
            "digest": "0123abcd",
            "detected_version": "1.34",
            "version_evidence": "the image of /etc/kubernetes/manifests/kube-apiserver.yaml",
            "platform": "eks-anywhere",
            "platform_title": "EKS Anywhere (Ubuntu, RHEL)",
            "platform_evidence": ["image https://(masked)@mirror/kube-proxy:v1 of kube-proxy (process 3)"],
            "benchmark_evidence": "for Kubernetes 1.34",
            "targets": [{"name": "master", "evidence": ["kube-apiserver runs (process 812)"]}],
            "profile": {
                "name": "eks-anywhere",
                "title": "EKS Anywhere, etcd outside",
                "evidence": "etcd runs on machines of its own",
            },
            "started": "2026-03-01T12:30:05Z",
            "notices": [{
                "code": "process-ignored",
                "text": "process 9: etcd of a pod, passed over (https://(masked)@10.0.0.1:2379)",
            }],
        })
    );
}

#[test]
fn without_totals_it_is_the_bare_array() {
    let whole = report(Options::default());
    let bare = report(Options { nototals: true, ..Options::default() });
    assert_eq!(bare, whole["Controls"]);
}

#[test]
fn an_undetected_version_is_none() {
    let mut assay = sample::report();
    assert_eq!(report(Options::default())["Controls"][0]["detected_version"], "1.34");
    assay.run.kubernetes.version = None;
    assay.run.profile = None;
    assay.run.platform = None;
    let report: Value = serde_json::from_str(&super::render(Format::Json, &assay, Options::default())).expect("JSON");
    assert_eq!(report["Controls"][0]["detected_version"], "none");
    assert_eq!(report["Run"]["detected_version"], Value::Null);
    assert_eq!(report["Run"]["profile"], Value::Null);
    assert_eq!(report["Run"]["platform"], Value::Null);
    assert_eq!(report["Run"]["platform_evidence"], json!([]));
}

#[test]
fn counts_add_up() {
    let report = report(Options::default());
    let mut all: BTreeMap<String, usize> = BTreeMap::new();
    for control in members(&report["Controls"]) {
        let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
        for group in members(&control["tests"]) {
            for state in ["pass", "fail", "warn", "info"] {
                let count = members(&group["results"])
                    .iter()
                    .filter(|check| check["status"] == state.to_uppercase().as_str())
                    .count();
                assert_eq!(group[state], count, "{}", group["section"]);
                *sums.entry(state).or_default() += count as u64;
                *all.entry(format!("total_{state}")).or_default() += count;
            }
        }
        for (state, sum) in sums {
            assert_eq!(control[format!("total_{state}")], sum, "{}", control["id"]);
        }
    }
    for (key, sum) in all {
        assert_eq!(report["Totals"][&key], sum, "{key}");
    }
}

#[test]
fn hostile_texts_arrive_whole_but_never_raw() {
    let text = super::render(Format::Json, &sample::report(), Options::default());
    assert_eq!(text.matches('\n').count(), 1, "one line");
    assert!(text.trim_end().chars().all(|c| !c.is_control() && !matches!(c, '\u{202e}' | '\u{fffe}')));
    let held = check("4.1.1")["actual_value"].as_str().map(|value| value.contains(HOSTILE));
    assert_eq!(held, Some(true));
    assert!(!text.contains(PASSWORD));
}

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Asserts that our object has kube-bench's keys, of the same types and in the same order, before its own.
fn assert_extends(ours: &Value, theirs: &Value, place: &str) {
    let optional = |key: &&&str| !matches!(**key, "reason");
    let (our_keys, their_keys) = (keys(ours), keys(theirs));
    let wanted: Vec<_> = their_keys.iter().filter(optional).collect();
    let given: Vec<_> = our_keys.iter().filter(optional).take(wanted.len()).collect();
    assert_eq!(given, wanted, "{place}");
    for key in their_keys {
        if let Some(our) = ours.get(key)
            && !theirs[key].is_null()
        {
            assert_eq!(kind(our), kind(&theirs[key]), "{place}.{key}");
        }
    }
}

/// The objects in kube-bench 0.15.6's JSON: their keys in order, with the types of the values.
const REPORT: &str = "Controls:array Totals:object";
const TOTALS: &str = "total_pass:number total_fail:number total_warn:number total_info:number";
const CONTROLS: &str = "id:string version:string detected_version:string text:string node_type:string tests:array \
                        total_pass:number total_fail:number total_warn:number total_info:number";
const GROUP: &str =
    "section:string type:string pass:number fail:number warn:number info:number desc:string results:array";
const CHECK: &str = "test_number:string test_desc:string audit:string AuditEnv:string AuditConfig:string type:string \
                     remediation:string test_info:array status:string actual_value:string scored:bool IsMultiple:bool \
                     expected_result:string";
/// The additional key of a check that is manual, or whose audit could not be evaluated.
const REASON: &str = "reason:string";

/// Creates an object with these keys.
fn object(keys: &str) -> Value {
    let value = |kind: &str| match kind {
        "array" => json!([]),
        "object" => json!({}),
        "number" => json!(0),
        "bool" => json!(false),
        "string" => json!(""),
        _ => panic!("{kind} is no type"),
    };
    let members = keys.split_whitespace().map(|member| member.split_once(':').expect("a key and a type"));
    Value::Object(members.map(|(key, kind)| (key.to_owned(), value(kind))).collect())
}

#[test]
fn every_key_of_kube_bench_is_there() {
    let ours = report(Options::default());
    assert_extends(&ours, &object(REPORT), "the report");
    assert_extends(&ours["Totals"], &object(TOTALS), "Totals");
    for controls in members(&ours["Controls"]) {
        assert_extends(controls, &object(CONTROLS), "Controls");
        for group in members(&controls["tests"]) {
            assert_extends(group, &object(GROUP), "a group");
        }
    }
    let mut kinds = BTreeSet::new();
    for check in checks(&ours) {
        let kind = format!("{} {}", check["status"], check["type"]);
        let expected = if check.contains_key("reason") { format!("{CHECK} {REASON}") } else { CHECK.to_owned() };
        assert_extends(&Value::Object(check.clone()), &object(&expected), &kind);
        kinds.insert(kind);
    }
    for kind in [r#""PASS" """#, r#""FAIL" """#, r#""WARN" """#, r#""WARN" "manual""#, r#""INFO" "skip""#] {
        assert!(kinds.contains(kind), "no check is {kind}");
    }
}
