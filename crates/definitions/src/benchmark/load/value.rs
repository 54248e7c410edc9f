//! Reads values in definitions, and checks what each condition can be compared with.

use std::collections::{BTreeMap, BTreeSet};

use crate::SharedText;
use crate::benchmark::look::Look;
use crate::benchmark::reader::{Problem, Reader};
use crate::benchmark::text::{Placeholder, placeholders};
use crate::benchmark::tree::{Content, Node};
use crate::benchmark::{
    CertificateCondition, Comparison, Control, Expectation, FileCondition, Operator, SettingCondition, Taken, Value,
    taken_by,
};

/// Reads the value of an expectation, a parameter or a check's `with`.
pub(crate) fn value(reader: &mut Reader<'_>, what: &str, node: &Node) -> Option<Value> {
    match &node.content {
        Content::Sequence(_) => {
            let items = reader.texts(what, node)?;
            if items.iter().any(|item| item.contains("{{")) {
                reader.refuse(node.span, misplaced("an item of a list"));
            }
            Some(Value::List(items))
        }
        Content::Mapping(_) => {
            reader.wrong_type(what, "a value or a list", node);
            None
        }
        Content::Scalar { text, plain: true } => match Look::of(text) {
            Look::Null => Some(Value::Null),
            Look::Bool(truth) => Some(Value::Bool(truth)),
            Look::Integer(number) => Some(Value::Integer(number)),
            Look::Number | Look::OldBoolean => {
                let message = format!("{text:?} without quotes is interpreted differently by different YAML parsers");
                reader.refuse(
                    node.span,
                    Problem::new("ambiguous-word", message).hint(format!("put it in quotes: \"{text}\"")),
                );
                None
            }
            Look::Text => Some(of_text(reader, node, text)),
        },
        Content::Scalar { text, plain: false } => Some(of_text(reader, node, text)),
    }
}

fn of_text(reader: &mut Reader<'_>, node: &Node, text: &str) -> Value {
    if let Some(name) = text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"))
        && !name.contains(['{', '}', '.'])
    {
        return Value::Parameter(name.trim().into());
    }
    if text.contains("{{") {
        reader.refuse(node.span, misplaced("a part of a value"));
    }
    Value::Text(text.into())
}

/// Returns the problem of a `{{…}}` where nothing is substituted.
pub(super) fn misplaced(whereabouts: &str) -> Problem {
    Problem::new("misplaced-template", format!("{{{{…}}}} as {whereabouts} is not filled in"))
        .hint("use the parameter as the whole value, or write the value out")
}

/// How a value is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// As the operand of this operator.
    Operand(Operator),
    /// As the operand of a `set` that implies the outcome for an unset setting.
    SetAlone,
    /// As the outcome for an unset setting.
    Unset,
    /// As a file's mode.
    Mode,
    /// As a file's owner.
    Owner,
    /// As the number of days for which a certificate must remain valid.
    Days,
    /// As an organization in a certificate's subject.
    Group,
    /// In a title or a remediation.
    Text,
    /// As a parameter of the predicate that judges cluster objects or AWS evidence.
    Predicate(Taken),
}

impl Use {
    /// Returns the name used in messages.
    fn name(self) -> String {
        match self {
            Self::Operand(operator) => format!("{:?}", operator_name(operator)),
            Self::SetAlone => "\"set\"".to_owned(),
            Self::Unset => "\"unset\"".to_owned(),
            Self::Mode => "\"mode\"".to_owned(),
            Self::Owner => "\"owner\"".to_owned(),
            Self::Days => "the days that are left".to_owned(),
            Self::Group => "\"subject_group\"".to_owned(),
            Self::Text => "the title or the remediation".to_owned(),
            Self::Predicate(_) => "the predicate's parameter".to_owned(),
        }
    }
}

