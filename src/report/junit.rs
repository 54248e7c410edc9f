//! The report for CI dashboards: JUnit's XML, a suite for each target.
//!
//! The model is junit-report's; it is printed here, since its own writer knows no properties, skipped counts or host
//! names, and lets through what XML forbids.
//!
//! What becomes of a check: a failure of a scored one, known or not, is a `<failure>` (of type `fail` or `unknown`;
//! `<error>` is never used, since dashboards tend to treat it as the tool's own mishap, and ignorance must count).
//! One that is not scored, is for a person to judge, is skipped or does not apply is `<skipped>`, as kube-bench has it,
//! with the reason in its message. Names are made of ids, so that a dashboard can follow a check from run to run.

use std::io::{self, Write};

use junit_report::{Duration, OffsetDateTime, TestCase, TestCaseBuilder, TestResult, TestSuite};
use model::{Check, Group, Report, Run, Target, Verdict};
use quick_xml::Writer;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use redact::Masked;
use time::format_description::well_known::Rfc3339;

use super::{Options, State, escape, json, lines, state};

/// Writes the report for CI dashboards.
///
/// # Errors
///
/// What the writer answers.
pub fn write(report: &Masked<Report>, _: Options, out: &mut dyn Write) -> io::Result<()> {
    let Report { run, targets, .. } = &**report;
    let mut suites = targets.iter().map(|target| suite(run, target)).collect::<io::Result<Vec<_>>>()?;
    if suites.is_empty() {
        // What should be known of a run that has no target.
        suites.push(suite_of(run, run.benchmark.name.clone(), Vec::new()));
    }
    let mut xml = Xml { writer: Writer::new_with_indent(out, b' ', 2) };
    xml.report(&suites, &properties(run))?;
    writeln!(xml.writer.into_inner())
}

fn suite(run: &Run, target: &Target) -> io::Result<TestSuite> {
    let name = format!("{}.{}", run.benchmark.name, target.name);
    let mut cases = Vec::new();
    for group in &target.groups {
        for check in &group.checks {
            cases.push(testcase(&name, group, check)?);
        }
    }
    Ok(suite_of(run, name, cases))
}

fn suite_of(run: &Run, name: String, testcases: Vec<TestCase>) -> TestSuite {
    TestSuite {
        name,
        package: run.benchmark.name.clone(),
        timestamp: started(&run.started),
        hostname: run.host.name.clone(),
        testcases,
        system_out: None,
        system_err: notices(run),
    }
}

/// What should be known of the run, a line each: a suite's standard error, which readers show that drop properties.
fn notices(run: &Run) -> Option<String> {
    let lines = run.notices.iter().map(|notice| format!("notice: {}\n", escape::line(&notice.text)));
    (!run.notices.is_empty()).then(|| lines.collect())
}

/// The start of the run; the epoch where it cannot be read, since the schemas ask for a time.
fn started(text: &str) -> OffsetDateTime {
    OffsetDateTime::parse(text, &Rfc3339).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn testcase(suite: &str, group: &Group, check: &Check) -> io::Result<TestCase> {
    let name = format!("{} {}", check.id, check.title);
    let verdict = if check.is_skipped() { "skipped" } else { check.verdict.name() };
    let objection = || lines::objection(check).unwrap_or_default();
    let mut case = match (state(check), check.verdict) {
        (State::Pass, _) => TestCaseBuilder::success(&name, Duration::ZERO),
        (State::Fail, _) => TestCaseBuilder::failure(&name, Duration::ZERO, verdict, &objection()),
        (State::Warn, Verdict::Manual) => {
            let sight = lines::sight(check).unwrap_or_else(|| "manual: a person must judge this".to_owned());
            TestCaseBuilder::skipped_with_cause(&name, verdict, &sight)
        }
        (State::Warn, _) => {
            TestCaseBuilder::skipped_with_cause(&name, verdict, &format!("not scored: {}", objection()))
        }
        (State::Info, _) => {
            TestCaseBuilder::skipped_with_cause(&name, verdict, &lines::exemption(check).unwrap_or_default())
        }
    };
    case.set_trace(&check.remediation);
    case.set_classname(&format!("{suite}.{}", group.id));
    case.set_system_out(&json::check(check)?);
    Ok(case.build())
}

fn properties(run: &Run) -> Vec<(String, &str)> {
    let mut properties = vec![
        ("node".to_owned(), run.host.name.as_str()),
        ("benchmark".to_owned(), &run.benchmark.name),
        ("benchmark-digest".to_owned(), &run.benchmark.digest),
        ("profile".to_owned(), run.profile.as_ref().map_or("none", |profile| &profile.name)),
        ("platform".to_owned(), run.platform.as_ref().map_or("none", |platform| &platform.name)),
        ("kubernetes-version".to_owned(), run.kubernetes.version.as_deref().unwrap_or("none")),
        ("kubernetes-version-evidence".to_owned(), &run.kubernetes.evidence),
        ("benchmark-evidence".to_owned(), &run.benchmark.evidence),
        ("tool-version".to_owned(), &run.version),
    ];
    let evidence = run.platform.iter().flat_map(|platform| &platform.evidence);
    properties.extend(evidence.map(|sentence| ("platform-evidence".to_owned(), sentence.as_str())));
    properties.extend(run.notices.iter().map(|notice| (format!("notice:{}", notice.code), notice.text.as_str())));
    properties
}

/// What is printed of the model, in the order that the schemas ask for.
struct Xml<'a> {
    writer: Writer<&'a mut dyn Write>,
}

