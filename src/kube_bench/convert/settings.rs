//! Converts test items on a component's arguments and configuration to expectations of its settings.

use super::super::rules::{Check, Compare, Item, Tests};
use super::shape::Settings;
use super::{Candidate, catalogue};
use definitions::SharedText;
use definitions::benchmark::{
    Audit, Comparison, Component, Expectation, Grammar, KeyPath, Library, Operator, Setting, SettingCondition, Value,
    is_flag,
};

/// Returns what a check expects of a component's settings.
pub(super) fn candidate(
    library: &Library,
    component: &Component,
    settings: &Settings,
    check: &Check,
    tests: &Tests,
) -> Result<Candidate, String> {
    if check.multiple {
        return Err("it judges each line separately, but settings belong to a process".to_owned());
    }
    let reading = Reading { library, component, settings };
    let is_any = match tests.bin_op.as_str() {
        "" | "and" => false,
        "or" => true,
        other => return Err(format!("its bin_op {other:?} is invalid")),
    };
    let absent: Vec<&str> = tests.items.iter().filter(|item| !item.set).map(|item| item.flag.trim()).collect();
    let mut conditions = Vec::new();
    for item in &tests.items {
        conditions.extend(reading.conditions(item, is_any, &absent)?);
    }
    if is_any {
        merge_unset(&mut conditions);
        if says_nothing(&conditions) {
            return Err("it passes whether the setting is given or not".to_owned());
        }
    }
    let mut parts: Vec<Expectation> = conditions.into_iter().map(Expectation::Setting).collect();
    let expect = match parts.pop() {
        None => return Err("it has no tests".to_owned()),
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            if is_any { Expectation::Any(parts) } else { Expectation::All(parts) }
        }
    };
    Ok(Candidate { audit: Audit::Settings { component: component.key.clone() }, expect })
}

/// Returns what a check expects of the first encryption provider.
pub(super) fn of_encryption_providers(library: &Library, tests: &Tests) -> Result<Candidate, String> {
    const COMPONENT: &str = "apiserver";
    let [Item { flag, path, env, set: true, compare: Some(Compare { operator, value }) }] = tests.items.as_slice()
    else {
        return Err("its tests do not compare a single list of providers".to_owned());
    };
    if flag != "provider" || !path.is_empty() || !env.is_empty() || operator != "valid_elements" {
        return Err("its tests do not compare a single list of providers".to_owned());
    }
    let setting = catalogue::setting_in_file(library, COMPONENT, "--encryption-provider-config")
        .ok_or("no control has the location of the providers")?;
    let conditions = vec![Comparison { operator: Operator::Only, operand: list(value)? }];
    let condition = SettingCondition { setting, comparisons: conditions, unset: outcome(false) };
    Ok(Candidate { audit: Audit::Settings { component: COMPONENT.into() }, expect: Expectation::Setting(condition) })
}

struct Reading<'a> {
    library: &'a Library,
    component: &'a Component,
    settings: &'a Settings,
}

