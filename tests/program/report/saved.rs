//! Native reports that are read back or refused.

use kube_assay::report::{Format, Options, read};
use serde_json::{Value, json};

use super::sample;

fn native() -> String {
    super::render(Format::Native, &sample::report(), Options::default())
}

/// Returns why the sample is refused after one replacement.
fn refused(was: &str, is: &str) -> String {
    let text = native();
    assert!(text.contains(was), "{was}");
    read("r.json", text.replacen(was, is, 1).as_bytes()).expect_err(is).to_string()
}

#[test]
fn the_version_comes_first() {
    assert!(native().starts_with("{\n \"schema\": 1,\n"));
}

#[test]
fn what_does_not_fit_the_model_is_refused_with_its_place() {
    let give = "(give a file that was saved with --format native)";
    for (was, is, expected) in [
        (
            "\"verdict\": \"pass\"",
            "\"verdict\": \"perhaps\"",
            "targets[0].groups[0].checks[0].verdict: unknown variant `perhaps`",
        ),
        (
            "\"scored\": true",
            "\"scored\": \"yes\"",
            "targets[0].groups[0].checks[0].scored: invalid type: string \"yes\"",
        ),
        (
            "\"violates\": false",
            "\"violated\": false",
            "targets[0].groups[0].checks[0].evidence[0].violated: unknown field",
        ),
        ("\"more\": 2", "\"more\": -2", "looked_at.files.paths.more: invalid value: integer `-2`"),
        ("\"root\": \"/host\",", "", "run: missing field `root`"),
    ] {
        let said = refused(was, is);
        assert!(said.starts_with("r.json:") && said.contains(expected), "{said}");
        assert!(said.ends_with(give), "{said}");
    }
    let said = refused("\"verdict\": \"pass\"", "\"verdict\": \"perhaps\"");
    let line = native().lines().position(|line| line.contains("\"verdict\": \"pass\"")).expect("a line") + 1;
    assert!(said.starts_with(&format!("r.json:{line}:")), "{said}");
}

#[test]
fn what_contradicts_itself_is_refused_with_its_place() {
    let again = "(save the report again with --format native)";
    for (was, is, expected) in [
        (
            "\"id\": \"1.1.7\"",
            "\"id\": \"1.1.1\"",
            "targets[0].groups[0].checks[1].id: 1.1.1: a second time in the target",
        ),
        ("\"id\": \"1.2\"", "\"id\": \"1.1\"", "targets[0].groups[1].id: 1.1: a second time"),
        ("\"name\": \"node\"", "\"name\": \"master\"", "targets[1].name: master: a second time"),
        ("\"disposition\": \"skipped\"", "\"disposition\": \"counted\"", "targets[0].groups[0].checks[1].skip: given"),
        (
            "\"disposition\": \"counted\"",
            "\"disposition\": \"skipped\"",
            "targets[0].groups[0].checks[0].skip: missing",
        ),
        ("\"verdict\": \"manual\"", "\"verdict\": \"unknown\"", "targets[0].groups[1].checks[2].reason: missing"),
        ("\"level\": 1", "\"level\": 7", "targets[0].groups[0].checks[0].level: neither 1 nor 2"),
        ("\"violates\": false", "\"violates\": true", "targets[0].groups[0].checks[0].verdict: pass, though"),
        ("\"verdict\": \"fail\"", "\"verdict\": \"pass\"", "verdict: pass, though evidence violates"),
        ("\"verdict\": \"fail\"", "\"verdict\": \"manual\"", "verdict: manual, though evidence violates"),
        ("\"verdict\": \"pass\"", "\"verdict\": \"fail\"", "verdict: fail, though no evidence violates"),
        ("2026-03-01T12:30:05Z", "yesterday", "run.started: \"yesterday\" is not a time"),
        ("2026-03-01T12:30:06Z", "2026-13-01T12:30:06Z", "run.finished: \"2026-13-01T12:30:06Z\" is not a time"),
    ] {
        let said = refused(was, is);
        assert!(said.contains(expected), "{said}");
        assert!(said.starts_with("r.json:") && said.ends_with(again), "{said}");
        let line: usize = said.split(':').nth(1).and_then(|line| line.parse().ok()).unwrap_or_default();
        assert!(line > 1, "{said}");
    }
}

/// A key as long as the file, before a list whose last item is wrong: each item must be handled in constant time.
#[test]
fn long_keys_and_values_are_shortened_and_cost_nothing_more() {
    let key = "k".repeat(2_000_000);
    let choices = format!("\"choices\": {{\"{key}\": [{}5], ", "\"\", ".repeat(200_000));
    let said = refused("\"choices\": {", &choices);
    assert!(said.len() < 400 && said.contains("kkk[200000]: invalid type: integer `5`"), "{said}");
    let said = refused("\"verdict\": \"pass\"", &format!("\"verdict\": \"{key}\""));
    assert!(said.len() < 800 && said.contains("unknown variant `kkk") && said.contains("`not-applicable`"), "{said}");
}

#[test]
fn another_version_is_named_wherever_it_stands() {
    let expected = "r.json: schema 2: this program reads schema 1 only (use the kube-assay that wrote it, or save the \
                    report again with --format native)";
    assert_eq!(refused("\"schema\": 1", "\"schema\": 2"), expected);
    assert_eq!(read("r.json", b"{\"later\": [], \"schema\": 2}").expect_err("it is another").to_string(), expected);
}

#[test]
fn what_is_cut_or_no_report_at_all_is_refused() {
    let text = native();
    for length in [0, 1, 20, text.len() / 2, text.len() - 3] {
        let said = read("r.json", &text.as_bytes()[..length]).expect_err("it is cut").to_string();
        assert!(said.ends_with("ends too early (copy the whole file, or save the report again)"), "{said}");
    }
    let deep = "[".repeat(100_000);
    for no_report in ["[INFO] 1 Control plane", "[]", "null", "\u{1b}[2J", deep.as_str(), "{\"schema\": 1}"] {
        let said = read("r.json", no_report.as_bytes()).expect_err(no_report).to_string();
        assert!(said.starts_with("r.json") && said.len() < 300 && !said.contains('\u{1b}'), "{said}");
    }
    let trailing = read("r.json", format!("{text}{text}").as_bytes()).expect_err("two").to_string();
    assert!(trailing.contains("trailing characters"), "{trailing}");
}

#[test]
fn a_report_of_another_make_is_read_whatever_its_layout() {
    let value: Value = serde_json::from_str(&native()).expect("JSON");
    let line = serde_json::to_string(&value).expect("JSON");
    assert_eq!(read("r.json", line.as_bytes()), read("r.json", native().as_bytes()));
    assert_eq!(value["targets"][0]["groups"][0]["checks"][0]["evidence"][0]["found"], json!({"mode": "600"}));
}
