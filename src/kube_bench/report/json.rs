//! The report in kube-bench's JSON format.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::rc::Rc;

use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::value::RawValue;

use super::ReportStyle;
use crate::kube_bench::outcome::{CheckOutcome, ControlsOutcome, GroupOutcome, Report};
use crate::report::{Summary, escape};

/// Writes the report as JSON: an object with the totals, or a bare list of targets without them.
///
/// # Errors
///
/// Returns an error if writing fails.
pub fn json(report: &Report, options: &ReportStyle, out: &mut dyn Write) -> io::Result<()> {
    let written = written_once(report)?;
    let controls: Vec<ControlsForm<'_>> =
        report.controls.iter().map(|controls| ControlsForm::of(controls, &written)).collect();
    if options.totals {
        encode(&Whole { controls, totals: TotalsForm::of(report.totals()) }, out)?;
    } else {
        encode(&controls, out)?;
    }
    writeln!(out)
}

/// Returns a check as one line of JSON.
pub(super) fn check(check: &CheckOutcome) -> io::Result<String> {
    let mut out = Vec::new();
    encode(&CheckForm::of(check, &Written::new()), &mut out)?;
    String::from_utf8(out).map_err(io::Error::other)
}

/// Long texts, encoded as JSON.
type Written = BTreeMap<Rc<str>, Box<RawValue>>;

/// Texts of at least this many bytes are encoded only once.
const LONG: usize = 4096;

/// Encodes the long audit outputs once: on a busy node, dozens of checks contain the same half megabyte.
fn written_once(report: &Report) -> io::Result<Written> {
    let mut written = Written::new();
    let checks = report.controls.iter().flat_map(|controls| &controls.groups).flat_map(|group| &group.checks);
    for text in checks.map(|check| &check.actual_value).filter(|text| text.len() >= LONG) {
        if !written.contains_key(text) {
            let mut out = Vec::new();
            encode(&**text, &mut out)?;
            let out = String::from_utf8(out).map_err(io::Error::other)?;
            written.insert(text.clone(), RawValue::from_string(out)?);
        }
    }
    Ok(written)
}

/// A text, possibly already encoded as JSON.
#[derive(Serialize)]
#[serde(untagged)]
enum TextForm<'a> {
    Text(&'a str),
    Written(&'a RawValue),
}

fn encode(value: &(impl Serialize + ?Sized), out: &mut dyn Write) -> io::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(out, AsGo)).map_err(io::Error::from)
}

/// Compact JSON that escapes HTML special characters as Go does, and also terminal control characters. Parsers read the
/// same values.
struct AsGo;

impl Formatter for AsGo {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        escape::json(fragment, b"<>&", out)
    }
}

#[derive(Serialize)]
struct Whole<'a> {
    #[serde(rename = "Controls")]
    controls: Vec<ControlsForm<'a>>,
    #[serde(rename = "Totals")]
    totals: TotalsForm,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "these are the names that consumers know")]
struct TotalsForm {
    total_pass: usize,
    total_fail: usize,
    total_warn: usize,
    total_info: usize,
}

impl TotalsForm {
    fn of(totals: Summary) -> Self {
        let Summary { pass, fail, warn, info } = totals;
        Self { total_pass: pass, total_fail: fail, total_warn: warn, total_info: info }
    }
}

#[derive(Serialize)]
struct ControlsForm<'a> {
    id: &'a str,
    version: &'a str,
    detected_version: &'a str,
    text: &'a str,
    node_type: &'a str,
    /// `None` if no check was selected.
    tests: Option<Vec<GroupForm<'a>>>,
    #[serde(flatten)]
    totals: TotalsForm,
}

impl<'a> ControlsForm<'a> {
    fn of(controls: &'a ControlsOutcome, written: &'a Written) -> Self {
        Self {
            id: &controls.id,
            version: &controls.version,
            detected_version: &controls.detected_version,
            text: &controls.text,
            node_type: &controls.target,
            tests: Some(controls.groups.iter().map(|group| GroupForm::of(group, written)).collect::<Vec<_>>())
                .filter(|groups| !groups.is_empty()),
            totals: TotalsForm::of(controls.totals()),
        }
    }
}

#[derive(Serialize)]
struct GroupForm<'a> {
    section: &'a str,
    /// Always empty: the type of a group is not reported.
    r#type: &'a str,
    pass: usize,
    fail: usize,
    warn: usize,
    info: usize,
    desc: &'a str,
    results: Vec<CheckForm<'a>>,
}

impl<'a> GroupForm<'a> {
    fn of(group: &'a GroupOutcome, written: &'a Written) -> Self {
        let Summary { pass, fail, warn, info } = group.totals();
        let results = group.checks.iter().map(|check| CheckForm::of(check, written)).collect();
        Self { section: &group.id, r#type: "", pass, fail, warn, info, desc: &group.text, results }
    }
}

#[derive(Serialize)]
struct CheckForm<'a> {
    test_number: &'a str,
    test_desc: &'a str,
    audit: &'a str,
    #[serde(rename = "AuditEnv")]
    audit_env: &'a str,
    #[serde(rename = "AuditConfig")]
    audit_config: &'a str,
    r#type: &'a str,
    remediation: &'a str,
    test_info: [&'a str; 1],
    status: &'a str,
    actual_value: TextForm<'a>,
    scored: bool,
    #[serde(rename = "IsMultiple")]
    multiple: bool,
    expected_result: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    reason: &'a str,
}

impl<'a> CheckForm<'a> {
    fn of(check: &'a CheckOutcome, written: &'a Written) -> Self {
        Self {
            test_number: &check.id,
            test_desc: &check.text,
            audit: &check.audit,
            audit_env: &check.audit_env,
            audit_config: &check.audit_config,
            r#type: &check.kind,
            remediation: &check.remediation,
            test_info: [&check.remediation],
            status: check.status.name(),
            actual_value: match written.get(&check.actual_value) {
                Some(written) => TextForm::Written(written),
                None => TextForm::Text(&check.actual_value),
            },
            scored: check.scored,
            multiple: check.multiple,
            expected_result: &check.expected_result,
            reason: &check.reason,
        }
    }
}
