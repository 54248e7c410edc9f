//! The settings that controls read, gathered over all controls.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Audit, Deferred, Grammar, Library};
use crate::SharedText;
use crate::profile::Profile;

/// The settings that any control of a library reads. Gathered when definitions are loaded, so that a run need not
/// decode controls that it does not use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Wanted {
    /// Arguments naming a file from which a control reads a setting: `--encryption-provider-config`.
    pub files_named_by: BTreeSet<SharedText>,
    /// Settings of systemd units: `Service.IPAddressDeny`.
    pub unit_keys: BTreeSet<SharedText>,
    /// Arguments that environment variables can replace, by component key.
    pub flags: BTreeMap<SharedText, BTreeSet<SharedText>>,
    /// Arguments that cancel a profile's skip.
    pub unless_set: BTreeSet<SharedText>,
    /// Key paths read from a component's configuration file, by component key.
    pub keys: Deferred<BTreeMap<SharedText, BTreeSet<SharedText>>>,
    /// Key paths read from files that arguments name, by argument.
    pub keys_of_files: Deferred<BTreeMap<SharedText, BTreeSet<SharedText>>>,
}

impl Wanted {
    /// Gathers the settings that a library's controls read.
    pub(super) fn of(library: &Library) -> Self {
        let mut wanted = Self::default();
        for control in library.controls.values() {
            for demand in control.settings() {
                let setting = &demand.setting;
                wanted.files_named_by.extend(setting.file.as_ref().map(|file| file.named_by.clone()));
                match &control.audit {
                    Audit::Unit { .. } => wanted.unit_keys.extend(setting.key.clone()),
                    Audit::Settings { component } => {
                        let component = library.with_process(component);
                        let with_variables = component.filter(|component| component.grammar == Grammar::Etcd);
                        if let (Some(component), Some(flag)) = (with_variables, &setting.flag) {
                            wanted.flags.entry(component.key.clone()).or_default().insert(flag.clone());
                        }
                    }
                    Audit::Files { .. } | Audit::Review => {}
                }
            }
        }
        wanted.keys = library.keys_read().into();
        wanted.keys_of_files = library.keys_read_of_files().into();
        wanted
    }

    /// Adds the settings that profiles read.
    pub(crate) fn take_profiles(&mut self, profiles: &[Profile]) {
        for unless_set in profiles.iter().flat_map(|profile| &profile.skip).filter_map(|skip| skip.unless_set.as_ref())
        {
            let setting = &unless_set.setting;
            self.unless_set.extend(setting.flag.clone());
            if let Some(key) = &setting.key {
                self.keys.entry(unless_set.component.clone()).or_default().insert(key.clone());
            }
        }
    }
}
