//! Comparison of two values in a condition.

use crate::kube_bench::document::Value;

use super::{Comparison, Found};

/// Compares two values of the same type. Returns an error for different types, including an integer and a float.
pub(super) fn compare(left: Found<'_>, how: &Comparison, right: Found<'_>) -> Result<bool, String> {
    let text = |found| match found {
        Found::Text(text) => Some(text),
        Found::Value(Value::Text(text)) => Some(text.as_str()),
        Found::Value(_) | Found::Byte(_) | Found::Nothing => None,
    };
    if let Comparison::Unknown(signs) = how {
        return Err(format!("{signs} compares nothing"));
    }
    let order = match (left, right) {
        (Found::Value(Value::Whole(left)), Found::Value(Value::Whole(right))) => {
            // Go represents larger integers with a different type.
            let number = |text: &str| text.parse::<i64>().ok();
            let (left, right) = number(left).zip(number(right)).ok_or("values of different types are compared")?;
            Some(left.cmp(&right))
        }
        (Found::Value(Value::Number(left)), Found::Value(Value::Number(right))) => left.partial_cmp(right),
        (Found::Value(Value::Boolean(left)), Found::Value(Value::Boolean(right))) => {
            if !matches!(how, Comparison::Equal | Comparison::NotEqual) {
                return Err("booleans are compared by size".to_owned());
            }
            Some(left.cmp(right))
        }
        (Found::Byte(left), Found::Byte(right)) => Some(left.cmp(&right)),
        _ => match text(left).zip(text(right)) {
            Some((left, right)) => Some(left.cmp(right)),
            None => return Err("values of different types are compared".to_owned()),
        },
    };
    // NaN is unequal to everything, and neither less nor greater.
    let Some(order) = order else { return Ok(*how == Comparison::NotEqual) };
    Ok(match how {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::Greater => order.is_gt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::GreaterOrEqual => order.is_ge(),
        Comparison::Unknown(_) => false,
    })
}
