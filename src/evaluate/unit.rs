//! Judges the systemd unit that runs a component against an expectation.

use model::{Evidence, Found, LookedAt, Note, Source};

use crate::collect::observations::Observations;
use crate::collect::run_by::RunBy;
use crate::component::{Assigned, Assignment, Given, parse_unit_boolean};
use definitions::SharedText;
use definitions::benchmark::{Comparison, Component, Expectation, Operator, SettingCondition, UnsetOutcome, Value};
use probe::{Observed, Reason};

use super::condition::satisfied;
use super::expected;
use super::judgement::Judgement;

/// The maximum number of assignments of one setting to list.
const LISTED: usize = 20;

/// Judges every unit that runs the component: one violation is enough to fail. `None` if all of the component's
/// processes run in containers.
pub(super) fn judge(
    expectation: &Expectation,
    component: &Component,
    observations: &Observations<'_>,
) -> Option<Judgement> {
    let units = units(component, observations);
    let judgements = units.iter().map(|run_by| judge_unit(expectation, component, run_by)).collect();
    (!units.is_empty()).then(|| Judgement::all(judgements))
}

fn units<'s>(component: &Component, observations: &'s Observations<'_>) -> &'s [RunBy] {
    observations.units.get(component.key.as_str()).map_or(&[], Vec::as_slice)
}

fn judge_unit(expectation: &Expectation, component: &Component, run_by: &RunBy) -> Judgement {
    let parts = |parts: &[Expectation]| parts.iter().map(|part| judge_unit(part, component, run_by)).collect();
    match expectation {
        Expectation::All(all) => Judgement::all(parts(all)),
        Expectation::Any(any) => Judgement::any(parts(any)),
        Expectation::Setting(condition) => judge_setting(condition, component, run_by),
        // The loader allows file expectations only for an audit of files.
        Expectation::File(_) => Judgement::all(Vec::new()),
    }
}

fn judge_setting(condition: &SettingCondition, component: &Component, run_by: &RunBy) -> Judgement {
    let key = condition.setting.key.clone().unwrap_or_default();
    let unit = match &run_by.unit {
        Observed::Unknown(why) => return Judgement::unknown(Reason::clone(why)),
        Observed::Present(unit) => unit,
        Observed::Absent => {
            let source = Source::Component { component: component.name.to_string() };
            return unset(condition, source, without_unit(run_by));
        }
    };
    match unit.read(&key) {
        Assigned::Never => {
            let unit = run_by.name.clone().unwrap_or_default();
            let found = Found::NotSet { default: None, given: None, nor_in: None };
            unset(condition, Source::Default { component: unit, process: None, setting: key.to_string() }, found)
        }
        Assigned::Emptied(by) => unset(condition, source(by), Found::Empty),
        Assigned::As(all) => judge_assigned(condition, &all),
    }
}

/// What was found instead of a unit.
fn without_unit(run_by: &RunBy) -> Found {
    match &run_by.name {
        Some(name) => Found::NoUnit { name: name.clone() },
        None => Found::NoService { processes: run_by.pids.clone(), more: 0 },
    }
}

fn unset(condition: &SettingCondition, source: Source, found: Found) -> Judgement {
    let passes = expected::unset(condition) == UnsetOutcome::Pass;
    Judgement::new(passes, Evidence { source, found, expected: Some(expected::setting(condition)), violates: !passes })
}

fn judge_assigned(condition: &SettingCondition, all: &[&Assignment]) -> Judgement {
    let items: Vec<String> = all.iter().flat_map(|assignment| assignment.words()).collect();
    let last = all.last().map_or("", |assignment| assignment.value.as_str());
    let mut passes = true;
    let mut problem = None;
    for condition in expected::applying(&condition.comparisons) {
        match satisfied(condition, &given(condition, last, &items)) {
            Ok(holds) => passes &= holds,
            Err(wrong) => {
                passes = false;
                problem.get_or_insert(Note::Malformed(wrong));
            }
        }
    }
    // For a list, every assignment counts; for anything else, only the last one.
    let is_list = expected::applying(&condition.comparisons).any(|condition| of_items(condition.operator));
    let counting = if is_list { all } else { all.get(all.len().saturating_sub(1)..).unwrap_or_default() };
    let evidence = counting.iter().rev().take(LISTED).rev().map(|assignment| {
        // Continuation lines are shown as one line.
        let value = assignment.value.split_whitespace().collect::<Vec<_>>().join(" ");
        let found = Found::Value { value, notes: problem.iter().cloned().collect() };
        let expected = Some(expected::setting(condition));
        Evidence { source: source(assignment), found, expected, violates: !passes }
    });
    let parts = evidence.map(|evidence| Judgement::new(passes, evidence)).collect();
    Judgement::all(parts)
}

/// The value in the form in which the condition compares it: systemd has its own boolean values.
fn given(condition: &Comparison, last: &str, items: &[String]) -> Given {
    let text = match (&condition.operand, parse_unit_boolean(last)) {
        (Value::Bool(_), Some(truth)) if !matches!(condition.operator, Operator::Set) => truth.to_string(),
        _ => last.to_owned(),
    };
    Given::Word { text, items: items.to_vec() }
}

const fn of_items(operator: Operator) -> bool {
    matches!(operator, Operator::Includes | Operator::Excludes | Operator::Only)
}

fn source(assignment: &Assignment) -> Source {
    Source::Setting {
        path: assignment.file.to_string(),
        line: Some(assignment.line),
        key: format!("{}.{}", assignment.section, assignment.name),
    }
}

/// The keys and units that were checked.
pub(super) fn looked_at(expectation: &Expectation, component: &Component, observations: &Observations<'_>) -> LookedAt {
    let mut keys: Vec<String> = Vec::new();
    for key in expectation.settings().into_iter().filter_map(|condition| condition.setting.key.as_ref()) {
        if !keys.iter().any(|known| key == known) {
            keys.push(key.to_string());
        }
    }
    let units = units(component, observations).iter().filter_map(|run_by| run_by.name.clone());
    let mut units: Vec<String> = units.collect();
    if units.is_empty() {
        units.extend(component.unit.as_ref().map(SharedText::to_string));
    }
    LookedAt::Unit { keys, units, more: 0 }
}
