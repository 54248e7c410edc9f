//! The JUnit report, parsed.

use std::collections::{BTreeMap, BTreeSet};

use kube_assay::report::{FailOn, Format, Options, Summary};
use model::{Host, Notice, Report, Source};
use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::Event;
use redact::Masked;

use super::sample::{self, PASSWORD};

/// An XML element.
#[derive(Debug, Default, Clone)]
pub struct Element {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    pub children: Vec<Element>,
    pub text: String,
}

impl Element {
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).unwrap_or_else(|| panic!("{} has {name}", self.name))
    }

    pub fn count(&self, name: &str) -> usize {
        self.attribute(name).parse().expect("a number")
    }
}

/// Parses a document.
///
/// Returns an error if it is not well-formed.
pub fn read(xml: &str) -> Result<Element, String> {
    if let Some(c) = xml.chars().find(|c| !is_xml(*c)) {
        return Err(format!("{c:?} is forbidden"));
    }
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_comments = true;
    reader.config_mut().allow_dangling_amp = false;
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => open.push(element(&start)?),
            Event::Empty(start) => {
                let element = element(&start)?;
                open.last_mut().ok_or("outside")?.children.push(element);
            }
            Event::End(_) => {
                let closed = open.pop().ok_or("closed too often")?;
                open.last_mut().ok_or("outside")?.children.push(closed);
            }
            Event::Text(text) => {
                open.last_mut().ok_or("outside")?.text += &text.decode().map_err(|error| error.to_string())?;
            }
            Event::GeneralRef(reference) => {
                let name = reference.decode().map_err(|error| error.to_string())?;
                let character =
                    quick_xml::escape::unescape(&format!("&{name};")).map_err(|e| e.to_string())?.into_owned();
                open.last_mut().ok_or("outside")?.text += &character;
            }
            Event::Decl(_) => {}
            Event::Eof => break,
            other => return Err(format!("unexpected {other:?}")),
        }
    }
    match (open.as_slice(), open.first().map(|top| top.children.as_slice())) {
        ([_], Some([root])) => Ok(root.clone()),
        _ => Err("not one closed root".into()),
    }
}

fn element(start: &quick_xml::events::BytesStart<'_>) -> Result<Element, String> {
    let name = String::from_utf8(start.name().as_ref().to_vec()).map_err(|error| error.to_string())?;
    let mut attributes = BTreeMap::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        if attribute.value.iter().any(|byte| matches!(byte, b'<' | b'\n' | b'\t' | b'\r')) {
            return Err(format!("raw characters in an attribute of {name}"));
        }
        let key = String::from_utf8(attribute.key.as_ref().to_vec()).map_err(|error| error.to_string())?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
        attributes.insert(key, value.into_owned());
    }
    Ok(Element { name, attributes, ..Element::default() })
}

/// Whether XML 1.0 allows a character.
const fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

