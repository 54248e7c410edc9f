//! The reports: each node under its benchmark and profile, in each format, and without a profile.

use std::collections::BTreeSet;

use kube_assay::embedded;
use kube_assay::report::{Format, Options, Summary, read as read_back};
use kube_assay::run::ProfileChoice;
use model::Report;
use quick_xml::Reader;
use quick_xml::events::Event;
use redact::Masked;

use super::changes::changes;
#[cfg(feature = "cluster")]
use super::guide;
use super::{ENDING, NODES, files, read, run};

const DIRECTORY: &str = "golden/reports";

#[test]
fn reports_are_as_they_were() {
    let mut problems = Vec::new();
    let mut written = BTreeSet::new();
    for (name, report) in runs() {
        // One report in the native format is enough to show its form: all nodes would double the size of the others.
        let is_kept = |format: &Format| match format {
            Format::Native => name == "external-etcd",
            Format::Junit => !name.ends_with(ENDING),
            Format::Text | Format::Json => true,
        };
        for format in Format::ALL.iter().copied().filter(is_kept) {
            let path = format!("{DIRECTORY}/{name}.{}", extension(format));
            let is = render(format, &report);
            check_syntax(format, &path, &is);
            let is = readable(format, &is).unwrap_or_else(|error| panic!("{path}: {error}"));
            if files::bless() {
                files::write(&path, &is);
            } else {
                let was = files::read_if_there(&path).unwrap_or_default();
                problems.extend(changes(&was, &is).map(|changes| format!("{path}:\n{changes}")));
            }
            written.insert(path);
        }
    }
    // Reports for the guide need the `cluster` feature.
    let is_made = |path: &String| cfg!(feature = "cluster") || !path.contains(&format!("{ENDING}."));
    for stale in files::list(DIRECTORY).into_iter().filter(|path| !written.contains(path) && is_made(path)) {
        if files::bless() {
            files::remove(&stale);
        } else {
            problems.push(format!("{stale}: no report of any node"));
        }
    }
    assert!(problems.is_empty(), "KUBE_ASSAY_BLESS=1 writes them anew:\n{}", problems.join("\n"));
}

