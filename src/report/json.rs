//! The report in kube-bench's JSON: its keys in its order, followed by additional ones.
//!
//! Programs read this: every key that kube-bench prints is present with the same type, and `status` is one of its four
//! words. A scored check that is unknown has the status `FAIL`; `verdict` distinguishes it from a failure. Readers that
//! recognize a finding by its texts find the same ones in each run: process IDs occur only in additional keys.

use std::borrow::Cow;
use std::io::{self, Write};

use model::{Assessment, Cause, Evidence, LookedAt, Severity, Skip, Verdict};
use redact::Masked;
use serde::{Serialize, Serializer};

use super::printer::Text;
use super::stable::without_processes;
use super::summary::of_verdict;
use super::words::{self, Words};
use super::{Options, Summary, escape, printer, state, title};

/// Writes the JSON report, on one line unless `pretty` is set.
///
/// # Errors
///
/// If the writer fails.
pub fn write(reports: &[Masked<model::Report>], options: Options, out: &mut dyn Write) -> io::Result<()> {
    reports.iter().try_for_each(|report| document(report, options, out))
}

fn document(report: &Masked<model::Report>, options: Options, out: &mut dyn Write) -> io::Result<()> {
    let controls: Vec<_> = report.targets.iter().map(|target| Control::new(&report.run, target)).collect();
    if options.nototals {
        print(&controls, options, out)?;
    } else {
        print(
            &Report { controls, totals: Summary::from(&**report).into(), run: Run::from(&report.run) },
            options,
            out,
        )?;
    }
    writeln!(out)
}

/// Returns one check as a line of JSON, as in the whole report. Secrets must already be masked.
pub(super) fn check(check: &model::Check) -> io::Result<String> {
    let mut out = Vec::new();
    printer::compact(&Check::from(check), &mut out)?;
    String::from_utf8(out).map_err(io::Error::other)
}

fn print(value: &impl Serialize, options: Options, out: &mut dyn Write) -> io::Result<()> {
    if options.pretty { printer::pretty(value, out) } else { printer::compact(value, out) }
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

/// A target, under kube-bench's name for it.
#[derive(Serialize)]
struct Control<'a> {
    id: &'a str,
    version: &'a str,
    detected_version: &'a str,
    text: &'a str,
    node_type: &'a str,
    tests: Vec<Group<'a>>,
    #[serde(flatten)]
    totals: Totals,
}

#[derive(Serialize)]
struct Group<'a> {
    section: &'a str,
    /// kube-bench's groups can be disabled; these cannot, so it is empty.
    r#type: &'static str,
    pass: usize,
    fail: usize,
    warn: usize,
    info: usize,
    desc: &'a str,
    results: Checks<'a>,
}

/// Checks that are converted one by one while being written.
struct Checks<'a>(&'a [model::Check]);

impl Serialize for Checks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Check::from))
    }
}

#[derive(Serialize)]
struct Check<'a> {
    test_number: &'a str,
    test_desc: Text<'a>,
    audit: Text<'a>,
    #[serde(rename = "AuditEnv")]
    audit_env: &'a str,
    #[serde(rename = "AuditConfig")]
    audit_config: &'a str,
    r#type: &'static str,
    remediation: Text<'a>,
    /// Readers take the first item without checking whether there is one.
    test_info: [Text<'a>; 1],
    status: &'static str,
    actual_value: Text<'a>,
    scored: bool,
    #[serde(rename = "IsMultiple")]
    is_multiple: bool,
    expected_result: Text<'a>,
    #[serde(skip_serializing_if = "Text::is_empty")]
    reason: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    control: Option<&'a str>,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    assessment: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<&'static str>,
    evidence: Vec<Seen<'a>>,
    /// The rule file that defines the check.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    /// The command that was not run, which makes the check unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_command: Option<&'a str>,
    /// kube-bench's status for the rule file's check, if it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    kube_bench_status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skip: Option<Skipped<'a>>,
}

