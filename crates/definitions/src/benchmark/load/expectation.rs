//! Reads expectations.

use crate::benchmark::reader::{Fields, Problem, Reader};
use crate::benchmark::tree::{Content, Node, Span};
use crate::benchmark::{Comparison, Component, Expectation, FileSetting, Operator, Setting, SettingCondition, Value};

use super::components::Components;
use super::value::{OPERATORS, Use, differs_from, fits, misplaced, value};

/// The owner of the settings in an expectation.
#[derive(Clone, Copy)]
pub(super) enum Of<'a> {
    /// A component; `None` if `audit` is invalid.
    Component(Option<&'a Component>),
    /// A systemd unit.
    Unit,
}

impl<'a> Of<'a> {
    /// Returns the component whose flags and files count.
    const fn component(self) -> Option<&'a Component> {
        match self {
            Self::Component(component) => component,
            Self::Unit => None,
        }
    }

    /// Returns the keys that name a setting.
    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Component(_) => &["flag", "key", "entry", "file"],
            Self::Unit => &["key"],
        }
    }

    /// Returns the conditions available for its values. systemd has its own formats for numbers, durations and
    /// addresses.
    fn operators(self) -> impl Iterator<Item = (&'static str, Operator)> {
        let compares = move |operator| {
            !matches!(
                (self, operator),
                (Self::Unit, Operator::AtLeast | Operator::AtMost | Operator::Host | Operator::DiffersFrom)
            )
        };
        OPERATORS.into_iter().filter(move |(_, operator)| compares(*operator))
    }
}

/// Reads the `expect` of a settings or unit audit.
pub(super) fn of_settings(
    reader: &mut Reader<'_>,
    at: Span,
    node: &Node,
    of: Of<'_>,
    components: &Components,
) -> Option<Expectation> {
    let entries = if let Content::Mapping(entries) = &node.content { entries.as_slice() } else { &[] };
    let combines = entries.iter().find(|entry| entry.key.text == "all" || entry.key.text == "any");
    if let Some(combined) = combines {
        let name = combined.key.text.as_str();
        for other in entries.iter().filter(|entry| entry.key.text != name) {
            let message = format!("{:?} beside {name:?}", other.key.text);
            reader.refuse(
                other.key.span,
                Problem::new("contradiction", message).hint(format!("make it one of the expectations in {name:?}")),
            );
        }
        let Content::Sequence(items) = &combined.value.content else {
            reader.wrong_type(&format!("{name:?}"), "a list of expectations", &combined.value);
            return None;
        };
        if items.is_empty() {
            let problem = Problem::new("empty-text", format!("{name:?} is an empty list"));
            reader.refuse(combined.value.span, problem);
        }
        let parts = items.iter().filter_map(|item| of_settings(reader, item.span, item, of, components)).collect();
        return Some(if name == "all" { Expectation::All(parts) } else { Expectation::Any(parts) });
    }
    let known: Vec<&'static str> =
        of.names().iter().copied().chain(["unset", "all", "any"]).chain(of.operators().map(|(name, _)| name)).collect();
    let fields = reader.fields("\"expect\"", at, node, &known);
    let setting = match of {
        Of::Component(component) => setting(reader, at, &fields, component),
        Of::Unit => setting_of_unit(reader, &fields),
    };
    let comparisons = comparisons(reader, at, &fields, &setting, of, components);
    let unset = unset(reader, at, &fields, &comparisons);
    Some(Expectation::Setting(SettingCondition { setting, comparisons, unset }))
}

fn setting(reader: &mut Reader<'_>, at: Span, fields: &Fields<'_>, component: Option<&Component>) -> Setting {
    let flag = fields.value("flag").and_then(|node| reader.flag("\"flag\"", node));
    let key = fields.value("key").and_then(|node| reader.key_path("\"key\"", node));
    let entry = fields.text_if_any(reader, "entry");
    let file = fields.get("file").and_then(|file| {
        let within = reader.fields("\"file\"", file.key.span, &file.value, &["named_by", "key", "limited_by"]);
        let named_by = within.required(reader, "named_by").and_then(|node| reader.flag("\"named_by\"", node));
        let key = within.required(reader, "key").and_then(|node| reader.key_path("\"key\"", node));
        let limited_by = within.value("limited_by").and_then(|node| reader.key_path("\"limited_by\"", node));
        Some(FileSetting { named_by: named_by?, key: key?, limited_by })
    });
    if ["flag", "key", "file"].iter().all(|name| fields.get(name).is_none()) && !fields.in_doubt() {
        let problem =
            Problem::new("no-setting", "the expectation names no setting").hint("give a flag, a key or a file");
        reader.refuse(at, problem);
    }
    if let (Some(component), Some(node)) = (component, fields.value("key"))
        && component.config.is_none()
    {
        let message = format!("{:?} has no configuration file", component.key);
        reader.refuse(
            node.span,
            Problem::new("no-config", message).hint("leave out the key, or give the component a \"config\""),
        );
    }
    if let (Some(component), Some(node), Some(flag)) = (component, fields.value("entry"), &flag)
        && !component.flags.map.contains(flag)
    {
        let message = format!("{flag} of {:?} is not a map", component.key);
        reader.refuse(
            node.span,
            Problem::new("not-map", message)
                .hint("leave out the entry, or list the flag under \"map\" of its component"),
        );
    }
    Setting { flag, key, entry, file }
}