/// The operators, by their keys in definitions.
pub(super) const OPERATORS: [(&str, Operator); 10] = [
    ("is", Operator::Is),
    ("is_not", Operator::IsNot),
    ("at_least", Operator::AtLeast),
    ("at_most", Operator::AtMost),
    ("includes", Operator::Includes),
    ("excludes", Operator::Excludes),
    ("only", Operator::Only),
    ("host", Operator::Host),
    ("set", Operator::Set),
    ("differs_from", Operator::DiffersFrom),
];

/// Returns the key of an operator.
fn operator_name(operator: Operator) -> &'static str {
    OPERATORS.iter().find(|(_, known)| *known == operator).map_or("", |(name, _)| name)
}

/// The most days that can be required: a hundred years.
const MOST_DAYS: i64 = 36_500;

/// Returns how the value of a key of `certificate` is used.
pub(super) fn of_certificate(key: &str) -> Use {
    if key == "subject_group" { Use::Group } else { Use::Days }
}

/// Checks that a value is valid for a use. Parameters pass: their values are checked where they are given.
pub(crate) fn fits(used: Use, value: &Value) -> Result<(), Problem> {
    let good = match (used, value) {
        // A null value, as given to a parameter, disables the condition.
        (_, Value::Parameter(_))
        | (Use::Operand(_) | Use::Mode | Use::Owner | Use::Days | Use::Group | Use::Predicate(_), Value::Null) => true,
        (Use::Text, value) => *value != Value::Null,
        (Use::SetAlone | Use::Predicate(Taken::Truth), value) => matches!(value, Value::Bool(_)),
        (Use::Predicate(Taken::Texts), value) => matches!(value, Value::List(_)),
        (Use::Predicate(Taken::Number), value) => matches!(value, Value::Integer(number) if *number > 0),
        (Use::Unset, value) => matches!(value, Value::Text(text) if text == "pass" || text == "fail"),
        (Use::Mode, value) => matches!(value, Value::Text(text) if is_mode(text)),
        (Use::Owner, value) => matches!(value, Value::Text(text) if is_owner(text)),
        (Use::Days, value) => matches!(value, Value::Integer(0..=MOST_DAYS)),
        (Use::Group, value) => matches!(value, Value::Text(text) if !text.trim().is_empty()),
        (Use::Operand(operator), value) => can_compare(operator, value),
    };
    if good {
        return Ok(());
    }
    let wanted = match used {
        Use::Text => "a value",
        Use::Unset => "pass or fail",
        Use::Mode => "an octal mode, at most 7777",
        Use::Owner => "user:group",
        Use::Days => "a whole number from 0 to 36500",
        Use::Group => "the name of a group",
        Use::SetAlone | Use::Operand(Operator::Set) | Use::Predicate(Taken::Truth) => "true or false",
        Use::Predicate(Taken::Texts) => "a list of texts",
        Use::Predicate(Taken::Number) => "a number of 1 or more",
        Use::Operand(Operator::Is | Operator::IsNot) => "a single value",
        Use::Operand(Operator::AtLeast | Operator::AtMost) => "a whole number, or a duration such as 1h30m",
        Use::Operand(Operator::Includes | Operator::Excludes | Operator::Only | Operator::Host) => {
            "a string or a list of strings"
        }
        Use::Operand(Operator::DiffersFrom) => "COMPONENT --flag",
    };
    let found = match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(truth) => format!("the boolean {truth}"),
        Value::Integer(number) => format!("the number {number}"),
        Value::Text(text) => format!("the text {text:?}"),
        Value::List(_) | Value::Parameter(_) => "a list".to_owned(),
    };
    let problem = Problem::new("wrong-value", format!("{} must be {wanted}, not {found}", used.name()));
    Err(match (used, value) {
        (Use::Mode, Value::Integer(number)) => problem.hint(format!("put it in quotes: \"{number}\"")),
        (Use::Operand(Operator::AtLeast | Operator::AtMost), Value::Text(text)) if text.parse::<i64>().is_ok() => {
            problem.hint(format!("leave out the quotes: {text}"))
        }
        (
            Use::Operand(Operator::Includes | Operator::Excludes | Operator::Only | Operator::Host),
            Value::Bool(_) | Value::Integer(_),
        ) => problem.hint(format!("put it in quotes: \"{value}\"")),
        _ => problem,
    })
}