/// A piece of evidence.
#[derive(Serialize)]
struct Seen<'a> {
    kind: &'static str,
    source: Text<'a>,
    found: Text<'a>,
    expected: Text<'a>,
    offends: bool,
}

/// Why a check is skipped.
#[derive(Serialize)]
struct Skipped<'a> {
    profile: Option<&'a str>,
    reason: Text<'a>,
    source: Option<&'a str>,
    guide_ids: &'a [String],
    /// The verdict, which does not count.
    would_be: &'static str,
}

#[expect(clippy::struct_field_names, reason = "the names are kube-bench's")]
#[derive(Serialize)]
struct Totals {
    total_pass: usize,
    total_fail: usize,
    total_warn: usize,
    total_info: usize,
}

/// Information about the run, which kube-bench's JSON lacks.
#[derive(Serialize)]
struct Run<'a> {
    tool: &'a str,
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    further_benchmarks: Vec<Further<'a>>,
    targets: Vec<Chosen<'a>>,
    profile: Option<Profile<'a>>,
    started: &'a str,
    notices: Vec<Remark<'a>>,
}

/// A further benchmark of the same run.
#[derive(Serialize)]
struct Further<'a> {
    benchmark: &'a str,
    title: &'a str,
    digest: &'a str,
    evidence: &'a str,
}

#[derive(Serialize)]
struct Profile<'a> {
    name: &'a str,
    title: &'a str,
    evidence: &'a str,
}

/// A target that was run, and why.
#[derive(Serialize)]
struct Chosen<'a> {
    name: &'a str,
    /// The benchmark it belongs to, if that is a further one.
    #[serde(skip_serializing_if = "Option::is_none")]
    benchmark: Option<&'a str>,
    evidence: &'a [String],
}

#[derive(Serialize)]
struct Remark<'a> {
    code: &'a str,
    text: &'a str,
}

impl<'a> Control<'a> {
    fn new(run: &'a model::Run, target: &'a model::Target) -> Self {
        Self {
            id: &target.id,
            version: &run.benchmark_of(target).name,
            detected_version: run.kubernetes.version.as_deref().unwrap_or("none"),
            text: &target.title,
            node_type: &target.name,
            tests: target.groups.iter().map(Group::from).collect(),
            totals: Summary::from(target).into(),
        }
    }
}

/// Returns what was found, without process IDs unless an audit printed them.
fn found(check: &model::Check) -> String {
    let found = words::found(check);
    if check.defined_at.is_some() { found } else { stable(found) }
}

fn reason(check: &model::Check) -> String {
    let reason = words::reason(check);
    if check.defined_at.is_some() { reason } else { stable(reason) }
}

fn stable(text: String) -> String {
    match without_processes(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(stable) => stable,
    }
}

impl<'a> From<&'a model::Group> for Group<'a> {
    fn from(group: &'a model::Group) -> Self {
        let Summary { pass, fail, warn, info } = group.checks.iter().map(state).collect();
        Self {
            section: &group.id,
            r#type: "",
            pass,
            fail,
            warn,
            info,
            desc: &group.title,
            results: Checks(&group.checks),
        }
    }
}