#[test]
fn a_report_that_is_read_back_prints_the_same() {
    let schema: serde_json::Value = serde_json::from_str(&files::read("docs/report.schema.json")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for (name, report) in runs() {
        let masked = Masked::new(report);
        let native = render(Format::Native, &masked);
        let value: serde_json::Value = serde_json::from_str(&native).expect("JSON");
        let faults: Vec<String> =
            validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(faults.is_empty(), "{name}:\n{}", faults.join("\n"));
        let back = read_back(&name, native.as_bytes()).unwrap_or_else(|refused| panic!("{refused}"));
        assert!(back == *masked, "{name}: is another when it is read back");
        assert!(*Masked::new(back.clone()) == *masked, "{name}: is masked further when it is read back");
        for format in Format::ALL {
            assert!(render(*format, &back) == render(*format, &masked), "{name}: prints another {format}");
        }
    }
}

#[test]
fn each_node_shows_what_it_is() {
    let definitions = embedded::definitions();
    for node in &NODES {
        let run = run(&read(&node.path()), &node.path(), None, ProfileChoice::Detected, &definitions).run;
        assert_eq!(run.benchmark.name, node.benchmark, "{}", node.name);
        let platform = run.platform.map_or_else(|| "none".to_owned(), |platform| platform.name);
        assert_eq!(platform, node.platform, "{}", node.name);
        assert_eq!(run.profile.map(|profile| profile.name).as_deref(), node.profile, "{}", node.name);
        let evidence = run.kubernetes.evidence;
        assert!(evidence.contains(node.evidence), "{}: {evidence}", node.name);
    }
}

#[test]
fn a_hardened_node_fails_nothing_and_a_careless_one_most() {
    let definitions = embedded::definitions();
    let summary = |name: &str| {
        let path = format!("golden/nodes/{name}.yaml");
        Summary::from(&run(&read(&path), &path, None, ProfileChoice::Detected, &definitions))
    };
    assert_eq!(summary("hardened-control-plane").fail, 0);
    let careless = summary("careless-control-plane");
    assert!(careless.fail > 40 && careless.fail > careless.pass, "{careless:?}");
}

/// Returns every run that has reports, by file name.
fn runs() -> Vec<(String, Report)> {
    let definitions = embedded::definitions();
    let mut runs = Vec::new();
    for node in &NODES {
        let recorded = read(&node.path());
        runs.push((node.name.to_owned(), run(&recorded, &node.path(), None, ProfileChoice::Detected, &definitions)));
        if node.profile.is_some() {
            let assay = run(&recorded, &node.path(), None, ProfileChoice::None, &definitions);
            runs.push((format!("{}.profile-none", node.name), assay));
        }
    }
    #[cfg(feature = "cluster")]
    runs.extend(guide::runs(&definitions));
    runs
}

/// Returns a report as stored: JSON, which is a single line, with a line for each member, so that changes are readable.
/// Without its white space, the stored form equals the report byte for byte.
fn readable(format: Format, report: &str) -> Result<String, String> {
    if format != Format::Json {
        return Ok(report.to_owned());
    }
    let value: serde_json::Value = serde_json::from_str(report).map_err(|error| error.to_string())?;
    let compact = format!("{value}\n");
    if compact != report {
        return Err(format!(
            "not JSON in one line, as it is printed:\n{}",
            changes(&compact, report).unwrap_or_default()
        ));
    }
    Ok(format!("{value:#}\n"))
}

#[test]
fn json_that_is_printed_otherwise_is_noticed() {
    assert_eq!(
        readable(Format::Json, "{\"b\":[1,{}],\"a\":\"é\"}\n").as_deref(),
        Ok("{\n  \"b\": [\n    1,\n    {}\n  ],\n  \"a\": \"é\"\n}\n")
    );
    for otherwise in [
        "{\"a\":1}",
        "{\"a\": 1}\n",
        "{\"a\":1}\n\n",
        "{\"a\":\"\\u00e9\"}\n",
        "{\"a\":1,\"a\":1}\n",
        "{\"a\":1.0e0}\n",
    ] {
        assert!(readable(Format::Json, otherwise).is_err(), "{otherwise}");
    }
    assert_eq!(readable(Format::Text, "{ }").as_deref(), Ok("{ }"));
}

const fn extension(format: Format) -> &'static str {
    match format {
        Format::Text => "txt",
        Format::Json => "json",
        Format::Junit => "junit.xml",
        Format::Native => "native.json",
    }
}

fn render(format: Format, report: &Report) -> String {
    let mut out = Vec::new();
    let masked = Masked::new(report.clone());
    format.write(&masked, &Options::default(), &mut out).expect("writing to memory");
    String::from_utf8(out).expect("reports are UTF-8")
}

fn check_syntax(format: Format, path: &str, text: &str) {
    match format {
        Format::Text => {}
        Format::Json => {
            let value: serde_json::Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{path}: {error}"));
            assert!(value["Controls"].is_array() && value["Totals"].is_object(), "{path}: not kube-bench's shape");
        }
        Format::Native => {
            let value: serde_json::Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{path}: {error}"));
            assert!(text.starts_with("{\n \"schema\": 1,\n"), "{path}: the version comes first");
            assert!(value["targets"].is_array(), "{path}: not the model's shape");
        }
        Format::Junit => {
            let cases = test_cases(text).unwrap_or_else(|error| panic!("{path}: {error}"));
            assert!(cases > 0, "{path}: no test case");
        }
    }
}

/// Parses XML to its end and counts the test cases.
fn test_cases(xml: &str) -> Result<usize, String> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().allow_dangling_amp = false;
    let (mut cases, mut depth) = (0, 0_usize);
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                depth += 1;
                cases += usize::from(start.name().as_ref() == b"testcase");
            }
            Event::Empty(start) => cases += usize::from(start.name().as_ref() == b"testcase"),
            Event::End(_) => depth = depth.checked_sub(1).ok_or("closed too often")?,
            Event::Eof if depth == 0 => return Ok(cases),
            Event::Eof => return Err("ends inside an element".to_owned()),
            _ => {}
        }
    }
}

#[test]
fn broken_xml_is_noticed() {
    assert_eq!(test_cases("<a><testcase/><testcase></testcase></a>"), Ok(2));
    for broken in ["<a>", "<a></b>", "<a>&</a>", "</a>"] {
        assert!(test_cases(broken).is_err(), "{broken}");
    }
}
