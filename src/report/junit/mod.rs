//! The report for CI dashboards: JUnit XML with a suite for each node and target.
//!
//! Dashboards track a test across runs by its class name and name, and merge tests in which both are equal. The class
//! name therefore contains the node, and neither contains anything that changes (see `names`). The data model is
//! junit-report's; `xml` prints it.
//!
//! A scored check that failed or is unknown is a `<failure>` (of type `fail` or `unknown`); `<error>` is never used,
//! since dashboards take it for a fault of the tool. Checks that are unscored, manual, skipped or not applicable are
//! `<skipped>`, as in kube-bench, with the reason as the message; [`FailOn`](super::FailOn) turns unscored ones
//! into failures. A failure's message and the first line of its text are the same, since some dashboards show only one
//! of them; the remediation follows. A failure names the offending file, and the line if known, also as attributes of the test case,
//! which CI systems use for annotations. They can be omitted, since the schema of Jenkins' xUnit plugin rejects them.

mod names;
mod xml;

use std::io::{self, Write};

use junit_report::{Duration, OffsetDateTime, TestCase, TestCaseBuilder, TestResult, TestSuite};
use model::{Benchmark, Check, Report, Run, Source, Verdict};
use redact::Masked;
use time::format_description::well_known::Rfc3339;

use self::names::Names;
use self::xml::{Case, Suite};
use super::{Options, State, escape, json, lines, state};

/// Writes all reports as one document.
///
/// # Errors
///
/// If the writer fails.
pub fn write(reports: &[Masked<Report>], options: Options, out: &mut dyn Write) -> io::Result<()> {
    let names = Names::of(reports.iter().map(|report| &**report));
    let mut suites = Vec::new();
    for report in reports {
        let Report { run, targets, .. } = &**report;
        if targets.is_empty() {
            // A run without targets still has notices to show.
            suites.push(suite_of(run, &run.benchmark, names.suite(run, None), Vec::new()));
        }
        for target in targets {
            let mut cases = Vec::new();
            for group in &target.groups {
                let class = names.class(run, target, &group.id);
                for check in &group.checks {
                    cases.push(case(&class, check, options)?);
                }
            }
            suites.push(suite_of(run, run.benchmark_of(target), names.suite(run, Some(target)), cases));
        }
    }
    xml::write(&suites, out)
}

fn suite_of(run: &Run, benchmark: &Benchmark, name: String, cases: Vec<Case>) -> Suite {
    let (testcases, lines) = cases.into_iter().map(|case| (case.modelled, case.line)).unzip();
    let suite = TestSuite {
        name,
        package: names::plain(&benchmark.name),
        timestamp: started(&run.started),
        hostname: run.host.name.clone(),
        testcases,
        system_out: None,
        system_err: notices(run),
    };
    Suite { modelled: suite, lines, properties: properties(run, benchmark) }
}

/// Returns the run's notices, one per line, for the suite's standard error, which is displayed even where properties
/// are not.
fn notices(run: &Run) -> Option<String> {
    let lines = run.notices.iter().map(|notice| format!("notice: {}\n", escape::line(&notice.text)));
    (!run.notices.is_empty()).then(|| lines.collect())
}

/// Returns the start of the run, or the epoch if it cannot be parsed, since the schemas require a time.
fn started(text: &str) -> OffsetDateTime {
    OffsetDateTime::parse(text, &Rfc3339).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn case(class: &str, check: &Check, options: Options) -> io::Result<Case> {
    let name = format!("{} {}", check.id, check.title);
    let verdict = if check.is_skipped() { "skipped" } else { check.verdict.name() };
    let skipped = |cause: &str| TestCaseBuilder::skipped_with_cause(&name, verdict, cause);
    let objection = || lines::objection(check).unwrap_or_default();
    let failed = |cause: &str| {
        let mut case = TestCaseBuilder::failure(&name, Duration::ZERO, verdict, cause);
        case.set_trace(&format!("{cause}\n\n{}", check.remediation));
        case
    };
    let mut case = match (state(check), check.verdict) {
        (State::Pass, _) => TestCaseBuilder::success(&name, Duration::ZERO),
        (State::Fail, _) => failed(&objection()),
        (State::Warn, Verdict::Manual) => {
            skipped(&lines::sight(check).unwrap_or_else(|| "manual: requires a person's judgement".to_owned()))
        }
        (State::Warn, verdict) if options.fail_on.includes(verdict) => failed(&format!("not scored: {}", objection())),
        (State::Warn, _) => skipped(&format!("not scored: {}", objection())),
        (State::Info, _) => skipped(&lines::exemption(check).unwrap_or_default()),
    };
    case.set_classname(class);
    case.set_system_out(&json::check(check)?);
    let case = case.build();
    let is_placed = matches!(case.result, TestResult::Failure { .. }) && !options.strict_junit;
    let (filepath, line) = if is_placed { place(check) } else { (None, None) };
    Ok(Case { modelled: TestCase { filepath, ..case }, line })
}

/// Returns the file of the first violation, and the line if known; none if that is not in a file.
fn place(check: &Check) -> (Option<String>, Option<usize>) {
    let violation = check.evidence.iter().find(|evidence| evidence.violates);
    match violation.map(|evidence| &evidence.source) {
        Some(Source::Setting { path, line, .. }) => (Some(path.clone()), *line),
        Some(Source::File { path }) => (Some(path.clone()), None),
        _ => (None, None),
    }
}

/// Returns the properties of a suite. Names are unique: some readers reject a document in which one is repeated.
fn properties(run: &Run, benchmark: &Benchmark) -> Vec<(String, String)> {
    let mut properties: Vec<(String, String)> = [
        ("node", run.host.name.as_str()),
        ("benchmark", &benchmark.name),
        ("benchmark-digest", &benchmark.digest),
        ("profile", run.profile.as_ref().map_or("none", |profile| &profile.name)),
        ("platform", run.platform.as_ref().map_or("none", |platform| &platform.name)),
        ("kubernetes-version", run.kubernetes.version.as_deref().unwrap_or("none")),
        ("kubernetes-version-evidence", &run.kubernetes.evidence),
        ("benchmark-evidence", &benchmark.evidence),
        ("tool-version", &run.version),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    if let Some(platform) = &run.platform {
        properties.push(("platform-evidence".to_owned(), platform.evidence.join("; ")));
    }
    for (number, notice) in run.notices.iter().enumerate() {
        let before = run.notices.iter().take(number).filter(|other| other.code == notice.code).count();
        let repeated = if before == 0 { String::new() } else { format!(":{}", before + 1) };
        properties.push((format!("notice:{}{repeated}", notice.code), notice.text.clone()));
    }
    properties
}
