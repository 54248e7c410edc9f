//! Runs a check on a node: its audits and test items.

use std::rc::Rc;

use super::auditor::{Failure, Memory, Printed};
use super::document;
use super::item::{ItemOutcome, Origin, judge};
use super::outcome::CheckOutcome;
use super::quote::quoted;
use super::rules::{Check, Tests};
use crate::report::State;

/// The exit status of a shell for a command that is not found.
const NOT_FOUND: i32 = 127;

/// The outputs of a check's audits.
struct Outputs {
    audit: Printed,
    config: Printed,
    environment: Printed,
}

/// Runs a check; with `skipped`, only reports it.
pub(super) fn run(check: &Check, file: &str, skipped: bool, audits: &Memory<'_>) -> CheckOutcome {
    let kind = if skipped { "skip" } else { &check.kind };
    let not_as_it_should_be = if check.scored { State::Fail } else { State::Warn };
    let mut outcome = CheckOutcome {
        id: check.id.clone(),
        text: check.text.clone(),
        audit: check.audit.clone(),
        audit_env: check.audit_env.clone(),
        audit_config: check.audit_config.clone(),
        kind: kind.to_owned(),
        remediation: check.remediation.clone(),
        status: not_as_it_should_be,
        actual_value: Rc::default(),
        scored: check.scored,
        multiple: check.multiple,
        expected_result: String::new(),
        reason: String::new(),
        looked_at_by_hand: false,
        not_run: None,
        changed: None,
        file: file.to_owned(),
        line: check.line,
    };
    let mut left = |status: State, reason: &str| {
        outcome.status = status;
        outcome.looked_at_by_hand = status == State::Warn;
        reason.clone_into(&mut outcome.reason);
    };
    match (&check.tests, kind) {
        (None, kind) if check.scored && kind.trim().is_empty() => left(State::Warn, "There are no tests"),
        (_, "skip") => left(State::Info, "Test marked as skip"),
        (_, "manual") => left(State::Warn, "Test marked as a manual test"),
        (Some(tests), _) if !tests.items.is_empty() => match outputs(check, audits) {
            Ok(outputs) => judge_all(check, tests, &outputs, &mut outcome),
            Err((script, Failure::Failed { output, status })) => outcome.reason = failed(script, &output, status),
            Err((_, Failure::NotRun { command, reason })) => {
                outcome.reason = reason;
                outcome.not_run = Some(command);
            }
        },
        _ => left(not_as_it_should_be, "No tests defined"),
    }
    outcome
}

/// Runs the audits: for the environment, the check itself and the configuration. The first failure ends the check,
/// except that a missing configuration does not matter if another audit printed something.
fn outputs<'c>(check: &'c Check, audits: &Memory<'_>) -> Result<Outputs, (&'c str, Failure)> {
    let output = |script: &'c str| audits.audit(script).map_err(|failure| (script, failure));
    let environment = output(&check.audit_env)?;
    let audit = output(&check.audit)?;
    let config = match output(&check.audit_config) {
        Err((_, Failure::Failed { output, status }))
            if (status == NOT_FOUND || output.contains("No such file or directory"))
                && (environment.is_there || audit.is_there) =>
        {
            Printed::default()
        }
        config => config?,
    };
    if let Some(reason) = document::too_large(&config.text) {
        return Err((&check.audit_config, Failure::NotRun { command: None, reason }));
    }
    Ok(Outputs { audit, config, environment })
}

/// kube-bench's message for a failed audit.
fn failed(script: &str, output: &str, status: i32) -> String {
    let (script, output) = (quoted(script.trim()), quoted(output));
    format!("failed to run: {script}, output: {output}, error: exit status {status}")
}

fn judge_all(check: &Check, tests: &Tests, outputs: &Outputs, outcome: &mut CheckOutcome) {
    let items: Vec<ItemOutcome> = tests
        .items
        .iter()
        .map(|item| {
            let judge = |origin, printed: &Printed| judge(item, origin, check.multiple, &printed.text);
            let mut result = judge(Origin::Audit, &outputs.audit);
            if !result.found && outputs.config.is_there {
                result = judge(Origin::Config, &outputs.config);
            }
            if !result.found && !item.env.is_empty() {
                result = judge(Origin::Environment, &outputs.environment);
            }
            result
        })
        .collect();
    let (holds, word) = match tests.bin_op.as_str() {
        "" | "and" => (items.iter().all(|item| item.holds), " AND "),
        "or" => (items.iter().any(|item| item.holds), " OR "),
        other => {
            outcome.reason = format!("unknown binary operator for tests {other}");
            outcome.actual_value = format!("{}\n", outcome.reason).into();
            return;
        }
    };
    if holds {
        outcome.status = State::Pass;
    }
    outcome.expected_result = items.iter().map(|item| item.expected.as_str()).collect::<Vec<_>>().join(word);
    outcome.actual_value = items.into_iter().next().map(|item| item.actual).unwrap_or_default();
}