impl Reading<'_> {
    /// Returns the conditions of one item: one, or two for an entry of a map.
    fn conditions(&self, item: &Item, is_any: bool, absent: &[&str]) -> Result<Vec<SettingCondition>, String> {
        let (flag, value) = match item.flag.trim().split_once('=') {
            Some((flag, value)) => (flag, Some(value)),
            None => (item.flag.trim(), None),
        };
        let mut setting = self.setting(flag, item)?;
        let operator = item.compare.as_ref().filter(|compare| !compare.operator.is_empty());
        if let Some(value) = value {
            return match (item.set, operator) {
                // `--name=value` as written on the command line.
                (true, None) => Ok(vec![self.compared(setting, "eq", value)?]),
                (false, _) => {
                    let mut condition = self.compared(setting, "noteq", value)?;
                    condition.unset = outcome(true);
                    Ok(vec![condition])
                }
                (true, Some(_)) => Err(format!("{:?} is compared, though it has a value already", item.flag)),
            };
        }
        let Some(Compare { operator, value }) = operator.filter(|_| item.set) else {
            let conditions = vec![Comparison { operator: Operator::Set, operand: Value::Bool(item.set) }];
            return Ok(vec![SettingCondition { setting, comparisons: conditions, unset: outcome(!item.set) }]);
        };
        let is_map = setting.entry.is_none()
            && setting.flag.as_ref().is_some_and(|flag| self.component.flags.map.contains(flag));
        if is_map
            && matches!(operator.as_str(), "has" | "nothave")
            && let Some((entry, wanted)) = value.trim().split_once('=')
            && !entry.trim().is_empty()
        {
            if entry.contains("{{") {
                return Err(format!("it compares with {value:?}"));
            }
            let flag = setting.flag.as_deref().unwrap_or_default();
            let key = setting
                .key
                .clone()
                .or_else(|| catalogue::key_of_map(self.library, &self.component.key, flag).map(Into::into));
            let whole = setting.clone();
            setting = Setting { key, ..setting }.entry(entry);
            let wanted = match (operator.as_str(), wanted) {
                ("has", "true") | ("nothave", "false") => true,
                ("has", "false") | ("nothave", "true") => false,
                _ => return Err(format!("{operator} {value:?} is not for an entry that is true or false")),
            };
            let conditions = vec![Comparison { operator: Operator::Is, operand: Value::Bool(wanted) }];
            let lacking = operator == "nothave";
            let condition = SettingCondition { setting, comparisons: conditions, unset: outcome(lacking) };
            // An unset flag counts as lacking the entry only if the check accepts an unset flag.
            let may_lack = absent.contains(&item.flag.trim());
            if lacking && is_any && !may_lack {
                return Err(format!("it accepts a {} without {entry}, but not an unset one", item.flag));
            }
            return Ok(if lacking && !is_any {
                let set = Comparison { operator: Operator::Set, operand: Value::Bool(true) };
                vec![SettingCondition { setting: whole, comparisons: vec![set], unset: outcome(false) }, condition]
            } else {
                vec![condition]
            });
        }
        Ok(vec![self.compared(setting, operator, value)?])
    }

    /// Returns the setting that an item refers to.
    fn setting(&self, flag: &str, item: &Item) -> Result<Setting, String> {
        let component = self.component;
        let mut setting = Setting::new(None, None);
        if self.settings.config && !item.path.is_empty() {
            setting.key = Some(key(&item.path)?.into());
        }
        if self.settings.arguments && !flag.is_empty() {
            let dashed = if flag.starts_with("--") { flag.to_owned() } else { format!("--{flag}") };
            if flag.starts_with("--") {
                if !is_flag(flag) {
                    return Err(format!("its flag {flag:?} is invalid"));
                }
                setting.flag = Some(dashed.into());
            } else if let Some((map, entry)) = setting.key.as_deref().and_then(|key| key.rsplit_once('.'))
                && entry == flag
                && let Some(flag) = self.map_of(map)
            {
                let key = Some(map.to_owned());
                return Ok(Setting::new(Some(flag.into()), key.map(Into::into)).entry(entry));
            } else if knows(component, &dashed) {
                setting.flag = Some(dashed.into());
            } else if setting.key.is_none() {
                return Err(format!("{flag:?} is not an argument of {}", component.name));
            }
        }
        if !item.env.is_empty() {
            let expected = setting.flag.as_deref().map(variable);
            if component.grammar != Grammar::Etcd || expected.as_deref() != Some(&item.env) {
                return Err(format!("its variable {} is not one of {}", item.env, component.name));
            }
        }
        if setting.key.is_some() && component.config.is_none() {
            return Err(format!("{} has no configuration file", component.name));
        }
        match setting.flag.as_deref() {
            // The catalogue also reads the setting from the file that replaces the argument, or that the argument
            // names.
            Some(flag) => {
                if let Some(known) = catalogue::setting(self.library, &component.key, flag)
                    && (setting.key.is_none() || setting.key == known.key)
                {
                    return Ok(known);
                }
            }
            None if setting.key.is_none() => return Err("its test names no setting".to_owned()),
            None => {}
        }
        Ok(setting)
    }

    /// The map flag whose entries are under this key.
    fn map_of(&self, key: &str) -> Option<String> {
        let dashed = format!("--{}", dashes(key));
        self.component.flags.map.iter().any(|known| *known == dashed).then_some(dashed)
    }

    fn compared(&self, setting: Setting, operator: &str, value: &str) -> Result<SettingCondition, String> {
        let flags = &self.component.flags;
        let flag = setting.flag.as_deref();
        let has = |kind: &[SharedText]| flag.is_some_and(|flag| kind.iter().any(|known| known == flag));
        let value = value.trim();
        let truth = match value {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        let may_be_true = setting.entry.is_some() || flag.is_none() || has(&flags.boolean);
        let is_list = has(&flags.list) || catalogue::is_list(self.library, &self.component.key, &setting);
        let number = || {
            let number = value.parse::<i64>();
            number.map_err(|_| format!("{operator} compares with {value:?}, which is not a number"))
        };
        let beyond = || "its limit is out of range".to_owned();
        let (operator, operand) = match operator {
            "eq" | "noteq" | "has" | "nothave" if truth.is_some() => {
                let Some(truth) = truth.filter(|_| may_be_true) else {
                    let name = flag.unwrap_or_default();
                    return Err(format!("{name} is compared with {value}, but is not known to be a boolean"));
                };
                let wanted = if matches!(operator, "eq" | "has") { truth } else { !truth };
                (Operator::Is, Value::Bool(wanted))
            }
            "eq" | "noteq" if has(&flags.list) && value.contains(',') => {
                return Err(format!("it compares the list {value:?} as a single string"));
            }
            "eq" => (Operator::Is, single(value)?),
            "noteq" => (Operator::IsNot, single(value)?),
            "has" | "nothave" if is_list => {
                let operator = if operator == "has" { Operator::Includes } else { Operator::Excludes };
                (operator, list(value)?)
            }
            "has" if flag.is_some_and(|flag| flag.ends_with("-bind-address")) => (Operator::Host, list(value)?),
            "has" | "nothave" => {
                return Err(format!("it looks for {value:?} as part of a value that is not a list"));
            }
            "gt" => (Operator::AtLeast, Value::Integer(number()?.checked_add(1).ok_or_else(beyond)?)),
            "gte" => (Operator::AtLeast, Value::Integer(number()?)),
            "lt" => (Operator::AtMost, Value::Integer(number()?.checked_sub(1).ok_or_else(beyond)?)),
            "lte" => (Operator::AtMost, Value::Integer(number()?)),
            "valid_elements" => (Operator::Only, list(value)?),
            other => return Err(format!("its operator {other:?} has no counterpart for settings")),
        };
        Ok(SettingCondition { setting, comparisons: vec![Comparison { operator, operand }], unset: outcome(false) })
    }
}

