//! The report in kube-bench's JSON: its keys, in its order, with its odd capitals; what is ours comes after them.
//!
//! Programs read this: a key that kube-bench prints is always there, with the same type, and `status` is one of its
//! four words. The unknown of a scored check is `FAIL` there; `verdict` tells the two apart.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;

use crate::finding::{Assay, Evidence, Finding, FindingGroup, Skip, Summary, TargetFindings, Verdict};

use super::{Options, escape};

/// Writes the report for programs, on one line.
///
/// # Errors
///
/// What the writer answers.
pub fn write(assay: &Assay, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let assay = assay.masked();
    let controls = assay.targets.iter().map(|target| Control::new(&assay, target)).collect();
    if options.nototals {
        print(&controls, out)?;
    } else {
        print(&Report { controls, totals: Totals::from(assay.summary()), run: Run::from(&assay) }, out)?;
    }
    writeln!(out)
}

/// One check as a line of JSON, as the whole report holds it. Secrets must have been masked.
pub(super) fn check(finding: &Finding) -> io::Result<String> {
    let mut out = Vec::new();
    print(&Check::from(finding), &mut out)?;
    String::from_utf8(out).map_err(io::Error::other)
}

fn print(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(out, Plain)).map_err(io::Error::from)
}

/// Compact JSON in which deceptive characters are escapes, not themselves: it is shown on terminals too, and stands
/// inside XML. To a parser it is the same.
struct Plain;

impl Formatter for Plain {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        escape::json(fragment, b"", out)
    }
}

#[derive(Serialize)]
struct Report<'a> {
    #[serde(rename = "Controls")]
    controls: Vec<Control<'a>>,
    #[serde(rename = "Totals")]
    totals: Totals,
    #[serde(rename = "Run")]
    run: Run<'a>,
}

/// A target.
#[derive(Serialize)]
struct Control<'a> {
    id: &'a str,
    version: &'a str,
    detected_version: &'a str,
    text: &'a str,
    node_type: &'static str,
    tests: Vec<Group<'a>>,
    #[serde(flatten)]
    totals: Totals,
}

#[derive(Serialize)]
struct Group<'a> {
    section: &'a str,
    /// kube-bench's groups can be switched off; ours cannot.
    r#type: &'static str,
    pass: usize,
    fail: usize,
    warn: usize,
    info: usize,
    desc: &'a str,
    results: Vec<Check<'a>>,
}

#[derive(Serialize)]
struct Check<'a> {
    test_number: &'a str,
    test_desc: String,
    audit: Cow<'a, str>,
    #[serde(rename = "AuditEnv")]
    audit_env: &'static str,
    #[serde(rename = "AuditConfig")]
    audit_config: &'static str,
    r#type: &'static str,
    remediation: &'a str,
    /// Readers take the first without looking whether there is one.
    test_info: [&'a str; 1],
    status: &'static str,
    actual_value: &'a str,
    scored: bool,
    #[serde(rename = "IsMultiple")]
    is_multiple: bool,
    expected_result: &'a str,
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
    control: &'a str,
    verdict: &'static str,
    assessment: &'static str,
    evidence: Vec<Seen<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skip: Option<Skipped<'a>>,
}

/// A piece of evidence.
#[derive(Serialize)]
struct Seen<'a> {
    kind: &'static str,
    source: String,
    found: &'a str,
    expected: &'a str,
    offends: bool,
}

/// Why a check is left out.
#[derive(Serialize)]
struct Skipped<'a> {
    profile: Option<&'a str>,
    reason: &'a str,
    source: Option<&'a str>,
    guide_ids: &'a [String],
}

#[expect(clippy::struct_field_names, reason = "the names are kube-bench's")]
#[derive(Serialize)]
struct Totals {
    total_pass: usize,
    total_fail: usize,
    total_warn: usize,
    total_info: usize,
}

/// The run itself, which kube-bench says nothing of.
#[derive(Serialize)]
struct Run<'a> {
    tool: &'static str,
    tool_version: &'a str,
    node: &'a str,
    root: &'a str,
    benchmark: &'a str,
    title: &'a str,
    digest: &'a str,
    detected_version: Option<&'a str>,
    version_evidence: &'a str,
    platform: Option<&'a str>,
    platform_title: Option<&'a str>,
    platform_evidence: &'a [String],
    benchmark_evidence: &'a str,
    targets: Vec<Chosen<'a>>,
    profile: Option<Profile<'a>>,
    started: &'a str,
    notices: Vec<Remark<'a>>,
}

