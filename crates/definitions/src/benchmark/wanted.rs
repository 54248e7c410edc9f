//! What controls look for, whichever of them a run takes.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Audit, Deferred, Grammar, Library};
use crate::profile::Profile;

/// What any control of a library looks for. It is gathered when definitions are loaded, so that a run need not read
/// controls that it does not take.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Wanted {
    /// The arguments that name a file of which a control reads a setting: `--encryption-provider-config`.
    pub files_named_by: BTreeSet<String>,
    /// The settings of units: `Service.IPAddressDeny`.
    pub unit_keys: BTreeSet<String>,
    /// The arguments that variables may stand in for, by the key of the component that has them.
    pub flags: BTreeMap<String, BTreeSet<String>>,
    /// The arguments by which profiles take a skip back.
    pub unless_set: BTreeSet<String>,
    /// The key paths that are read of the configuration file of a component, by its key.
    pub keys: Deferred<BTreeMap<String, BTreeSet<String>>>,
    /// The key paths that are read of files which arguments name, by argument.
    pub keys_of_files: Deferred<BTreeMap<String, BTreeSet<String>>>,
}

impl Wanted {
    /// What the controls of a library look for.
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

    /// Adds what profiles look for.
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