/// Reads the section and name of a unit setting: `Service.IPAddressDeny`.
fn setting_of_unit(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Setting {
    let key = fields.required(reader, "key").and_then(|node| {
        let text = reader.text("\"key\"", node)?;
        let named = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if !text.split_once('.').is_some_and(|(section, name)| named(section) && named(name)) {
            let problem = Problem::new("bad-unit-setting", format!("{text:?} is not a setting of a systemd unit"))
                .hint("write it as SECTION.NAME, such as Service.NoNewPrivileges");
            reader.refuse(node.span, problem);
        }
        Some(text)
    });
    Setting::new(None, key)
}

fn comparisons(
    reader: &mut Reader<'_>,
    at: Span,
    fields: &Fields<'_>,
    setting: &Setting,
    of: Of<'_>,
    components: &Components,
) -> Vec<Comparison> {
    let mut comparisons = Vec::new();
    let mut any = false;
    for (name, operator) in of.operators() {
        let Some(node) = fields.value(name) else { continue };
        any = true;
        let Some(operand) = value(reader, &format!("{name:?}"), node) else { continue };
        let fit = fits(Use::Operand(operator), &operand).and_then(|()| {
            if operand == Value::Null {
                let message = format!("{name:?} is compared with nothing");
                return Err(Problem::new("wrong-value", message).hint("give a value, or leave the condition out"));
            }
            Ok(())
        });
        if reader.keep(node.span, fit).is_none() {
            continue;
        }
        if let (Operator::DiffersFrom, Value::Text(text)) = (operator, &operand)
            && let Some((other, _)) = differs_from(text)
        {
            let result = components.with_process(other);
            reader.keep(node.span, result);
        }
        if let (Some(component), Some(flag), Operator::Is | Operator::IsNot, Value::Bool(_)) =
            (of.component(), &setting.flag, operator, &operand)
            && setting.entry.is_none()
            && !component.flags.boolean.contains(flag)
        {
            let message = format!("{flag} of {:?} is compared with a boolean, but takes a string", component.key);
            let hint = "list the flag under \"boolean\" of its component, or quote the value";
            reader.refuse(node.span, Problem::new("not-boolean", message).hint(hint));
        }
        comparisons.push(Comparison { operator, operand });
    }
    if !any && !fields.in_doubt() {
        let names: Vec<&str> = of.operators().map(|(name, _)| name).collect();
        let problem = Problem::new("no-condition", "the expectation has no condition");
        reader.refuse(at, problem.hint(format!("one of: {}", names.join(", "))));
    }
    comparisons
}

/// Reads the outcome for an unset setting: as written, or as implied by `set: …`; null if `set` is a parameter.
fn unset(reader: &mut Reader<'_>, at: Span, fields: &Fields<'_>, comparisons: &[Comparison]) -> Value {
    let set = comparisons.iter().find(|it| it.operator == Operator::Set).map(|it| &it.operand);
    let implied = match set {
        Some(Value::Bool(true)) => Some("fail"),
        Some(Value::Bool(false)) => Some("pass"),
        _ => None,
    };
    if let Some(node) = fields.value("unset") {
        let Some(given) = value(reader, "\"unset\"", node) else { return Value::Null };
        let fit = fits(Use::Unset, &given).and_then(|()| match implied {
            Some(implied) if given != Value::Text(implied.into()) && !matches!(given, Value::Parameter(_)) => {
                Err(Problem::new("contradiction", format!("by \"set\", unset can only {implied}"))
                    .hint("leave out \"unset\""))
            }
            _ => Ok(()),
        });
        return if reader.keep(node.span, fit).is_some() { given } else { Value::Null };
    }
    if fields.get("set").is_none() && !fields.in_doubt() {
        let problem = Problem::new("missing-unset", "the expectation does not say what unset means");
        reader.refuse(at, problem.hint("give \"unset\": pass or fail, by the benchmark's text"));
    }
    implied.map_or(Value::Null, |implied| Value::Text(implied.into()))
}

/// Refuses `{{…}}` in a text that is shown verbatim.
pub(super) fn without_templates(reader: &mut Reader<'_>, name: &str, node: Option<&Node>) {
    if let Some(Node { span, content: Content::Scalar { text, .. } }) = node
        && text.contains("{{")
    {
        let problem = misplaced(&format!("a part of {name:?}"));
        reader.refuse(*span, problem);
    }
}
