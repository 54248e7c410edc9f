//! Finds the catalogue's equivalent of a converted check.

use std::collections::BTreeMap;

use super::Candidate;
use definitions::SharedText;
use definitions::benchmark::{
    Audit, Comparison, Control, Expectation, FileCondition, Holding, Library, Missing, Operator, Setting,
    SettingCondition, Value,
};

/// The parameters with which a control is equivalent to the check.
type Parameters = BTreeMap<SharedText, Value>;

/// Returns the first control that audits and expects the same, with the parameters that make it equivalent.
///
/// The control may inspect more: the file that replaces an argument, or a second file of the same kind.
pub(super) fn find(library: &Library, candidate: &Candidate) -> Option<(SharedText, Parameters)> {
    library.controls.values().find_map(|control| {
        let mut parameters = Parameters::new();
        let same = looks_at(&control.audit, &candidate.audit)
            && control.expect.as_ref().is_some_and(|theirs| expects(theirs, &candidate.expect, &mut parameters))
            && settled(control, &mut parameters);
        same.then(|| (control.key.clone(), parameters))
    })
}

fn looks_at(ours: &Audit, wanted: &Audit) -> bool {
    match (ours, wanted) {
        (
            Audit::Files { places, below, directories, holding },
            Audit::Files { places: wanted, below: wanted_below, directories: wanted_directories, .. },
        ) => {
            let one_component = places
                .windows(2)
                .all(|pair| pair.first().map(|name| &name.component) == pair.last().map(|name| &name.component));
            // `holding` selects files by content, but also by name.
            let named_so = holding.map(|holding| match holding {
                Holding::Keys => "*.key",
                Holding::Certificates => "*.crt",
            });
            (below.as_deref().or(named_so), *directories) == (wanted_below.as_deref(), *wanted_directories)
                && one_component
                && wanted.iter().all(|place| places.contains(place))
        }
        (Audit::Settings { component }, Audit::Settings { component: wanted }) => component == wanted,
        _ => false,
    }
}

fn expects(ours: &Expectation, wanted: &Expectation, parameters: &mut Parameters) -> bool {
    match (ours, wanted) {
        (Expectation::All(ours), Expectation::All(wanted)) | (Expectation::Any(ours), Expectation::Any(wanted)) => {
            ours.len() == wanted.len()
                && ours.iter().zip(wanted).all(|(ours, wanted)| expects(ours, wanted, parameters))
        }
        (Expectation::Setting(ours), Expectation::Setting(wanted)) => conditions(ours, wanted, parameters),
        // The result for missing files is left to the catalogue, which knows where they may be absent.
        (
            Expectation::File(FileCondition { mode, owner, owned_by, certificate: None, says: None, missing }),
            Expectation::File(wanted),
        ) if *missing != Missing::Pass && owned_by.is_empty() => {
            file_condition(mode.as_ref(), wanted.mode.as_ref(), parameters)
                && file_condition(owner.as_ref(), wanted.owner.as_ref(), parameters)
        }
        _ => false,
    }
}

fn file_condition(ours: Option<&Value>, wanted: Option<&Value>, parameters: &mut Parameters) -> bool {
    match (ours, wanted) {
        (None, None) => true,
        (Some(ours), Some(wanted)) => value(ours, wanted, parameters),
        _ => false,
    }
}

fn conditions(ours: &SettingCondition, wanted: &SettingCondition, parameters: &mut Parameters) -> bool {
    let same_setting = same_setting(&ours.setting, &wanted.setting);
    let wanted_conditions = bounds(&ours.comparisons, &wanted.comparisons);
    let every = wanted_conditions.iter().all(|Comparison { operator, operand }| {
        ours.comparisons
            .iter()
            .any(|condition| condition.operator == *operator && value(&condition.operand, operand, parameters))
    });
    // A parameter may disable a condition that the check does not have.
    let no_more = ours.comparisons.iter().all(|condition| {
        let wanted = wanted_conditions.iter().any(|wanted| wanted.operator == condition.operator);
        wanted
            || matches!(&condition.operand, Value::Parameter(_) if value(&condition.operand, &Value::Null, parameters))
    });
    let presence = |comparisons: &[Comparison]| comparisons.iter().any(|it| it.operator == Operator::Set);
    let same_unset = presence(&wanted.comparisons) || value(&ours.unset, &wanted.unset, parameters);
    same_setting && every && no_more && same_unset
}

