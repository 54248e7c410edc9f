//! Substitutes a benchmark's parameters into a control.

use std::collections::BTreeMap;

use super::{CertificateCondition, Comparison, Control, Expectation, FileCondition, Operator, SettingCondition, Value};
use crate::SharedText;

impl Control {
    /// Returns the control with every [`Value::Parameter`] replaced by the given value, or by the parameter's default.
    ///
    /// A comparison whose operand becomes [`Value::Null`] is kept but ignored; a file's mode or owner that becomes null
    /// is dropped. Afterwards `unset` is the text `pass` or `fail`, and `parameters` contains the values used, as
    /// [`super::text::render`] needs them. Names that the control does not declare are ignored: loading refuses them.
    #[must_use]
    pub fn with(&self, given: &BTreeMap<SharedText, Value>) -> Self {
        let mut control = self.clone();
        control.fill(given);
        control
    }

    /// Like [`Self::with`], in place.
    pub fn fill(&mut self, given: &BTreeMap<SharedText, Value>) {
        for (name, value) in &mut self.parameters {
            if let Some(given) = given.get(name) {
                value.clone_from(given);
            }
        }
        self.expect = self.expect.take().map(|expectation| filled(expectation, &self.parameters));
    }
}

fn filled(expectation: Expectation, parameters: &BTreeMap<SharedText, Value>) -> Expectation {
    let value = |value: Value| match value {
        Value::Parameter(name) => parameters.get(&name).cloned().unwrap_or(Value::Null),
        other => other,
    };
    let parts = |parts: Vec<Expectation>| parts.into_iter().map(|part| filled(part, parameters)).collect();
    match expectation {
        Expectation::All(all) => Expectation::All(parts(all)),
        Expectation::Any(any) => Expectation::Any(parts(any)),
        Expectation::Setting(SettingCondition { setting, comparisons, unset }) => {
            let comparisons: Vec<Comparison> =
                comparisons.into_iter().map(|it| Comparison { operand: value(it.operand), ..it }).collect();
            let unset = match value(unset) {
                Value::Null => implied(&comparisons),
                given => given,
            };
            Expectation::Setting(SettingCondition { setting, comparisons, unset })
        }
        Expectation::File(FileCondition { mode, owner, owned_by, certificate, says, missing }) => {
            let given = |operand: Option<Value>| operand.map(value).filter(|operand| *operand != Value::Null);
            let certificate = certificate.map(|CertificateCondition { days_left, ca_days_left, subject_group }| {
                let (days_left, ca_days_left) = (given(days_left), given(ca_days_left));
                CertificateCondition { days_left, ca_days_left, subject_group: given(subject_group) }
            });
            let (mode, owner) = (given(mode), given(owner));
            Expectation::File(FileCondition { mode, owner, owned_by, certificate, says, missing })
        }
    }
}

/// Returns the outcome for an unset setting that a `set` comparison implies.
fn implied(comparisons: &[Comparison]) -> Value {
    let absent_wanted = comparisons.iter().any(|it| it.operator == Operator::Set && it.operand == Value::Bool(false));
    Value::Text(if absent_wanted { "pass" } else { "fail" }.into())
}
