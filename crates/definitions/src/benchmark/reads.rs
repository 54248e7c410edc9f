//! The settings of a node that definitions read, which are all that a recording needs to contain.

use std::collections::{BTreeMap, BTreeSet};

use super::{Audit, Control, Expectation, FEATURE_GATES, GATE_GROUPS, Library, Operator, Setting};
use crate::SharedText;

impl Library {
    /// Returns the key paths read from configuration files, by component: those of the controls' settings and those
    /// that places follow.
    pub(super) fn keys_read(&self) -> BTreeMap<SharedText, BTreeSet<SharedText>> {
        let mut keys: BTreeMap<SharedText, BTreeSet<SharedText>> = BTreeMap::new();
        let mut add = |component: &str, key: SharedText| keys.entry(component.into()).or_default().insert(key);
        for control in self.controls.values() {
            let Audit::Settings { component } = &control.audit else { continue };
            let Some(component) = self.with_process(component) else { continue };
            for setting in settings_of(control) {
                let Some(key) = &setting.key else { continue };
                add(
                    &component.key,
                    setting.entry.as_ref().map_or_else(|| key.clone(), |entry| format!("{key}.{entry}").into()),
                );
                if setting.flag.as_deref() == Some(FEATURE_GATES) {
                    // A gate that is not set by name takes its value from its group.
                    for group in GATE_GROUPS {
                        add(&component.key, format!("{key}.{group}").into());
                    }
                }
            }
        }
        for own in self.components.values() {
            let whole = own.part_of.as_ref().unwrap_or(&own.key);
            for follow in own.places.values().flat_map(|place| &place.follow) {
                let component = follow.of.as_ref().unwrap_or(whole);
                let of_default = follow.unset.as_deref().and_then(named_in_default);
                let of_default = of_default.map(|flag| flag.trim_start_matches('-').into());
                for key in follow.key.clone().into_iter().chain(of_default) {
                    add(component, key);
                }
            }
        }
        keys
    }

    /// Returns the key paths read from files that arguments name, by argument.
    pub(super) fn keys_read_of_files(&self) -> BTreeMap<SharedText, BTreeSet<SharedText>> {
        let mut keys: BTreeMap<SharedText, BTreeSet<SharedText>> = BTreeMap::new();
        let files =
            self.controls.values().flat_map(|control| settings_of(control)).filter_map(|setting| setting.file.as_ref());
        for file in files {
            let of_file = keys.entry(file.named_by.clone()).or_default();
            of_file.extend(std::iter::once(&file.key).chain(&file.limited_by).cloned());
        }
        keys
    }

    /// Returns the arguments whose values are read, for all components.
    pub fn flags_read(&self) -> BTreeSet<SharedText> {
        let mut flags = BTreeSet::new();
        for control in self.controls.values() {
            for setting in settings_of(control) {
                flags.extend(setting.flag.clone());
                flags.extend(setting.file.as_ref().map(|file| file.named_by.clone()));
            }
            for comparison in control.settings().flat_map(|condition| &condition.comparisons) {
                if comparison.operator == Operator::DiffersFrom {
                    let other = comparison.operand.to_string();
                    flags.extend(other.split_once(' ').map(|(_, flag)| flag.into()));
                }
            }
        }
        for component in self.components.values() {
            let config = component.config.iter();
            flags.extend(config.flat_map(|config| config.drop_ins.iter().chain([&config.flag])).cloned());
            for follow in component.places.values().flat_map(|place| &place.follow) {
                flags.extend(follow.flag.clone());
                flags.extend(follow.unless.as_deref().and_then(|unless| Some(unless.split_once('=')?.0.into())));
                flags.extend(follow.unset.as_deref().and_then(named_in_default).map(SharedText::from));
            }
        }
        for component in self.components.values() {
            flags.extend(
                component
                    .former
                    .iter()
                    .filter(|(flag, _)| flags.contains(*flag))
                    .map(|(_, older)| older.clone())
                    .collect::<Vec<_>>(),
            );
        }
        flags.extend(self.wanted.unless_set.iter().cloned());
        flags
    }

    /// Returns the arguments that components are known to accept, whether or not definitions read them.
    pub fn flags_known(&self) -> BTreeSet<&str> {
        let mut known = BTreeSet::new();
        for component in self.components.values() {
            let flags = &component.flags;
            for kind in [&*flags.boolean, &flags.list, &flags.map, &flags.duration] {
                known.extend(kind.iter().map(SharedText::as_str));
            }
            known.extend(component.defaults.keys().map(SharedText::as_str));
        }
        known
    }
}

/// Returns the settings that a control refers to, including those it only shows to reviewers.
fn settings_of(control: &Control) -> impl Iterator<Item = &Setting> {
    let shown = control.shows.as_deref().into_iter().flat_map(Expectation::settings);
    control.settings().chain(shown).map(|condition| &condition.setting)
}

/// Returns the flag in a default such as `{--data-dir}/member`.
fn named_in_default(unset: &str) -> Option<&str> {
    unset.split_once('{')?.1.split_once('}').map(|(flag, _)| flag)
}