/// The conditions of the check, with equality to an integer written as the two bounds that the control uses.
fn bounds(ours: &[Comparison], wanted: &[Comparison]) -> Vec<Comparison> {
    let has_bounds = [Operator::AtLeast, Operator::AtMost]
        .iter()
        .all(|bound| ours.iter().any(|condition| condition.operator == *bound));
    match wanted {
        [Comparison { operator: Operator::Is, operand: operand @ Value::Integer(_) }] if has_bounds => {
            [Operator::AtLeast, Operator::AtMost]
                .map(|operator| Comparison { operator, operand: operand.clone() })
                .to_vec()
        }
        wanted => wanted.to_vec(),
    }
}

/// Whether two settings are the same: by flag, regardless of where else the value may be set; without a flag, by key.
fn same_setting(ours: &Setting, wanted: &Setting) -> bool {
    let flags = match (&ours.flag, &wanted.flag) {
        (Some(ours), Some(wanted)) => ours == wanted,
        (None, None) => ours.key == wanted.key && ours.file == wanted.file,
        _ => false,
    };
    let file = wanted.file.is_none() || wanted.file == ours.file;
    flags && ours.entry == wanted.entry && (wanted.key.is_none() || wanted.key == ours.key) && file
}

/// Whether two values are equal, or can be made equal with a parameter.
fn value(ours: &Value, wanted: &Value, parameters: &mut Parameters) -> bool {
    match ours {
        Value::Parameter(name) => match parameters.get(name) {
            Some(given) => given == wanted,
            None => {
                parameters.insert(name.clone(), wanted.clone());
                true
            }
        },
        Value::List(items) => match wanted {
            // The order of accepted values does not matter.
            Value::List(wanted) => items.len() == wanted.len() && items.iter().all(|item| wanted.contains(item)),
            Value::Text(wanted) => items.as_slice() == [wanted.clone()],
            _ => false,
        },
        Value::Text(text) => match wanted {
            Value::List(wanted) => wanted.as_slice() == [text.clone()],
            wanted => ours == wanted,
        },
        ours => ours == wanted,
    }
}

/// Whether the control has a value for every parameter. Parameters equal to their defaults are removed.
fn settled(control: &Control, parameters: &mut Parameters) -> bool {
    let complete =
        control.parameters.iter().all(|(name, default)| parameters.contains_key(name) || *default != Value::Null);
    parameters.retain(|name, value| control.parameters.get(name) != Some(value) || *value == Value::Null);
    complete
}

/// The setting that the catalogue reads for a flag, with its equivalent key and file.
pub(super) fn setting(library: &Library, component: &str, flag: &str) -> Option<Setting> {
    settings(library, component)
        .find(|condition| condition.setting.flag.as_deref() == Some(flag) && condition.setting.entry.is_none())
        .map(|condition| condition.setting.clone())
}

/// The key of the component's configuration file that contains the entries of a map flag.
pub(super) fn key_of_map(library: &Library, component: &str, flag: &str) -> Option<String> {
    settings(library, component)
        .find(|condition| condition.setting.entry.is_some() && condition.setting.flag.as_deref() == Some(flag))
        .and_then(|condition| condition.setting.key.as_ref())
        .map(SharedText::to_string)
}

/// Whether the catalogue reads the value of a setting as a list.
pub(super) fn is_list(library: &Library, component: &str, setting: &Setting) -> bool {
    settings(library, component).any(|condition| {
        let Setting { flag, key, .. } = &condition.setting;
        ((flag.is_some() && *flag == setting.flag) || (key.is_some() && *key == setting.key))
            && condition
                .comparisons
                .iter()
                .any(|condition| matches!(condition.operator, Operator::Includes | Operator::Excludes))
    })
}

/// The setting that the catalogue reads only from the file named by this argument.
pub(super) fn setting_in_file(library: &Library, component: &str, named_by: &str) -> Option<Setting> {
    settings(library, component)
        .map(|condition| &condition.setting)
        .find(|setting| setting.flag.is_none() && setting.file.as_ref().is_some_and(|file| file.named_by == named_by))
        .cloned()
}

/// All conditions that the catalogue has on a component's settings.
fn settings<'l>(library: &'l Library, component: &str) -> impl Iterator<Item = &'l SettingCondition> {
    let component = component.to_owned();
    library
        .controls
        .values()
        .filter(move |control| matches!(&control.audit, Audit::Settings { component: own } if *own == component))
        .filter_map(|control| control.expect.as_ref())
        .flat_map(leaves)
}

fn leaves(expectation: &Expectation) -> Vec<&SettingCondition> {
    match expectation {
        Expectation::All(parts) | Expectation::Any(parts) => parts.iter().flat_map(leaves).collect(),
        Expectation::Setting(condition) => vec![condition],
        Expectation::File(_) => Vec::new(),
    }
}
