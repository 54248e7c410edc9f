//! The report for CI dashboards: JUnit's XML, a suite for each target.
//!
//! What becomes of a check: a failure of a scored one, known or not, is a `<failure>` (of type `fail` or `unknown`;
//! `<error>` is never used, since dashboards tend to treat it as the tool's own mishap, and ignorance must count).
//! One that is not scored, is for a person to judge, is skipped or does not apply is `<skipped>`, as kube-bench has it,
//! with the reason in its message. Names are made of ids, so that a dashboard can follow a check from run to run.

use std::io::{self, Write};

use model::{Check, Group, Report, Run, Target, Verdict};
use quick_xml::Writer;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use redact::Masked;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Options, State, Summary, escape, json, lines, state};

/// Writes the report for CI dashboards.
///
/// # Errors
///
/// What the writer answers.
pub fn write(report: &Masked<Report>, _: Options, out: &mut dyn Write) -> io::Result<()> {
    let Report { run, targets, .. } = &**report;
    let name = &run.benchmark.name;
    let mut suites: Vec<Suite<'_>> = targets.iter().map(|target| Suite::of(name, target)).collect();
    if suites.is_empty() {
        // What should be known of a run that has no target.
        suites.push(Suite { name: name.clone(), groups: &[], tests: 0, failures: 0, skipped: 0 });
    }
    let mut xml = Xml { writer: Writer::new_with_indent(out, b' ', 2) };
    xml.report(run, &suites)?;
    writeln!(xml.writer.into_inner())
}

/// What is printed of a target.
struct Suite<'a> {
    name: String,
    groups: &'a [Group],
    tests: usize,
    failures: usize,
    skipped: usize,
}

impl<'a> Suite<'a> {
    fn of(benchmark: &str, target: &'a Target) -> Self {
        let Summary { pass, fail, warn, info } = Summary::from(target);
        Self {
            name: format!("{benchmark}.{}", target.name),
            groups: &target.groups,
            tests: pass + fail + warn + info,
            failures: fail,
            skipped: warn + info,
        }
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

/// Why a check that has neither passed nor failed does not count.
fn skipped(check: &Check) -> String {
    match (state(check), check.verdict) {
        (State::Warn, Verdict::Manual) => {
            lines::sight(check).unwrap_or_else(|| "manual: a person must judge this".to_owned())
        }
        (State::Warn, _) => format!("not scored: {}", lines::objection(check).unwrap_or_default()),
        (State::Pass | State::Fail | State::Info, _) => lines::exemption(check).unwrap_or_default(),
    }
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

/// What the schemas ask for, in their order.
struct Xml<'a> {
    writer: Writer<&'a mut dyn Write>,
}

/// How long it took: no check is timed.
const TIME: (&str, &str) = ("time", "0");

/// Nothing is an error of the tool's own.
const ERRORS: (&str, &str) = ("errors", "0");

impl Xml<'_> {
    fn report(&mut self, run: &Run, suites: &[Suite<'_>]) -> io::Result<()> {
        let sum = |count: fn(&Suite<'_>) -> usize| suites.iter().map(count).sum::<usize>().to_string();
        let (tests, failures) = (sum(|suite| suite.tests), sum(|suite| suite.failures));
        self.writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        // No `skipped` here: the schema that Jenkins checks against has it for a suite alone.
        let attributes = [("name", "kube-assay"), ("tests", &tests), ("failures", &failures), ERRORS, TIME];
        self.element("testsuites", &attributes, |xml| {
            let timestamp = timestamp(started(&run.started));
            let (properties, told) = (properties(run), notices(run));
            suites.iter().enumerate().try_for_each(|(number, suite)| {
                let attributes = [
                    ("name", suite.name.as_str()),
                    ("package", &run.benchmark.name),
                    ("id", &number.to_string()),
                    ("tests", &suite.tests.to_string()),
                    ("failures", &suite.failures.to_string()),
                    ERRORS,
                    ("skipped", &suite.skipped.to_string()),
                    ("hostname", &run.host.name),
                    ("timestamp", &timestamp),
                    TIME,
                ];
                xml.element("testsuite", &attributes, |xml| xml.suite(suite, &properties, told.as_deref()))
            })
        })
    }

    fn suite(&mut self, suite: &Suite<'_>, properties: &[(String, &str)], told: Option<&str>) -> io::Result<()> {
        self.element("properties", &[], |xml| {
            let mut properties = properties.iter();
            properties.try_for_each(|(name, value)| xml.empty("property", &[("name", name), ("value", value)]))
        })?;
        for group in suite.groups {
            let class = format!("{}.{}", suite.name, group.id);
            group.checks.iter().try_for_each(|check| self.testcase(&class, check))?;
        }
        told.map_or(Ok(()), |told| self.element("system-err", &[], |xml| xml.text(told)))
    }

    fn testcase(&mut self, class: &str, check: &Check) -> io::Result<()> {
        let name = format!("{} {}", check.id, check.title);
        self.element("testcase", &[("classname", class), ("name", &name), TIME], |xml| {
            match state(check) {
                State::Pass => {}
                State::Fail => {
                    let message = lines::objection(check).unwrap_or_default();
                    let attributes = [("message", message.as_str()), ("type", check.verdict.name())];
                    xml.element("failure", &attributes, |xml| xml.text(&check.remediation))?;
                }
                State::Warn | State::Info => xml.empty("skipped", &[("message", &skipped(check))])?,
            }
            let whole = json::check(check)?;
            xml.element("system-out", &[], |xml| xml.text(&whole))
        })
    }

    fn element(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        content: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.writer.write_event(Event::Start(start(name, attributes)))?;
        content(self)?;
        self.writer.write_event(Event::End(BytesEnd::new(name)))
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.writer.write_event(Event::Empty(start(name, attributes)))
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        self.writer.write_event(Event::Text(BytesText::from_escaped(escape::xml_text(text))))
    }
}

fn start<'a>(name: &'a str, attributes: &[(&str, &str)]) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    for (key, value) in attributes {
        let value = escape::xml_attribute(value);
        start.push_attribute(Attribute::from((key.as_bytes(), value.as_bytes())));
    }
    start
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
