//! Additional values of a setting, derived from the operators of its control.
//!
//! The meaning of each operator is implemented again here, as briefly as possible, from the table in
//! `benchmarks/README.md`: the program's own comparisons are being tested.

use definitions::SharedText;
use definitions::benchmark::{Comparison, Expectation, Operator, SettingCondition, Value as Operand};
use serde_yaml::Value;

use super::cis::Setting;
use super::mutant::Direction;

/// Adds the values derived from the control's operators.
pub fn add(setting: &mut Setting, expectation: &Expectation) {
    let Some(condition) = find(setting, expectation) else { return };
    for value in candidates(&condition.comparisons) {
        let direction = if condition.comparisons.iter().all(|condition| holds(condition, &value)) {
            Direction::Pass
        } else {
            Direction::Fail
        };
        if !setting.values(direction).contains(&value) {
            match direction {
                Direction::Pass => setting.good.push(value),
                Direction::Fail => setting.bad.push(value),
            }
        }
    }
}

/// Returns the control's condition on the setting. A single alternative in `any` determines nothing.
fn find<'e>(setting: &Setting, expectation: &'e Expectation) -> Option<&'e SettingCondition> {
    match expectation {
        Expectation::All(parts) => parts.iter().find_map(|part| find(setting, part)),
        Expectation::Setting(condition) => {
            let flag = condition.setting.flag.as_deref() == Some(&setting.flag);
            (flag && condition.setting.entry.as_deref() == setting.entry.as_deref()).then_some(condition)
        }
        Expectation::Any(_) | Expectation::File(_) => None,
    }
}

fn list<T: AsRef<str>>(items: &[T]) -> Value {
    Value::Sequence(items.iter().map(|item| Value::from(item.as_ref())).collect())
}

fn texts(operand: &Operand) -> Vec<String> {
    match operand {
        Operand::List(items) => items.iter().map(SharedText::to_string).collect(),
        other => vec![other.to_string()],
    }
}

fn candidates(comparisons: &[Comparison]) -> Vec<Value> {
    let mut values = Vec::new();
    for Comparison { operator, operand } in comparisons {
        match (operator, operand) {
            (_, Operand::Null) | (Operator::Set | Operator::DiffersFrom, _) => {}
            (Operator::Is, Operand::Bool(_)) => values.extend([Value::from(true), Value::from(false)]),
            (Operator::Is, Operand::Integer(number)) => {
                values.extend([*number, number + 1, number + 10_255].map(Value::from));
            }
            (Operator::AtLeast | Operator::AtMost, Operand::Integer(bound)) => {
                values.extend([bound - 1, *bound, bound + 1, bound * 10 + 7, bound / 10].map(Value::from));
            }
            (Operator::Is | Operator::IsNot, Operand::Text(text)) => {
                values.extend([text.to_string(), format!("{text}0"), format!("x{text}")].map(Value::from));
            }
            (Operator::Includes | Operator::Excludes, _) => {
                for item in texts(operand) {
                    let (longer, small) = (format!("{item}s"), item.to_lowercase());
                    values.extend([
                        list(&[&item]),
                        list(&["Neutral", &item]),
                        list(&[&item, "Neutral"]),
                        list(&["Neutral"]),
                        list(&[&longer]),
                        list(&["Neutral", &small]),
                    ]);
                }
            }
            (Operator::Only, _) => {
                let items = texts(operand);
                let (first, small) = (items[0].clone(), items[0].to_lowercase());
                values.extend(items.iter().map(|item| list(&[item])));
                values.extend([
                    list(&items),
                    list(&["Unheard-of"]),
                    list(&[first.as_str(), "Unheard-of"]),
                    list(&["Unheard-of", &first]),
                    list(&[small]),
                ]);
            }
            (Operator::Host, _) => {
                for host in texts(operand) {
                    let inside = if host.contains(':') { format!("[{host}]") } else { host.clone() };
                    values.extend([format!("{inside}:10249"), format!("{inside}:1"), host].map(Value::from));
                }
                values.extend(["127.0.0.11:10249", "10.127.0.0.1:80", "0.0.0.0", "[::2]:10249"].map(Value::from));
            }
            (Operator::IsNot, _) => {}
            (operator, operand) => panic!("no values are known for {operator:?} {operand:?}"),
        }
    }
    values
}

/// Whether a candidate satisfies the operator.
fn holds(Comparison { operator, operand }: &Comparison, value: &Value) -> bool {
    let wanted = texts(operand);
    let items: Vec<String> = match value {
        Value::Sequence(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        one => vec![word(one)],
    };
    let number = |bound: &Operand| match (bound, value.as_i64()) {
        (Operand::Integer(bound), Some(value)) => Some((*bound, value)),
        _ => None,
    };
    match operator {
        _ if *operand == Operand::Null => true,
        Operator::Is => word(value) == operand.to_string(),
        Operator::IsNot => word(value) != operand.to_string(),
        Operator::AtLeast => number(operand).is_some_and(|(bound, value)| value >= bound),
        Operator::AtMost => number(operand).is_some_and(|(bound, value)| value <= bound),
        Operator::Includes => wanted.iter().all(|item| items.contains(item)),
        Operator::Excludes => wanted.iter().all(|item| !items.contains(item)),
        Operator::Only => !items.is_empty() && items.iter().all(|item| wanted.contains(item)),
        Operator::Host => wanted.iter().any(|host| {
            let address = &items[0];
            address == host || address.starts_with(&format!("{host}:")) || address.starts_with(&format!("[{host}]:"))
        }),
        Operator::Set | Operator::DiffersFrom => true,
    }
}

/// Formats a value as one word on a command line.
pub fn word(value: &Value) -> String {
    match value {
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Sequence(items) => items.iter().map(word).collect::<Vec<_>>().join(","),
        other => panic!("{other:?} is no value of a setting"),
    }
}