/// Parses a report and checks the properties that every report must have.
pub fn check(xml: &str, assay: &Report) -> Result<Element, String> {
    let root = read(xml)?;
    ensure(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites "), "the declaration")?;
    let suites: Vec<&Element> = root.named("testsuite").collect();
    let expected = assay.targets.len().max(1);
    ensure(suites.len() == expected && suites.len() == root.children.len(), "a suite for each target, one at least")?;
    for suite in &suites {
        let told: Vec<&Element> = suite.named("system-err").collect();
        ensure(told.len() == usize::from(!assay.run.notices.is_empty()), "one system-err where there are notices")?;
        let lines = told.iter().flat_map(|told| told.text.lines());
        ensure(lines.filter(|line| line.starts_with("notice: ")).count() == assay.run.notices.len(), "a line each")?;
    }
    for total in ["tests", "failures", "errors"] {
        ensure(root.count(total) == suites.iter().map(|suite| suite.count(total)).sum::<usize>(), total)?;
    }
    for (suite, target) in suites.into_iter().zip(&assay.targets) {
        let cases: Vec<&Element> = suite.named("testcase").collect();
        let with = |name: &str| cases.iter().filter(|case| case.named(name).next().is_some()).count();
        ensure(cases.len() == target.checks().count(), "a case for each check")?;
        ensure(suite.count("tests") == cases.len(), "tests")?;
        ensure(suite.count("failures") == with("failure"), "failures")?;
        ensure(suite.count("errors") == with("error"), "errors")?;
        ensure(suite.count("skipped") == with("skipped"), "skipped")?;
        let summary = Summary::from(target);
        ensure(with("failure") == summary.fail, "a failure for each FAIL")?;
        ensure(with("skipped") == summary.warn + summary.info, "skipped for each WARN and INFO")?;
        ensure(suite.children.first().is_some_and(|first| first.name == "properties"), "properties first")?;
        for case in cases {
            let output: Vec<&Element> = case.named("system-out").collect();
            let [output] = output.as_slice() else { return Err("one system-out".into()) };
            let json: serde_json::Value = serde_json::from_str(&output.text).map_err(|error| error.to_string())?;
            ensure(json["status"].is_string(), "the check in system-out")?;
            ensure(
                case.children.len() <= 2 && case.children.last().is_some_and(|last| last.name == "system-out"),
                "order",
            )?;
        }
    }
    Ok(root)
}

fn ensure(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

fn xml() -> String {
    super::render(Format::Junit, &sample::report(), Options::default())
}

fn report() -> Element {
    check(&xml(), &sample::report()).expect("a sound report")
}

fn case(id: &str) -> Element {
    let start = format!("{id} ");
    let report = report();
    let found = report
        .children
        .iter()
        .flat_map(|suite| suite.named("testcase"))
        .find(|case| case.attribute("name").starts_with(&start));
    found.expect("the case").clone()
}

#[test]
fn a_suite_says_what_it_is_about() {
    let report = report();
    let suite = &report.children[0];
    let expected: BTreeMap<String, String> = [
        ("name", "cp-1 / cis-1.12 master"),
        ("package", "cis-1-12"),
        ("id", "0"),
        ("tests", "8"),
        ("failures", "2"),
        ("errors", "0"),
        ("skipped", "5"),
        ("hostname", "cp-1"),
        ("timestamp", "2026-03-01T12:30:05"),
        ("time", "0.000"),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .collect();
    assert_eq!(suite.attributes, expected);
    let properties: Vec<(&str, &str)> =
        suite.children[0].children.iter().map(|child| (child.attribute("name"), child.attribute("value"))).collect();
    assert_eq!(
        properties,
        [
            ("node", "cp-1"),
            ("benchmark", "cis-1.12"),
            ("benchmark-digest", "0123abcd"),
            ("profile", "eks-anywhere"),
            ("platform", "eks-anywhere"),
            ("kubernetes-version", "1.34"),
            ("kubernetes-version-evidence", "the image of /etc/kubernetes/manifests/kube-apiserver.yaml"),
            ("benchmark-evidence", "for Kubernetes 1.34"),
            ("tool-version", "0.1.0"),
            ("platform-evidence", "image https://(masked)@mirror/kube-proxy:v1 of kube-proxy (process 3)"),
            ("notice:process-ignored", "process 9: etcd of a pod, passed over (https://(masked)@10.0.0.1:2379)"),
        ]
    );
    assert_eq!(report.count("tests"), 14);
    assert_eq!(report.count("failures"), 5);
}

#[test]
fn a_case_is_named_after_its_place_and_says_what_was_found() {
    let case = case("1.2.15");
    assert_eq!(case.attribute("classname"), "cp-1.cis-1-12_master_1-2");
    assert_eq!(case.attribute("name"), "1.2.15 What 1.2.15 wants is so");
    let failure = case.named("failure").next().expect("a failure");
    assert_eq!(failure.attribute("type"), "fail");
    assert_eq!(
        failure.attribute("message"),
        "kube-apiserver (process 812) --profiling: found true, expected false; +2 more"
    );
    assert_eq!(
        failure.text,
        "kube-apiserver (process 812) --profiling: found true, expected false; +2 more\n\nFix 1.2.15:\nset \
         --profiling=false\n"
    );
}

/// Returns the numbers of the test cases that are failures.
fn failures(fail_on: FailOn) -> Vec<String> {
    let xml = super::render(Format::Junit, &sample::report(), Options { fail_on, ..Options::default() });
    let report = read(&xml).expect("XML");
    let cases = report.children.iter().flat_map(|suite| suite.named("testcase"));
    let failed = cases.filter(|case| case.named("failure").next().is_some());
    let mut numbers: Vec<String> =
        failed.filter_map(|case| case.attribute("name").split(' ').next().map(str::to_owned)).collect();
    numbers.sort();
    assert_eq!(report.count("failures"), numbers.len());
    numbers
}

#[test]
fn checks_that_are_not_scored_fail_on_demand() {
    let with = |fail_on| {
        let scored = failures(FailOn::Scored);
        failures(fail_on).into_iter().filter(|number| !scored.contains(number)).collect::<Vec<_>>()
    };
    assert_eq!(with(FailOn::Unknown), ["4.1.3"]);
    assert_eq!(with(FailOn::Warn), ["1.2.20", "4.1.2", "4.1.3"]);
}

#[test]
fn a_failure_in_a_file_names_file_and_line() {
    let mut assay = sample::report();
    let groups = assay.targets.iter_mut().flat_map(|target| &mut target.groups);
    let mut checks = groups.flat_map(|group| &mut group.checks);
    let check = checks.find(|check| check.id == "1.2.15").expect("the check");
    let first = check.evidence.first_mut().expect("evidence");
    first.source = Source::Setting { path: "/a.yaml".into(), line: Some(7), key: "k".into() };
    drop(checks);
    for strict_junit in [false, true] {
        let options = Options { strict_junit, ..Options::default() };
        let report = read(&super::render(Format::Junit, &assay, options)).expect("XML");
        let cases = || report.children.iter().flat_map(|suite| suite.named("testcase"));
        let case = cases().find(|case| case.attribute("name").starts_with("1.2.15 ")).expect("the case");
        let failure = case.named("failure").next().expect("a failure");
        assert!(failure.attribute("message").starts_with("/a.yaml:7 k: found true"), "{failure:?}");
        let known: BTreeSet<&str> = cases().flat_map(|case| case.attributes.keys()).map(String::as_str).collect();
        let known: Vec<_> = known.into_iter().collect();
        if strict_junit {
            // Jenkins' xUnit plugin refuses a document with other attributes.
            assert_eq!(known, ["classname", "name", "time"]);
        } else {
            assert_eq!(known, ["classname", "file", "line", "name", "time"]);
            assert_eq!((case.attribute("file"), case.attribute("line")), ("/a.yaml", "7"));
        }
    }
}

#[test]
fn property_names_are_unique() {
    let mut assay = sample::report();
    let notice = assay.run.notices[0].clone();
    assay.run.notices.extend([Notice::new("other", "x"), notice.clone(), notice]);
    assay.run.platform.as_mut().expect("a platform").evidence.push("kubelet --x".into());
    let report = read(&super::render(Format::Junit, &assay, Options::default())).expect("XML");
    for suite in &report.children {
        let names: Vec<&str> = suite.children[0].children.iter().map(|child| child.attribute("name")).collect();
        let unique: BTreeSet<&str> = names.iter().copied().collect();
        assert_eq!(unique.len(), names.len(), "{names:?}");
        assert!(unique.contains("notice:process-ignored:3") && unique.contains("notice:other"), "{names:?}");
    }
}

/// Returns the names of all suites and classes in one document for these nodes, given by name and machine ID.
fn names(nodes: &[(&str, Option<&str>)]) -> (BTreeSet<String>, BTreeSet<String>) {
    let reports: Vec<Masked<Report>> = nodes
        .iter()
        .map(|(name, machine_id)| {
            let mut assay = sample::report();
            assay.run.host = Host { name: (*name).to_owned(), machine_id: machine_id.map(str::to_owned) };
            Masked::new(assay)
        })
        .collect();
    let mut out = Vec::new();
    Format::Junit.write_all(&reports, &Options::default(), &mut out).expect("writing to memory");
    let report = read(&String::from_utf8(out).expect("UTF-8")).expect("XML");
    assert_eq!(report.children.len(), nodes.len() * sample::report().targets.len());
    let suites = report.children.iter().map(|suite| suite.attribute("name").to_owned()).collect();
    let cases = report.children.iter().flat_map(|suite| suite.named("testcase"));
    (suites, cases.map(|case| case.attribute("classname").to_owned()).collect())
}

#[test]
fn nodes_in_one_document_do_not_fall_together() {
    let (suites, classes) = names(&[("a", None)]);
    for (one, other) in [
        (("a", None), ("b", None)),
        // Equal once dots are replaced by dashes.
        (("a.b", None), ("a-b", None)),
        (("a/b", None), ("a:b", None)),
        // Two clusters may have nodes of the same name.
        (("a", Some("1")), ("a", Some("2"))),
    ] {
        let (both, all) = names(&[one, other]);
        assert_eq!(both.len(), suites.len() * 2, "{both:?}");
        assert_eq!(all.len(), classes.len() * 2, "{all:?}");
        for class in &all {
            assert_eq!(class.matches('.').count(), 1, "{class}");
        }
        // The order does not matter.
        assert_eq!(names(&[other, one]), (both, all));
    }
    // A unique name has no hash.
    assert!(classes.contains("a.cis-1-12_master_1-2"), "{classes:?}");
    let (suites, classes) = names(&[("ip-10-0-0-1.eu-west-1.compute.internal", Some("1")), ("b", None)]);
    assert!(suites.contains("ip-10-0-0-1.eu-west-1.compute.internal / cis-1.12 node"), "{suites:?}");
    assert!(classes.contains("ip-10-0-0-1-eu-west-1-compute-internal.cis-1-12_node_4-1"), "{classes:?}");
}

#[test]
fn recorded_nodes_of_the_same_name_are_told_apart_by_their_files() {
    let recorded = ["a.yaml", "b.yaml"].map(|root| {
        let mut assay = sample::report();
        assay.run.host.machine_id = None;
        root.clone_into(&mut assay.run.root);
        Masked::new(assay)
    });
    let mut out = Vec::new();
    Format::Junit.write_all(&recorded, &Options::default(), &mut out).expect("writing to memory");
    let report = read(&String::from_utf8(out).expect("UTF-8")).expect("XML");
    let suites: BTreeSet<&str> = report.children.iter().map(|suite| suite.attribute("name")).collect();
    assert_eq!(suites.len(), sample::report().targets.len() * 2, "{suites:?}");
}

#[test]
fn what_could_not_be_known_fails_and_says_so() {
    let case = case("1.1.12");
    let failure = case.named("failure").next().expect("a failure");
    assert_eq!(failure.attribute("type"), "unknown");
    assert_eq!(failure.attribute("message"), "not known: /var/lib/etcd: permission denied (run as root)");
}

#[test]
fn what_does_not_count_is_skipped_with_its_reason() {
    for (id, message) in [
        (
            "1.1.7",
            "skipped by eks-anywhere: etcd runs on machines of its own (the platform's guide; listed there as 1.1.7, \
             1.1.8)",
        ),
        ("1.1.9", "not applicable: no etcd on this node"),
        ("1.2.20", "not scored: kube-apiserver (process 812) --profiling: found true, expected false; +2 more"),
        ("1.2.28", "manual: requires a person's judgement"),
        ("4.1.3", "not scored: not known: /var/lib/etcd: permission denied (run as root)"),
    ] {
        let case = case(id);
        assert_eq!(case.named("skipped").next().expect("skipped").attribute("message"), message, "{id}");
    }
    assert_eq!(case("1.1.1").children.len(), 1, "a pass holds its check alone");
}

#[test]
fn the_whole_check_is_in_system_out() {
    let json: serde_json::Value =
        serde_json::from_str(&super::render(Format::Json, &sample::report(), Options::default())).expect("JSON");
    let whole = &json["Controls"][1]["tests"][0]["results"][0];
    let output: serde_json::Value =
        serde_json::from_str(&case("4.1.1").children.last().expect("system-out").text).expect("JSON");
    assert_eq!(&output, whole);
}

#[test]
fn hostile_texts_are_shown() {
    let case = case("4.1.1");
    let failure = case.named("failure").next().expect("a failure");
    assert!(failure.attribute("message").contains(r"a\x1b[2Jb\r"), "{failure:?}");
    assert!(failure.text.contains("]]></system-out><testcase/>&\"'\\x00\\u{9b}\\u{202e}\\u{fffe}\\x7f"), "{failure:?}");
    assert!(!xml().contains(PASSWORD));
}

#[test]
fn a_time_that_cannot_be_read_is_the_epoch() {
    let mut assay = sample::report();
    assay.run.started = "yesterday".into();
    let xml = super::render(Format::Junit, &assay, Options::default());
    assert_eq!(check(&xml, &assay).expect("sound").children[0].attribute("timestamp"), "1970-01-01T00:00:00");
}

#[test]
fn a_run_of_nothing_is_a_report() {
    let mut assay = sample::report();
    assay.targets.clear();
    let xml = super::render(Format::Junit, &assay, Options::default());
    assert_eq!(check(&xml, &assay).expect("sound").count("tests"), 0);
}
