//! What controls look for, whichever of them a run takes.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Audit, Grammar, Library};

/// What any control of a library looks for. It is gathered when definitions are loaded, so that a run need not read
/// controls that it does not take.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The arguments that name a file of which a control reads a setting: `--encryption-provider-config`.
    pub files_named_by: BTreeSet<String>,
    /// The settings of units: `Service.IPAddressDeny`.
    pub unit_keys: BTreeSet<String>,
    /// The arguments that variables may stand in for, by the key of the component that has them.
    pub flags: BTreeMap<String, BTreeSet<String>>,
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
        wanted
    }
}