impl Xml<'_> {
    fn report(&mut self, suites: &[TestSuite], properties: &[(String, &str)]) -> io::Result<()> {
        let sum = |count: fn(&TestSuite) -> usize| suites.iter().map(count).sum::<usize>().to_string();
        let time: Duration = suites.iter().map(TestSuite::time).sum();
        self.writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        // No `skipped` here: the schema that Jenkins checks against has it for a suite alone.
        let attributes = [
            ("name", "kube-assay".to_owned()),
            ("tests", sum(TestSuite::tests)),
            ("failures", sum(TestSuite::failures)),
            ("errors", sum(TestSuite::errors)),
            ("time", seconds(time)),
        ];
        self.element("testsuites", &attributes, |xml| {
            for (number, suite) in suites.iter().enumerate() {
                xml.suite(number, suite, properties)?;
            }
            Ok(())
        })
    }

    fn suite(&mut self, number: usize, suite: &TestSuite, properties: &[(String, &str)]) -> io::Result<()> {
        let attributes = [
            ("name", suite.name.clone()),
            ("package", suite.package.clone()),
            ("id", number.to_string()),
            ("tests", suite.tests().to_string()),
            ("failures", suite.failures().to_string()),
            ("errors", suite.errors().to_string()),
            ("skipped", suite.skipped().to_string()),
            ("hostname", suite.hostname.clone()),
            ("timestamp", timestamp(suite.timestamp)),
            ("time", seconds(suite.time())),
        ];
        self.element("testsuite", &attributes, |xml| {
            xml.element("properties", &[], |xml| {
                for (name, value) in properties {
                    xml.empty("property", &[("name", name.clone()), ("value", (*value).to_owned())])?;
                }
                Ok(())
            })?;
            suite.testcases.iter().try_for_each(|case| xml.testcase(case))?;
            match &suite.system_err {
                Some(told) => xml.element("system-err", &[], |xml| xml.text(told)),
                None => Ok(()),
            }
        })
    }

    fn testcase(&mut self, case: &TestCase) -> io::Result<()> {
        let attributes = [
            ("classname", case.classname.clone().unwrap_or_default()),
            ("name", case.name.clone()),
            ("time", seconds(case.time)),
        ];
        self.element("testcase", &attributes, |xml| {
            match &case.result {
                TestResult::Success => {}
                TestResult::Skipped => xml.empty("skipped", &[])?,
                TestResult::SkippedWithCause { message, .. } => {
                    xml.empty("skipped", &[("message", message.clone())])?;
                }
                TestResult::Failure { type_, message, cause } => {
                    xml.outcome("failure", type_, message, cause.as_deref())?;
                }
                TestResult::Error { type_, message, cause } => {
                    xml.outcome("error", type_, message, cause.as_deref())?;
                }
            }
            match &case.system_out {
                Some(output) => xml.element("system-out", &[], |xml| xml.text(output)),
                None => Ok(()),
            }
        })
    }

    fn outcome(&mut self, name: &str, kind: &str, message: &str, cause: Option<&str>) -> io::Result<()> {
        let attributes = [("message", message.to_owned()), ("type", kind.to_owned())];
        self.element(name, &attributes, |xml| xml.text(cause.unwrap_or_default()))
    }

    fn element(
        &mut self,
        name: &str,
        attributes: &[(&str, String)],
        content: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.writer.write_event(Event::Start(start(name, attributes)))?;
        content(self)?;
        self.writer.write_event(Event::End(BytesEnd::new(name)))
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, String)]) -> io::Result<()> {
        self.writer.write_event(Event::Empty(start(name, attributes)))
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        self.writer.write_event(Event::Text(BytesText::from_escaped(escape::xml_text(text))))
    }
}

fn start<'a>(name: &'a str, attributes: &[(&str, String)]) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    for (key, value) in attributes {
        let value = escape::xml_attribute(value);
        start.push_attribute(Attribute::from((key.as_bytes(), value.as_bytes())));
    }
    start
}

fn seconds(time: Duration) -> String {
    time.as_seconds_f64().to_string()
}

/// In UTC without saying so: the schemas forbid an offset.
fn timestamp(time: OffsetDateTime) -> String {
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}