/// Whether the component's definition mentions a flag.
fn knows(component: &Component, flag: &str) -> bool {
    let flags = &component.flags;
    let listed = [&*flags.boolean, &flags.list, &flags.map, &flags.duration];
    listed.iter().any(|kind| kind.iter().any(|known| known == flag)) || component.defaults.contains_key(flag)
}

/// A key such as `featureGates` in the form of a flag.
fn dashes(key: &str) -> String {
    let mut name = String::new();
    for c in key.chars() {
        if c.is_ascii_uppercase() {
            name.push('-');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

/// The etcd environment variable for a flag.
fn variable(flag: &str) -> String {
    format!("ETCD_{}", flag.trim_start_matches('-').replace('-', "_").to_ascii_uppercase())
}

/// Converts `{.a.b}`, or `{range .a[:]}…{end}` for a list, to a key path.
fn key(path: &str) -> Result<String, String> {
    let inner = path.trim();
    let key = match inner.strip_prefix("{range .").and_then(|rest| rest.split_once("[:]}")) {
        Some((key, "{}{','}{end}")) => Some(key),
        Some(_) => None,
        None => inner.strip_prefix("{.").and_then(|rest| rest.strip_suffix('}')),
    };
    let plain = |key: &&str| key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    key.filter(plain)
        .filter(|key| key.parse::<KeyPath>().is_ok())
        .map(str::to_owned)
        .ok_or_else(|| format!("its path {path:?} is more than a key"))
}

/// The value as an integer if it parses as one, otherwise as a string.
fn single(value: &str) -> Result<Value, String> {
    if value.is_empty() || value.contains("{{") {
        return Err(format!("it compares with {value:?}"));
    }
    Ok(value.parse::<i64>().map_or_else(|_| Value::Text(value.into()), Value::Integer))
}

/// The value as a list.
fn list(value: &str) -> Result<Value, String> {
    let items: Vec<SharedText> =
        value.split(',').map(str::trim).filter(|item| !item.is_empty()).map(SharedText::from).collect();
    match items.as_slice() {
        [] => Err("it compares with an empty list".to_owned()),
        items if items.iter().any(|item| item.contains("{{")) => Err(format!("it compares with {value:?}")),
        [one] => Ok(Value::Text(one.clone())),
        _ => Ok(Value::List(items)),
    }
}

/// The value of `unset`.
fn outcome(pass: bool) -> Value {
    Value::Text(if pass { "pass" } else { "fail" }.into())
}

fn is_presence(condition: &SettingCondition, wanted: bool) -> bool {
    matches!(condition.comparisons.as_slice(), [Comparison { operator: Operator::Set, operand }] if *operand == Value::Bool(wanted))
}

/// Merges alternatives: "not set" is merged into the other conditions on the same setting.
fn merge_unset(conditions: &mut Vec<SettingCondition>) {
    let absent: Vec<Setting> = conditions
        .iter()
        .filter(|condition| is_presence(condition, false))
        .map(|condition| condition.setting.clone())
        .collect();
    let without_entry = |setting: &Setting| Setting { entry: None, ..setting.clone() };
    let mut taken = Vec::new();
    for condition in conditions
        .iter_mut()
        .filter(|condition| !condition.comparisons.iter().any(|condition| condition.operator == Operator::Set))
    {
        let of_it = absent.iter().find(|setting| {
            **setting == condition.setting
                || (setting.flag.is_some()
                    && setting.flag == without_entry(&condition.setting).flag
                    && setting.entry.is_none())
        });
        if let Some(setting) = of_it {
            condition.unset = outcome(true);
            taken.push(setting.clone());
        }
    }
    conditions.retain(|condition| !is_presence(condition, false) || !taken.contains(&condition.setting));
    // Conditions that became equal are merged.
    let mut seen: Vec<SettingCondition> = Vec::new();
    conditions.retain(|condition| {
        let new = !seen.contains(condition);
        if new {
            seen.push(condition.clone());
        }
        new
    });
}

/// Whether a setting may be both set and unset, so that the test is always true.
fn says_nothing(conditions: &[SettingCondition]) -> bool {
    conditions.iter().any(|condition| {
        is_presence(condition, true)
            && conditions.iter().any(|other| other.setting == condition.setting && is_presence(other, false))
    })
}
