//! The rules by which other tools read the JSON report, implemented again to test what they extract from ours.

use kube_assay::report::{Format, Options, State, state};
use serde_json::Value;

use super::sample;

/// Returns the severity and title of each finding that DefectDojo's parser would create.
///
/// The parser accepts both top-level forms, reads `tests` and `results`, and considers `status` and `reason`: a failure
/// is a finding; a warning is one unless it only means that the check was not evaluated.
fn defectdojo(report: &Value) -> Vec<(&'static str, String)> {
    let controls = report.get("Controls").unwrap_or(report).as_array().expect("controls");
    let mut findings = Vec::new();
    for control in controls {
        for group in control.get("tests").and_then(Value::as_array).into_iter().flatten() {
            for check in group.get("results").and_then(Value::as_array).into_iter().flatten() {
                let reason = check.get("reason").and_then(Value::as_str);
                let severity = match check.get("status").and_then(Value::as_str) {
                    Some("FAIL") => "Medium",
                    Some("WARN") if reason != Some("Test marked as a manual test") => "Info",
                    _ => continue,
                };
                let field = |key: &str| check.get(key).and_then(Value::as_str).expect("text").to_owned();
                findings.push((severity, format!("{} - {}", field("test_number"), field("test_desc"))));
            }
        }
    }
    findings
}

fn report(options: Options) -> Value {
    serde_json::from_str(&super::render(Format::Json, &sample::report(), options)).expect("JSON")
}

#[test]
fn defectdojo_takes_failures_and_unscored_failures_but_no_manual_checks() {
    let expected: Vec<(&str, String)> = [
        ("Medium", "1.1.12", "Automated"),
        ("Medium", "1.2.15", "Automated"),
        ("Info", "1.2.20", "Manual"),
        ("Medium", "4.1.1", "Automated"),
        ("Info", "4.1.2", "Manual"),
        ("Info", "4.1.3", "Manual"),
        ("Medium", "4.1.4", "Automated"),
        ("Medium", "4.1.5", "Automated"),
    ]
    .into_iter()
    .map(|(severity, id, assessment)| (severity, format!("{id} - What {id} wants is so ({assessment})")))
    .collect();
    assert_eq!(defectdojo(&report(Options::default())), expected);
    assert_eq!(defectdojo(&report(Options { nototals: true, ..Options::default() })), expected);
}

#[test]
fn the_policy_adapter_finds_totals_and_the_first_info_of_each_check() {
    let report = report(Options::default());
    assert!(report["Totals"].is_object());
    for control in report["Controls"].as_array().expect("controls") {
        for group in control["tests"].as_array().expect("tests") {
            for check in group["results"].as_array().expect("results") {
                assert!(check["test_info"][0].is_string(), "{}", check["test_number"]);
                assert!(matches!(check["status"].as_str(), Some("PASS" | "FAIL" | "WARN" | "INFO")));
            }
        }
    }
}

#[test]
fn a_script_finds_the_number_of_failures() {
    let failures = sample::report()
        .targets
        .iter()
        .flat_map(|target| target.checks().map(state))
        .filter(|state| *state == State::Fail)
        .count();
    assert_eq!(report(Options::default())["Totals"]["total_fail"], failures);
}