fn can_compare(operator: Operator, value: &Value) -> bool {
    match operator {
        Operator::Is | Operator::IsNot => matches!(value, Value::Bool(_) | Value::Integer(_) | Value::Text(_)),
        Operator::AtLeast | Operator::AtMost => match value {
            Value::Integer(_) => true,
            Value::Text(text) => is_duration(text),
            _ => false,
        },
        Operator::Includes | Operator::Excludes | Operator::Only | Operator::Host => match value {
            Value::Text(text) => !text.is_empty(),
            Value::List(items) => !items.is_empty(),
            _ => false,
        },
        Operator::Set => matches!(value, Value::Bool(_)),
        Operator::DiffersFrom => matches!(value, Value::Text(text) if differs_from(text).is_some()),
    }
}

/// Splits `COMPONENT --flag`.
pub(super) fn differs_from(text: &str) -> Option<(&str, &str)> {
    let (component, flag) = text.split_once(' ')?;
    crate::benchmark::reader::flag(flag).is_ok().then_some((component, flag))
}

fn is_mode(text: &str) -> bool {
    (1..=4).contains(&text.len()) && text.chars().all(|c| c.is_digit(8))
}

fn is_owner(text: &str) -> bool {
    let named = |name: &str| !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == ':');
    text.split_once(':').is_some_and(|(user, group)| named(user) && named(group))
}

/// Whether Go's `time.ParseDuration` accepts the text; negative durations are refused as meaningless here.
fn is_duration(text: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let unit = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(unit);
        if number.parse::<f64>().is_err() {
            return false;
        }
        // Longer units first: `ms` is not `m`.
        let Some(next) = ["ns", "us", "µs", "ms", "s", "m", "h"].iter().find_map(|unit| after.strip_prefix(unit))
        else {
            return false;
        };
        rest = next;
    }
    !text.is_empty()
}

/// Returns every use of a parameter in a control, including parameters it does not declare.
pub(crate) fn uses(control: &Control) -> Vec<(SharedText, Use)> {
    let mut found = Vec::new();
    if let Some(expectation) = &control.expect {
        of_expectation(expectation, &mut found);
    }
    let by_objects = control.objects.iter().map(|objects| &objects.predicate);
    for predicate in by_objects.chain(control.aws.iter().map(|aws| &aws.predicate)) {
        let taken = taken_by(predicate).iter().filter(|(name, _)| control.parameters.contains_key(*name));
        found.extend(taken.map(|(name, taken)| ((*name).into(), Use::Predicate(*taken))));
    }
    let texts = control.texts();
    let names: BTreeSet<Placeholder> = sorting::set(texts.filter_map(|text| placeholders(text).ok()).flatten());
    found.extend(names.into_iter().filter_map(|placeholder| match placeholder {
        Placeholder::Parameter(name) => Some((name, Use::Text)),
        Placeholder::Place(_) | Placeholder::Snippet(_) => None,
    }));
    found
}

fn of_expectation(expectation: &Expectation, found: &mut Vec<(SharedText, Use)>) {
    let mut note = |value: &Value, used| {
        if let Value::Parameter(name) = value {
            found.push((name.clone(), used));
        }
    };
    match expectation {
        Expectation::All(parts) | Expectation::Any(parts) => {
            for part in parts {
                of_expectation(part, found);
            }
        }
        Expectation::Setting(SettingCondition { comparisons, unset, .. }) => {
            note(unset, Use::Unset);
            for Comparison { operator, operand } in comparisons {
                let alone = *operator == Operator::Set && *unset == Value::Null;
                note(operand, if alone { Use::SetAlone } else { Use::Operand(*operator) });
            }
        }
        Expectation::File(FileCondition { mode, owner, certificate, .. }) => {
            note(mode.as_ref().unwrap_or(&Value::Null), Use::Mode);
            note(owner.as_ref().unwrap_or(&Value::Null), Use::Owner);
            for (name, value) in certificate.iter().flat_map(CertificateCondition::values) {
                note(value.as_ref().unwrap_or(&Value::Null), of_certificate(name));
            }
        }
    }
}

