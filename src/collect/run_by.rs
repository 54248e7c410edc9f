//! The systemd units that run a component.

use std::collections::BTreeMap;

use crate::component::{Sight, Unit};
use definitions::SharedText;
use definitions::benchmark::Component;
use probe::{Node, Observed};

use super::inventory::Inventory;
use super::unit::{find, keys, name_of};

/// A systemd unit, and the processes of a component that it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunBy {
    /// The unit's name: `kubelet.service`. `None` for processes that belong to no service.
    pub name: Option<String>,
    /// The process IDs; empty if the component is not running.
    pub pids: Vec<i32>,
    /// The unit's contents; absent if the node has no files of it.
    pub unit: Observed<Unit>,
}

/// Returns the units that run a component. Processes in containers have no unit and are omitted.
pub(super) fn that_run(node: &dyn Node, inventory: &Inventory<'_>, component: &Component) -> Vec<RunBy> {
    let mut names: BTreeMap<Option<String>, Vec<i32>> = BTreeMap::new();
    let instances = inventory.of(&component.key);
    for instance in instances.iter().filter(|instance| instance.sight == Sight::Node) {
        names.entry(name_of(&instance.service, component).map(str::to_owned)).or_default().push(instance.pid);
    }
    if instances.is_empty() {
        names.insert(component.unit.as_ref().map(SharedText::to_string), Vec::new());
    }
    names
        .into_iter()
        .map(|(name, pids)| {
            let unit = match name.as_deref().map(|name| find(node, name, &|| keys(inventory.library), &mut Vec::new()))
            {
                None | Some(Ok(None)) => Observed::Absent,
                Some(Ok(Some(found))) => Observed::Present(found.unit),
                Some(Err(why)) => Observed::Unknown(why),
            };
            RunBy { name, pids, unit }
        })
        .collect()
}
