//! What was expected, in words: for people, and in kube-bench's phrases for those who parse them.

use definitions::benchmark::{Demand, Expectation, FileDemand, Missing, Operator, Outcome, SettingDemand, Value};

/// The demands that apply.
pub(super) fn applying(demands: &[Demand]) -> impl Iterator<Item = &Demand> {
    demands.iter().filter(|demand| demand.operand != Value::Null)
}

/// What an unset value comes to; failure where the definition does not say.
pub(super) fn unset(demand: &SettingDemand) -> Outcome {
    let wanted_unset = applying(&demand.demands)
        .any(|demand| demand.operator == Operator::Set && demand.operand == Value::Bool(false));
    match &demand.unset {
        Value::Text(text) if text == "pass" => Outcome::Pass,
        Value::Null if wanted_unset => Outcome::Pass,
        _ => Outcome::Fail,
    }
}

/// What is expected of a setting, for people: `30 or more`, `false or not set`.
///
/// It stands beside what was found, where a long list would hide that.
pub(super) fn expected_in_short(demand: &SettingDemand) -> String {
    expected_as(demand, |demand| match long_list(demand) {
        Some(items) => format!("nothing but the {} that are accepted", items.len()),
        None => in_words(demand),
    })
}

/// What a demand accepts, where that is more than one reads in a line.
fn long_list(demand: &Demand) -> Option<&[String]> {
    const LISTED: usize = 4;
    match (&demand.operator, &demand.operand) {
        (Operator::Only, Value::List(items)) if items.len() > LISTED => Some(items),
        _ => None,
    }
}

/// The lists that [`expectation_in_words`] only counts.
pub fn long_lists(expectation: &Expectation) -> Vec<&[String]> {
    match expectation {
        Expectation::All(parts) | Expectation::Any(parts) => parts.iter().flat_map(long_lists).collect(),
        Expectation::Setting(demand) => applying(&demand.demands).filter_map(long_list).collect(),
        Expectation::File(_) => Vec::new(),
    }
}

fn expected_as(demand: &SettingDemand, in_words: impl Fn(&Demand) -> String) -> String {
    let bound = |operator: Operator| applying(&demand.demands).find(move |demand| demand.operator == operator);
    let words = match (bound(Operator::AtLeast), bound(Operator::AtMost)) {
        // The one number that both bounds leave.
        (Some(least), Some(most)) if least.operand == most.operand && applying(&demand.demands).count() == 2 => {
            least.operand.to_string()
        }
        _ => applying(&demand.demands).map(in_words).collect::<Vec<_>>().join(" and "),
    };
    let is_presence = applying(&demand.demands).any(|demand| demand.operator == Operator::Set);
    if unset(demand) == Outcome::Pass && !is_presence { format!("{words}, or not set") } else { words }
}

fn in_words(demand: &Demand) -> String {
    let value = demand.operand.to_string();
    match demand.operator {
        Operator::Is => value,
        Operator::IsNot => format!("not {value}"),
        Operator::AtLeast => format!("{value} or more"),
        Operator::AtMost => format!("{value} or less"),
        Operator::Includes => format!("{value} in the list"),
        Operator::Excludes => format!("no {value} in the list"),
        Operator::Only => format!("nothing but {}", value.replace(',', ", ")),
        Operator::Host => format!("an address of {}", value.replace(',', ", ")),
        Operator::Set if demand.operand == Value::Bool(false) => "not set".to_owned(),
        Operator::Set => "set".to_owned(),
        Operator::DiffersFrom => format!("another value than that of {value}"),
    }
}

/// What is expected of a file, for people.
pub(super) fn expected_mode(at_most: &str) -> String {
    format!("{at_most} or stricter")
}

/// An expectation in kube-bench's phrases: `'--profiling' is equal to 'false'`.
pub(super) fn phrase(expectation: &Expectation) -> String {
    match expectation {
        Expectation::All(parts) => parts.iter().map(phrase).collect::<Vec<_>>().join(" AND "),
        Expectation::Any(parts) => parts.iter().map(phrase).collect::<Vec<_>>().join(" OR "),
        Expectation::Setting(demand) => setting_phrase(demand),
        Expectation::File(demand) => file_phrase(demand, None),
    }
}

