//! Questions in batch mode: one JSON line per pod.

use cluster::pods::batch::answer;
use cluster::pods::standard::{NEWEST, Policy};

#[test]
fn a_line_may_name_its_policies_and_the_pod_comes_back_as_it_was_written() {
    let line = r#" {"id": 7, "policies": ["baseline", "privileged:v1.2", "restricted:v1.7", "baseline"],
        "pod": {"spec": {"hostPID" : true, "x": [1.0, null]}}} "#;
    assert_eq!(
        answer(line, NEWEST).unwrap(),
        concat!(
            r#"{"pod":{"spec": {"hostPID" : true, "x": [1.0, null]}},"violates":{"baseline":["host namespaces"],"#,
            r#""privileged:v1.2":[],"restricted:v1.7":["host namespaces"]}}"#
        )
    );
}

#[test]
fn no_policies_are_asked_where_the_list_is_empty_and_all_where_it_is_null() {
    assert_eq!(answer(r#"{"pod":{},"policies":[]}"#, NEWEST).unwrap(), r#"{"pod":{},"violates":{}}"#);
    assert_eq!(answer(r#"{"pod":{},"policies":null}"#, NEWEST).unwrap().matches(":v1.30").count(), 2);
}

#[test]
fn latest_is_the_version_of_the_server_and_no_policy_is_newer() {
    let line = r#"{"pod":{"spec":{"hostUsers":false,"containers":[{"name":"a","securityContext":{"procMount":"Unmasked"}}]}},
        "policies":["baseline:latest","baseline:v1.36","baseline:v1.34"]}"#;
    let violates = |latest| answer(line, latest).unwrap().split_once("\"violates\":").unwrap().1.to_owned();
    assert_eq!(violates(36), r#"{"baseline:latest":[],"baseline:v1.36":[],"baseline:v1.34":["procMount"]}}"#);
    assert_eq!(
        violates(34),
        r#"{"baseline:latest":["procMount"],"baseline:v1.36":["procMount"],"baseline:v1.34":["procMount"]}}"#
    );
}

#[test]
fn what_is_no_question_is_refused_with_the_reason() {
    for (line, expected) in [
        ("", "EOF while parsing"),
        ("[]", "expected an object with the key `pod`"),
        ("{}", "missing field `pod`"),
        (r#"{"pod":[]}"#, "pod: invalid type: sequence, expected a pod"),
        (r#"{"pod":null}"#, "pod: invalid type: null, expected a pod"),
        (r#"{"pod":{"kind":"Deployment"}}"#, r#"pod: kind "Deployment", expected "Pod""#),
        (r#"{"pod":{"spec":{"hostPID":"true"}}}"#, r#"pod: invalid type: string "true", expected a boolean"#),
        (r#"{"pod":{},"policies":"baseline"}"#, "expected a sequence"),
        (r#"{"pod":{},"policies":["base"]}"#, r#"policies: "base": not a Pod Security level"#),
        (r#"{"pod":{},"policies":["baseline:1.30"]}"#, r#"policies: "1.30": not a Pod Security version"#),
    ] {
        let error = answer(line, NEWEST).unwrap_err().to_string();
        assert!(error.contains(expected), "{line}: {error}");
    }
}

#[test]
fn policies_are_written_as_in_labels() {
    for text in ["restricted:v1.0", "baseline:v1.36", "privileged:latest", "restricted:v1.4000"] {
        assert_eq!(text.parse::<Policy>().unwrap().to_string(), text);
    }
    assert_eq!("restricted".parse::<Policy>().unwrap().to_string(), "restricted:latest");
    for text in [
        "",
        "Restricted",
        "restricted:",
        "restricted:1.30",
        "restricted:v1",
        "restricted:v1.",
        "restricted:v1.030",
        "restricted:v2.0",
        "restricted:v1.30.1",
        "restricted:v1.-1",
        "restricted:v1.+1",
        "restricted:LATEST",
        "restricted:v1.99999999999999999999",
        " restricted",
        "restricted:latest ",
    ] {
        assert!(text.parse::<Policy>().is_err(), "{text}");
    }
}
