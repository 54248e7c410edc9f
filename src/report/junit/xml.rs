//! The printer for JUnit XML.
//!
//! junit-report's own writer does not support properties, counts of skipped tests, lines or host names, and writes
//! characters that XML forbids.

use std::io::{self, Write};

use junit_report::{Duration, OffsetDateTime, TestCase, TestResult, TestSuite};
use quick_xml::Writer;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::super::escape;

/// A suite, with what junit-report's model lacks.
pub(super) struct Suite {
    pub(super) modelled: TestSuite,
    /// The line in each test case's file, if known.
    pub(super) lines: Vec<Option<usize>>,
    pub(super) properties: Vec<(String, String)>,
}

/// A test case, with the line in its file.
pub(super) struct Case {
    pub(super) modelled: TestCase,
    pub(super) line: Option<usize>,
}

/// Writes the document.
pub(super) fn write(suites: &[Suite], out: &mut dyn Write) -> io::Result<()> {
    let mut xml = Xml { writer: Writer::new_with_indent(out, b' ', 2) };
    xml.report(suites)?;
    writeln!(xml.writer.into_inner())
}

/// The printer, which writes elements in the order that the schemas require.
struct Xml<'a> {
    writer: Writer<&'a mut dyn Write>,
}

impl Xml<'_> {
    fn report(&mut self, suites: &[Suite]) -> io::Result<()> {
        let sum =
            |count: fn(&TestSuite) -> usize| suites.iter().map(|it| count(&it.modelled)).sum::<usize>().to_string();
        let time: Duration = suites.iter().map(|it| it.modelled.time()).sum();
        self.writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        // No `skipped` here: the schema that Jenkins validates against allows it only on a suite.
        let attributes = [
            ("name", "kube-assay".to_owned()),
            ("tests", sum(TestSuite::tests)),
            ("failures", sum(TestSuite::failures)),
            ("errors", sum(TestSuite::errors)),
            ("time", seconds(time)),
        ];
        self.element("testsuites", &attributes, |xml| {
            suites.iter().enumerate().try_for_each(|(number, suite)| xml.suite(number, suite))
        })
    }

    fn suite(&mut self, number: usize, Suite { modelled: suite, lines, properties }: &Suite) -> io::Result<()> {
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
                properties.iter().try_for_each(|(name, value)| {
                    xml.empty("property", &[("name", name.clone()), ("value", value.clone())])
                })
            })?;
            suite.testcases.iter().zip(lines).try_for_each(|(case, line)| xml.testcase(case, *line))?;
            match &suite.system_err {
                Some(told) => xml.element("system-err", &[], |xml| xml.text(told)),
                None => Ok(()),
            }
        })
    }

    fn testcase(&mut self, case: &TestCase, line: Option<usize>) -> io::Result<()> {
        let mut attributes = vec![
            ("classname", case.classname.clone().unwrap_or_default()),
            ("name", case.name.clone()),
            ("time", seconds(case.time)),
        ];
        attributes.extend(case.filepath.clone().map(|file| ("file", file)));
        attributes.extend(line.map(|line| ("line", line.to_string())));
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
    format!("{:.3}", time.as_seconds_f64())
}

/// Formats a time in UTC without an offset, which the schemas forbid.
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