fn setting_phrase(demand: &SettingDemand) -> String {
    let setting = &demand.setting;
    let name = match (&setting.flag, &setting.entry, &setting.key, &setting.file) {
        (Some(flag), _, _, _) => flag.clone(),
        (None, Some(entry), Some(key), _) => format!("{{.{key}.{entry}}}"),
        (None, None, Some(key), _) => format!("{{.{key}}}"),
        (None, _, None, Some(file)) => file.named_by.clone(),
        (None, _, None, None) => String::new(),
    };
    let entry = setting.entry.as_ref().map_or_else(String::new, |entry| format!("{entry}="));
    let phrases: Vec<String> = applying(&demand.demands)
        .map(|demand| {
            let value = demand.operand.to_string();
            match demand.operator {
                Operator::Is if !entry.is_empty() => format!("'{name}' has '{entry}{value}'"),
                Operator::Is => format!("'{name}' is equal to '{value}'"),
                Operator::IsNot => format!("'{name}' is not equal to '{value}'"),
                Operator::AtLeast => format!("'{name}' is greater or equal to {value}"),
                Operator::AtMost => format!("'{name}' is lower or equal to {value}"),
                Operator::Includes | Operator::Host => format!("'{name}' has '{value}'"),
                Operator::Excludes => format!("'{name}' does not have '{value}'"),
                Operator::Only => format!("'{name}' contains valid elements from '{value}'"),
                Operator::Set if demand.operand == Value::Bool(false) => format!("'{name}' is not present"),
                Operator::Set => format!("'{name}' is present"),
                Operator::DiffersFrom => format!("'{name}' is not equal to that of '{value}'"),
            }
        })
        .collect();
    let phrases = phrases.join(" AND ");
    let says_unset = applying(&demand.demands).any(|demand| demand.operator == Operator::Set);
    if unset(demand) == Outcome::Pass && !says_unset {
        format!("{phrases} OR '{name}' is not present")
    } else {
        phrases
    }
}

/// kube-bench's phrases for files; `mode` is one that was found.
pub(super) fn file_phrase(demand: &FileDemand, mode: Option<u32>) -> String {
    let at_most = demand.mode.as_ref().map(|at_most| match mode {
        Some(mode) => format!("permissions has permissions {mode:o}, expected {at_most} or more restrictive"),
        None => "'permissions' is present".to_owned(),
    });
    let owner = demand.owner.as_ref().map(|owner| format!("'{owner}' is present"));
    at_most.into_iter().chain(owner).collect::<Vec<_>>().join(" AND ")
}

/// An expectation in words: `--profiling: false`, `mode 600 or stricter`. Long lists are counted; see [`long_lists`].
pub fn expectation_in_words(expectation: &Expectation) -> String {
    let join = |parts: &[Expectation], word: &str| {
        parts.iter().map(expectation_in_words).collect::<Vec<_>>().join(&format!(" {word} "))
    };
    match expectation {
        Expectation::All(parts) => join(parts, "and"),
        Expectation::Any(parts) => join(parts, "or"),
        Expectation::Setting(demand) => {
            let setting = &demand.setting;
            let mut names: Vec<String> = setting.flag.iter().chain(&setting.key).cloned().collect();
            names.extend(setting.file.iter().map(|file| format!("{} in the file of {}", file.key, file.named_by)));
            let entry = setting.entry.as_ref().map_or_else(String::new, |entry| format!(" {entry}"));
            format!("{}{entry}: {}", names.join(" or "), expected_in_short(demand))
        }
        Expectation::File(demand) => {
            let mode = demand.mode.as_ref().map(|mode| format!("mode {}", expected_mode(&mode.to_string())));
            let owner = demand.owner.as_ref().map(|owner| format!("owner {owner}"));
            let wanted = mode.into_iter().chain(owner).collect::<Vec<_>>().join(", ");
            match demand.missing {
                Missing::Fail => wanted,
                Missing::NotApplicable => format!("{wanted}, where it is there"),
            }
        }
    }
}