impl<'a> From<&'a model::Check> for Check<'a> {
    fn from(check: &'a model::Check) -> Self {
        let skip = check.skip.as_ref().map(|skip| Skipped::new(skip, check.verdict));
        // kube-bench shows no findings of skipped checks.
        let seen = (!check.is_skipped()).then_some(check);
        let (audit, audit_env, audit_config) = match &check.looked_at {
            Some(LookedAt::Audit { audit, environment, configuration, .. }) => {
                (audit.clone(), environment.as_str(), configuration.as_str())
            }
            Some(looked_at) if seen.is_some() => {
                (stable(escape::line(&Words(looked_at).sentence()).into_owned()), "", "")
            }
            _ => (String::new(), "", ""),
        };
        let is_multiple = match &check.looked_at {
            Some(LookedAt::Audit { each_line, .. }) => *each_line,
            _ => seen.is_some_and(|check| check.evidence.len() > 1),
        };
        let place = check.defined_at.as_ref();
        Self {
            test_number: &check.id,
            test_desc: Text(title(check)),
            audit: audit.into(),
            audit_env,
            audit_config,
            r#type: match check.verdict {
                _ if skip.is_some() => "skip",
                Verdict::Manual => "manual",
                _ => "",
            },
            remediation: check.remediation.as_str().into(),
            test_info: [check.remediation.as_str().into()],
            status: state(check).name(),
            actual_value: seen.map(found).unwrap_or_default().into(),
            scored: check.scored,
            is_multiple,
            expected_result: seen.map(words::phrase).unwrap_or_default().into(),
            reason: reason(check).into(),
            control: check.control.as_deref(),
            verdict: if skip.is_some() { "skipped" } else { check.verdict.name() },
            assessment: check.assessment.map(Assessment::name),
            level: check.level,
            severity: check.severity.map(Severity::name),
            // `actual_value` already contains an audit's output.
            evidence: if place.is_some() { Vec::new() } else { check.evidence.iter().map(Seen::from).collect() },
            file: place.map(|place| place.file.as_str()),
            line: place.map(|place| place.line),
            missing_command: check
                .reason
                .as_ref()
                .filter(|reason| reason.cause == Cause::CommandNotRun && !reason.subject.is_empty())
                .map(|reason| reason.subject.as_str()),
            kube_bench_status: check.replaces.map(|verdict| of_verdict(verdict, check.scored).name()),
            skip,
        }
    }
}

impl From<&Evidence> for Seen<'_> {
    fn from(evidence: &Evidence) -> Self {
        Self {
            kind: evidence.source.kind(),
            source: Words(&evidence.source).sentence().into(),
            found: Words(&evidence.found).sentence().into(),
            expected: evidence.expected.as_ref().map(words::short).unwrap_or_default().into(),
            offends: evidence.violates,
        }
    }
}

impl<'a> Skipped<'a> {
    fn new(skip: &'a Skip, verdict: Verdict) -> Self {
        Self {
            profile: skip.profile.as_deref(),
            reason: skip.reason.as_str().into(),
            source: skip.source.as_deref(),
            guide_ids: &skip.guide_ids,
            would_be: verdict.name(),
        }
    }
}

impl From<Summary> for Totals {
    fn from(summary: Summary) -> Self {
        Self { total_pass: summary.pass, total_fail: summary.fail, total_warn: summary.warn, total_info: summary.info }
    }
}

impl<'a> From<&'a model::Run> for Run<'a> {
    fn from(run: &'a model::Run) -> Self {
        let platform = run.platform.as_ref();
        Self {
            tool: &run.tool,
            tool_version: &run.version,
            node: &run.host.name,
            root: &run.root,
            benchmark: &run.benchmark.name,
            title: &run.benchmark.title,
            digest: &run.benchmark.digest,
            detected_version: run.kubernetes.version.as_deref(),
            version_evidence: &run.kubernetes.evidence,
            platform: platform.map(|platform| platform.name.as_str()),
            platform_title: platform.map(|platform| platform.title.as_str()),
            platform_evidence: platform.map_or(&[], |platform| &platform.evidence),
            benchmark_evidence: &run.benchmark.evidence,
            further_benchmarks: run
                .further
                .iter()
                .map(|model::Benchmark { name, title, digest, evidence }| Further {
                    benchmark: name,
                    title,
                    digest,
                    evidence,
                })
                .collect(),
            targets: run
                .targets
                .iter()
                .map(|note| Chosen { name: &note.name, benchmark: note.benchmark.as_deref(), evidence: &note.evidence })
                .collect(),
            profile: run.profile.as_ref().map(|profile| Profile {
                name: &profile.name,
                title: &profile.title,
                evidence: &profile.evidence,
            }),
            started: &run.started,
            notices: run.notices.iter().map(|notice| Remark { code: &notice.code, text: &notice.text }).collect(),
        }
    }
}
