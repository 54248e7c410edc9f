//! Compares a value with a condition, according to the value's type.

use std::time::Duration;

use crate::component::{DocumentValue, Given, parse_boolean, parse_duration, parse_integer, suite_name};
use definitions::SharedText;
use definitions::benchmark::{Comparison, Operator, Value};

/// Whether `given` satisfies `condition`.
///
/// # Errors
///
/// Returns an error that says what is wrong if the value is not of the operand's type: `not a boolean`.
pub(super) fn satisfied(condition: &Comparison, given: &Given) -> Result<bool, String> {
    match condition.operator {
        Operator::Is => equal(given, &condition.operand),
        Operator::IsNot => equal(given, &condition.operand).map(|equal| !equal),
        Operator::AtLeast => {
            compare(given, &condition.operand).map(|order| order.is_none_or(std::cmp::Ordering::is_ge))
        }
        Operator::AtMost => compare(given, &condition.operand).map(|order| order.is_none_or(std::cmp::Ordering::is_le)),
        Operator::Includes => {
            let items = given.items();
            Ok(texts(&condition.operand).iter().all(|wanted| holds(&items, wanted)))
        }
        Operator::Excludes => {
            let items = given.items();
            Ok(!texts(&condition.operand).iter().any(|unwanted| holds(&items, unwanted)))
        }
        Operator::Only => Ok(!given.items().is_empty() && beyond(condition, given).is_empty()),
        Operator::Host => {
            let hosts = texts(&condition.operand);
            Ok(given.items().iter().all(|address| hosts.iter().any(|host| host == host_of(address))))
        }
        Operator::Set => Ok(condition.operand != Value::Bool(given.is_empty())),
        // Needs the other component, so the caller compares.
        Operator::DiffersFrom => Ok(true),
    }
}

/// The items of `given` that are not in the condition's list.
pub(super) fn beyond(condition: &Comparison, given: &Given) -> Vec<String> {
    let allowed = texts(&condition.operand);
    given.items().into_iter().filter(|item| !holds(&allowed, item)).collect()
}

/// Whether a list contains an item, under any of its names.
fn holds(items: &[impl AsRef<str>], wanted: &str) -> bool {
    items.iter().any(|item| suite_name(item.as_ref()) == suite_name(wanted))
}

/// The host part of an address: `127.0.0.1` for `127.0.0.1:10249`, `::1` for `[::1]:10249`, and `unix` for a Unix
/// socket.
fn host_of(address: &str) -> &str {
    if address.starts_with("unix:") {
        return "unix";
    }
    if let Some(rest) = address.strip_prefix('[') {
        return rest.split(']').next().unwrap_or(rest);
    }
    match address.split_once(':') {
        // A bare IPv6 address has more than one colon and no port.
        Some((host, port)) if !port.contains(':') => host,
        _ => address,
    }
}

fn texts(operand: &Value) -> Vec<SharedText> {
    match operand {
        Value::List(items) => items.clone(),
        Value::Null => Vec::new(),
        other => vec![other.to_string().into()],
    }
}

fn equal(given: &Given, operand: &Value) -> Result<bool, String> {
    match operand {
        Value::Bool(expected) => boolean(given).map(|value| value == *expected),
        Value::Integer(expected) => match number_or_length(given)? {
            Quantity::Number(value) => Ok(value == *expected),
            // A duration equals a number only if both are zero.
            Quantity::Length(value) => Ok(*expected == 0 && value.is_zero()),
        },
        other => Ok(suite_name(&given.text()) == suite_name(&other.to_string())),
    }
}

fn boolean(given: &Given) -> Result<bool, String> {
    let value = match given {
        Given::Word { text, .. } => parse_boolean(text),
        Given::Values(values) => match values.as_slice() {
            [value] => match value.value {
                DocumentValue::Bool(value) => Some(value),
                _ => None,
            },
            _ => None,
        },
    };
    value.ok_or_else(|| "not a boolean".to_owned())
}

enum Quantity {
    Number(i64),
    Length(Duration),
}

fn number_or_length(given: &Given) -> Result<Quantity, String> {
    let quantity = match given {
        Given::Word { text, .. } => parse_integer(text).map(Quantity::Number).or_else(|| length(text)),
        Given::Values(values) => match values.as_slice() {
            [value] => match &value.value {
                DocumentValue::Integer(number) => Some(Quantity::Number(*number)),
                DocumentValue::Text(text) => length(text),
                _ => None,
            },
            _ => None,
        },
    };
    quantity.ok_or_else(|| "not a number".to_owned())
}

/// Parses a duration. A negative one counts as zero, since components treat it as unlimited or reject it.
fn length(text: &str) -> Option<Quantity> {
    parse_duration(text).map(|(negative, length)| Quantity::Length(if negative { Duration::ZERO } else { length }))
}

/// Compares the value with the operand; `None` if the condition does not apply.
fn compare(given: &Given, operand: &Value) -> Result<Option<std::cmp::Ordering>, String> {
    match operand {
        Value::Integer(bound) => match number_or_length(given)? {
            Quantity::Number(value) => Ok(Some(value.cmp(bound))),
            Quantity::Length(_) => Err("a duration, not a number".to_owned()),
        },
        Value::Text(text) => {
            let Some((_, bound)) = parse_duration(text) else { return Err(format!("{text}: not a duration")) };
            match number_or_length(given)? {
                Quantity::Length(value) => Ok(Some(value.cmp(&bound))),
                Quantity::Number(0) => Ok(Some(Duration::ZERO.cmp(&bound))),
                Quantity::Number(_) => Err("not a duration".to_owned()),
            }
        }
        _ => Ok(None),
    }
}
