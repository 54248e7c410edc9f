//! Converts the expectations of definitions to the form that reports use.

use model::{Condition, FileKey, Requirement, Subject};

use super::said;
use definitions::SharedText;
use definitions::benchmark::{
    CertificateCondition, Comparison, Expectation, FileCondition, Missing, Operator, OwnedBy, PlaceName,
    SettingCondition, UnsetOutcome, Value,
};

/// Converts an expectation to the form that reports use.
pub fn expectation(expectation: &Expectation) -> model::Expectation {
    match expectation {
        Expectation::All(parts) => model::Expectation::All(parts.iter().map(self::expectation).collect()),
        Expectation::Any(parts) => model::Expectation::Any(parts.iter().map(self::expectation).collect()),
        Expectation::Setting(condition) => {
            model::Expectation::Setting { subject: subject(condition), requirement: setting(condition) }
        }
        Expectation::File(FileCondition { mode, owner, owned_by, certificate, says, missing }) => {
            model::Expectation::File {
                mode: mode.as_ref().map(Value::to_string),
                owner: owner.as_ref().map(Value::to_string),
                owned_by: owned_by.iter().map(user).collect(),
                certificate: certificate.as_ref().map(certificates),
                content: says.as_ref().map(|says| said::wanted(says).to_owned()),
                absent: *missing == Missing::Pass,
                optional: *missing == Missing::NotApplicable,
            }
        }
    }
}

/// A user who may own a file, as text.
pub(super) fn user(user: &OwnedBy) -> String {
    match user {
        OwnedBy::Named(name) => name.to_string(),
        OwnedBy::Numbered(number) => number.to_string(),
        OwnedBy::OwnerOf(PlaceName { component, place }) => format!("the owner of {component}.{place}"),
    }
}

fn subject(condition: &SettingCondition) -> Subject {
    let setting = &condition.setting;
    Subject {
        flag: setting.flag.as_ref().map(SharedText::to_string),
        key: setting.key.as_ref().map(SharedText::to_string),
        entry: setting.entry.as_ref().map(SharedText::to_string),
        file: setting.file.as_ref().map(|file| FileKey { file: file.named_by.to_string(), key: file.key.to_string() }),
    }
}

/// The comparisons that apply, which are those with an operand.
pub(super) fn applying(comparisons: &[Comparison]) -> impl Iterator<Item = &Comparison> {
    comparisons.iter().filter(|comparison| comparison.operand != Value::Null)
}

/// The outcome for an unset value: failure unless the definition says otherwise.
pub(super) fn unset(condition: &SettingCondition) -> UnsetOutcome {
    let wanted_unset = applying(&condition.comparisons)
        .any(|comparison| comparison.operator == Operator::Set && comparison.operand == Value::Bool(false));
    match &condition.unset {
        Value::Text(text) if text == "pass" => UnsetOutcome::Pass,
        Value::Null if wanted_unset => UnsetOutcome::Pass,
        _ => UnsetOutcome::Fail,
    }
}

/// The requirement on a setting.
pub(super) fn setting(condition: &SettingCondition) -> Requirement {
    let says_unset = applying(&condition.comparisons).any(|comparison| comparison.operator == Operator::Set);
    Requirement {
        conditions: applying(&condition.comparisons).map(compared).collect(),
        or_not_set: unset(condition) == UnsetOutcome::Pass && !says_unset,
    }
}

fn compared(comparison: &Comparison) -> Condition {
    let operator = match comparison.operator {
        Operator::Is => model::Operator::Is,
        Operator::IsNot => model::Operator::IsNot,
        Operator::AtLeast => model::Operator::AtLeast,
        Operator::AtMost => model::Operator::AtMost,
        Operator::Includes => model::Operator::Includes,
        Operator::Excludes => model::Operator::Excludes,
        Operator::Only => model::Operator::Only,
        Operator::Host => model::Operator::Host,
        Operator::Set => model::Operator::Set,
        Operator::DiffersFrom => model::Operator::DiffersFrom,
    };
    let value = match &comparison.operand {
        Value::Bool(truth) => model::Value::Bool(*truth),
        Value::Integer(number) => model::Value::Integer(*number),
        Value::List(items) => model::Value::List(items.iter().map(SharedText::to_string).collect()),
        other => model::Value::Text(other.to_string()),
    };
    Condition { operator, value }
}

/// Requires that a mode has no bits other than those of `at_most`.
pub(super) fn mode(at_most: String) -> Requirement {
    one(model::Operator::ModeAtMost, model::Value::Text(at_most))
}

/// Requires this owner.
pub(super) fn owner(owner: String) -> Requirement {
    one(model::Operator::Is, model::Value::Text(owner))
}

/// Requires one of these users as the owner.
pub(super) fn owned_by(users: Vec<String>) -> Requirement {
    one(model::Operator::OwnedBy, model::Value::List(users))
}

/// Requires that a file exists, or that it does not.
pub(super) fn a_file(is_there: bool) -> Requirement {
    one(model::Operator::Exists, model::Value::Bool(is_there))
}

/// The number of days for which a certificate must still be valid; CA certificates may have a limit of their own.
pub(super) fn days_left(condition: &CertificateCondition, is_ca: bool) -> i64 {
    let days = |value: &Option<Value>| match value {
        Some(Value::Integer(days)) => Some(*days),
        _ => None,
    };
    let own = if is_ca { days(&condition.ca_days_left) } else { None };
    own.or_else(|| days(&condition.days_left)).unwrap_or(0)
}

/// The requirement on all certificates.
fn certificates(condition: &CertificateCondition) -> Requirement {
    let Requirement { mut conditions, or_not_set } = certificate(condition, false);
    if let Some(Value::Integer(days)) = condition.ca_days_left {
        let of_cas = Condition { operator: model::Operator::CaDaysLeft, value: model::Value::Integer(days) };
        conditions.insert(1, of_cas);
    }
    Requirement { conditions, or_not_set }
}

/// The requirement on one certificate: the days left, and the group in its subject.
pub(super) fn certificate(condition: &CertificateCondition, is_ca: bool) -> Requirement {
    let mut required = one(model::Operator::DaysLeft, model::Value::Integer(days_left(condition, is_ca)));
    let group = condition.subject_group.as_ref().filter(|_| !is_ca);
    required.conditions.extend(group.map(|group| Condition {
        operator: model::Operator::SubjectGroup,
        value: model::Value::Text(group.to_string()),
    }));
    required
}

fn one(operator: model::Operator, value: model::Value) -> Requirement {
    Requirement { conditions: vec![Condition { operator, value }], or_not_set: false }
}