/// A problem with the parameters given to a control.
#[derive(Debug)]
pub(crate) struct Misfit {
    /// The parameter.
    pub parameter: SharedText,
    /// Whether the parameter is missing.
    pub missing: bool,
    /// What is wrong.
    pub problem: Problem,
}

/// Returns the problems of using a control with these parameters. With `partly`, missing parameters are not reported.
pub(crate) fn misfits(control: &Control, given: &BTreeMap<SharedText, Value>, partly: bool) -> Vec<Misfit> {
    let mut found = Vec::new();
    let uses = uses(control);
    // Predicates work without their parameters.
    let is_optional = |name: &str| {
        let mut of_name = uses.iter().filter(|(used, _)| used == name).peekable();
        of_name.peek().is_some() && of_name.all(|(_, used)| matches!(used, Use::Predicate(_)))
    };
    for name in given.keys().filter(|name| !control.parameters.contains_key(*name)) {
        let known = control.parameters.keys().map(SharedText::as_str);
        let mut problem = Problem::unknown("unknown-parameter", "parameter", name, known);
        problem.hint = problem.hint.or_else(|| Some(format!("{:?} takes no parameters", control.key)));
        found.push(Misfit { parameter: name.clone(), missing: false, problem });
    }
    for (name, default) in &control.parameters {
        if *default == Value::Null && !given.contains_key(name) && !partly && !is_optional(name) {
            let message = format!("{:?} needs the parameter {name:?}", control.key);
            let problem = Problem::new("missing-parameter", message)
                .hint(format!("give it, as in with: {{ {name}: … }}, or {name}: ~ for no condition"));
            found.push(Misfit { parameter: name.clone(), missing: true, problem });
        }
    }
    // Report each parameter once, even if its value is used several times.
    let mut told = BTreeSet::new();
    for (name, used) in &uses {
        if let Some(Err(problem)) = given.get(name).map(|value| fits(*used, value))
            && told.insert(name.clone())
        {
            let message = match used {
                Use::Text => format!("{name:?} is printed in the title or the remediation, and must have a value"),
                _ => format!("{name:?} is used where {}", problem.message),
            };
            found.push(Misfit { parameter: name.clone(), missing: false, problem: Problem { message, ..problem } });
        }
    }
    found
}

/// Reads `with: { … }` and checks it against the control, if it is known.
pub(crate) fn given(
    reader: &mut Reader<'_>,
    node: Option<&Node>,
    control: Option<&Control>,
    at: crate::benchmark::tree::Span,
    partly: bool,
) -> BTreeMap<SharedText, Value> {
    let entries = node.map(|node| reader.entries("\"with\"", node)).unwrap_or_default();
    let mut unread = BTreeSet::new();
    let mut values = BTreeMap::new();
    for entry in entries {
        match value(reader, &format!("{:?}", entry.key.text), &entry.value) {
            Some(Value::Parameter(_)) => reader.refuse(entry.value.span, misplaced("the value of a parameter")),
            Some(value) => {
                values.insert(entry.key.to_shared(), value);
                continue;
            }
            None => {}
        }
        unread.insert(entry.key.text.as_str());
    }
    let Some(control) = control else { return values };
    for misfit in misfits(control, &values, partly) {
        let entry = entries.iter().find(|entry| misfit.parameter == entry.key.text);
        if misfit.missing && unread.contains(misfit.parameter.as_str()) {
            continue;
        }
        let span = match entry {
            Some(entry) if misfit.problem.code == "unknown-parameter" => entry.key.span,
            Some(entry) => entry.value.span,
            None => at,
        };
        reader.refuse(span, misfit.problem);
    }
    values
}
