//! Converts the results of rule files to the common report model.

use std::collections::BTreeSet;

use model::{
    Assessment, Cause, Check, Disposition, Evidence, Expectation, Found, Group, LookedAt, Place, Reason, Schema, Skip,
    Source, Target, Verdict,
};

use super::outcome::{Changed, CheckOutcome, ControlsOutcome, Report};
use crate::report::State;

/// Returns the report of a run over rule files; `run` describes the node and the invocation. A target that was run
/// twice appears once.
pub fn reported(report: &Report, run: model::Run) -> model::Report {
    let mut known = BTreeSet::new();
    let controls = report.controls.iter().filter(|controls| known.insert(&controls.target));
    model::Report { schema: Schema, run, targets: controls.map(target).collect() }
}

fn target(controls: &ControlsOutcome) -> Target {
    let group = |group: &super::GroupOutcome| Group {
        id: group.id.clone(),
        title: group.text.clone(),
        checks: group.checks.iter().map(check).collect(),
    };
    Target {
        name: controls.target.clone(),
        benchmark: None,
        id: controls.id.clone(),
        title: controls.text.clone(),
        groups: controls.groups.iter().map(group).collect(),
    }
}

fn check(outcome: &CheckOutcome) -> Check {
    let (title, assessment) = assessed(&outcome.text);
    let is_skipped = outcome.status == State::Info && outcome.changed.is_none();
    let verdict = verdict(outcome);
    Check {
        id: outcome.id.clone(),
        control: None,
        title: title.to_owned(),
        level: None,
        severity: None,
        scored: outcome.scored,
        assessment,
        verdict,
        reason: if is_skipped { Some(not_evaluated()) } else { reason(outcome) },
        disposition: if is_skipped { Disposition::Skipped } else { Disposition::Counted },
        skip: is_skipped.then(|| Skip {
            profile: None,
            reason: outcome.reason.clone(),
            source: None,
            guide_ids: Vec::new(),
        }),
        looked_at: Some(LookedAt::Audit {
            audit: outcome.audit.clone(),
            environment: outcome.audit_env.clone(),
            configuration: outcome.audit_config.clone(),
            each_line: outcome.multiple,
        }),
        expected: Some(&outcome.expected_result)
            .filter(|phrase| !phrase.is_empty())
            .map(|phrase| Expectation::Phrase(phrase.clone())),
        evidence: Some(&outcome.actual_value)
            .filter(|printed| !printed.is_empty())
            .map(|printed| Evidence {
                source: Source::Audit,
                found: Found::Output(printed.clone()),
                expected: None,
                violates: verdict == Verdict::Fail,
            })
            .into_iter()
            .collect(),
        remediation: outcome.remediation.clone(),
        defined_at: Some(Place { file: outcome.file.clone(), line: outcome.line }),
        replaces: outcome.changed.as_ref().map(|changed| match (changed.was, outcome.scored) {
            (State::Pass, _) => Verdict::Pass,
            _ => Verdict::Fail,
        }),
    }
}

/// Splits a title from the assessment in parentheses at its end.
fn assessed(text: &str) -> (&str, Option<Assessment>) {
    for assessment in [Assessment::Automated, Assessment::Manual] {
        let bracketed = text.strip_suffix(')').and_then(|text| text.strip_suffix(assessment.name()));
        if let Some(title) = bracketed.and_then(|text| text.strip_suffix(" (")) {
            return (title, Some(assessment));
        }
    }
    (text, None)
}

fn verdict(outcome: &CheckOutcome) -> Verdict {
    match outcome.verdict() {
        "pass" => Verdict::Pass,
        "fail" => Verdict::Fail,
        "manual" => Verdict::Manual,
        "not-applicable" => Verdict::NotApplicable,
        // A skipped check is not evaluated: its audit may be any script.
        _ => Verdict::Unknown,
    }
}

fn not_evaluated() -> Reason {
    let detail = "skipped, and its audit is not run".to_owned();
    Reason { cause: Cause::NotEvaluated, subject: String::new(), detail }
}

fn reason(outcome: &CheckOutcome) -> Option<Reason> {
    let (cause, subject) = match (&outcome.changed, &outcome.not_run) {
        (Some(Changed { .. }), _) => (Cause::Strict, String::new()),
        (None, Some(command)) => (Cause::CommandNotRun, command.clone().unwrap_or_default()),
        (None, None) => (Cause::Audit, String::new()),
    };
    let is_needed = matches!(verdict(outcome), Verdict::Unknown | Verdict::NotApplicable);
    (is_needed || !outcome.reason.is_empty()).then(|| Reason { cause, subject, detail: outcome.reason.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_behind_a_title_is_known() {
        let table = [
            ("A is set (Automated)", ("A is set", Some(Assessment::Automated))),
            ("A is set (Manual)", ("A is set", Some(Assessment::Manual))),
            ("A is set (manual)", ("A is set (manual)", None)),
            ("A is set(Manual)", ("A is set(Manual)", None)),
            ("", ("", None)),
        ];
        for (text, expected) in table {
            assert_eq!(assessed(text), expected, "{text}");
        }
    }
}
