//! Gives a control the parameters of an index.

use std::collections::BTreeMap;

use super::{Comparison, Control, Expectation, FileCondition, Operator, SettingCondition, Value};

impl Control {
    /// The control as an index asks for it: every [`Value::Parameter`] becomes the given value, or the default.
    ///
    /// A condition whose operand comes to [`Value::Null`] stays and does not apply; a file's mode or owner that comes
    /// to nothing is dropped. Afterwards `unset` is the text `pass` or `fail`, and `parameters` holds the values that
    /// were taken, which is what [`super::text::render`] needs. Names that the control does not declare are ignored:
    /// loading refuses them.
    #[must_use]
    pub fn with(&self, given: &BTreeMap<String, Value>) -> Self {
        let parameters: BTreeMap<String, Value> = self
            .parameters
            .iter()
            .map(|(name, default)| (name.clone(), given.get(name).unwrap_or(default).clone()))
            .collect();
        let expect = self.expect.as_ref().map(|expectation| filled(expectation, &parameters));
        Self { parameters, expect, ..self.clone() }
    }
}

fn filled(expectation: &Expectation, parameters: &BTreeMap<String, Value>) -> Expectation {
    let value = |value: &Value| match value {
        Value::Parameter(name) => parameters.get(name).cloned().unwrap_or(Value::Null),
        other => other.clone(),
    };
    let parts = |parts: &[Expectation]| parts.iter().map(|part| filled(part, parameters)).collect();
    match expectation {
        Expectation::All(all) => Expectation::All(parts(all)),
        Expectation::Any(any) => Expectation::Any(parts(any)),
        Expectation::Setting(condition) => {
            let comparisons: Vec<Comparison> = condition
                .comparisons
                .iter()
                .map(|it| Comparison { operator: it.operator, operand: value(&it.operand) })
                .collect();
            let unset = match value(&condition.unset) {
                Value::Null => implied(&comparisons),
                given => given,
            };
            Expectation::Setting(SettingCondition { setting: condition.setting.clone(), comparisons, unset })
        }
        Expectation::File(condition) => Expectation::File(FileCondition {
            mode: condition.mode.as_ref().map(value).filter(|mode| *mode != Value::Null),
            owner: condition.owner.as_ref().map(value).filter(|owner| *owner != Value::Null),
            missing: condition.missing,
        }),
    }
}

/// What unset comes to where only `set` speaks of it.
fn implied(comparisons: &[Comparison]) -> Value {
    let absent_wanted = comparisons.iter().any(|it| it.operator == Operator::Set && it.operand == Value::Bool(false));
    Value::Text(if absent_wanted { "pass" } else { "fail" }.to_owned())
}