#[derive(Serialize)]
struct Profile<'a> {
    name: &'a str,
    title: &'a str,
    evidence: &'a str,
}

/// A target that is run, and why.
#[derive(Serialize)]
struct Chosen<'a> {
    name: &'static str,
    evidence: &'a [String],
}

#[derive(Serialize)]
struct Remark<'a> {
    code: &'static str,
    text: &'a str,
}

impl<'a> Control<'a> {
    fn new(assay: &'a Assay, target: &'a TargetFindings) -> Self {
        Self {
            id: &target.id,
            version: &assay.benchmark,
            detected_version: assay.detected_version.as_deref().unwrap_or("none"),
            text: &target.title,
            node_type: target.target.name(),
            tests: target.groups.iter().map(Group::from).collect(),
            totals: target.summary().into(),
        }
    }
}

impl<'a> From<&'a FindingGroup> for Group<'a> {
    fn from(group: &'a FindingGroup) -> Self {
        let Summary { pass, fail, warn, info } = group.summary();
        Self {
            section: &group.id,
            r#type: "",
            pass,
            fail,
            warn,
            info,
            desc: &group.title,
            results: group.findings.iter().map(Check::from).collect(),
        }
    }
}

impl<'a> From<&'a Finding> for Check<'a> {
    fn from(finding: &'a Finding) -> Self {
        let (r#type, skip) = match &finding.verdict {
            Verdict::Manual => ("manual", None),
            Verdict::Skipped(skip) => ("skip", Some(Skipped::from(skip))),
            Verdict::Pass | Verdict::Fail | Verdict::NotApplicable(_) | Verdict::Unknown(_) => ("", None),
        };
        Self {
            test_number: &finding.id,
            test_desc: finding.full_title(),
            audit: escape::line(&finding.looked_at),
            audit_env: "",
            audit_config: "",
            r#type,
            remediation: &finding.remediation,
            test_info: [&finding.remediation],
            status: finding.state().name(),
            actual_value: &finding.found,
            scored: finding.scored,
            is_multiple: finding.evidence.len() > 1,
            expected_result: &finding.expected,
            reason: finding.reason(),
            control: &finding.control,
            verdict: finding.verdict.name(),
            assessment: finding.assessment.name(),
            evidence: finding.evidence.iter().map(Seen::from).collect(),
            skip,
        }
    }
}

impl<'a> From<&'a Evidence> for Seen<'a> {
    fn from(evidence: &'a Evidence) -> Self {
        Self {
            kind: evidence.source.kind(),
            source: evidence.source.to_string(),
            found: &evidence.found,
            expected: &evidence.expected,
            offends: evidence.offends,
        }
    }
}

impl<'a> From<&'a Skip> for Skipped<'a> {
    fn from(skip: &'a Skip) -> Self {
        Self {
            profile: skip.profile.as_deref(),
            reason: &skip.reason,
            source: skip.source.as_deref(),
            guide_ids: &skip.guide_ids,
        }
    }
}

impl From<Summary> for Totals {
    fn from(summary: Summary) -> Self {
        Self { total_pass: summary.pass, total_fail: summary.fail, total_warn: summary.warn, total_info: summary.info }
    }
}

impl<'a> From<&'a Assay> for Run<'a> {
    fn from(assay: &'a Assay) -> Self {
        Self {
            tool: "kube-assay",
            tool_version: &assay.tool_version,
            node: &assay.node,
            root: &assay.root,
            benchmark: &assay.benchmark,
            title: &assay.benchmark_title,
            digest: &assay.benchmark_digest,
            detected_version: assay.detected_version.as_deref(),
            version_evidence: &assay.version_evidence,
            platform: assay.platform.as_ref().map(|platform| platform.name.as_str()),
            platform_title: assay.platform.as_ref().map(|platform| platform.title.as_str()),
            platform_evidence: assay.platform.as_ref().map_or(&[], |platform| &platform.evidence),
            benchmark_evidence: &assay.benchmark_evidence,
            targets: assay
                .target_evidence
                .iter()
                .map(|note| Chosen { name: note.target.name(), evidence: &note.evidence })
                .collect(),
            profile: assay.profile.as_ref().map(|profile| Profile {
                name: &profile.name,
                title: &profile.title,
                evidence: &profile.evidence,
            }),
            started: &assay.started,
            notices: assay.notices.iter().map(|notice| Remark { code: notice.code, text: &notice.text }).collect(),
        }
    }
}
