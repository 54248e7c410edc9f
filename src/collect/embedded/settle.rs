//! Creates instances of components that are part of other programs.

use std::collections::BTreeMap;
use std::sync::Arc;

use definitions::benchmark::KubernetesVersion;
use probe::{Cause, Node, Reason};

use super::super::embedder::Embedder;
use super::super::instances::enter;
use super::super::inventory::Inventory;
use super::found::{Found, unread};
use super::told::K3s;
use super::{k3s, kubelite};

/// Creates instances of the components that are part of other programs. Components that such a program does not run are
/// removed from `embedders`; if that is not known, the reason is added to `unsure`.
pub(in crate::collect) fn settle(
    node: &dyn Node,
    inventory: &mut Inventory<'_>,
    embedders: &mut BTreeMap<String, Vec<Embedder>>,
    unsure: &mut BTreeMap<String, Reason>,
) {
    let mut told: BTreeMap<i32, Arc<K3s>> = BTreeMap::new();
    let library = inventory.library;
    for component in library.components.values() {
        let Some(programs) = embedders.remove(component.key.as_str()) else { continue };
        let role = library.roles.get(&component.key).copied();
        let mut here = Vec::new();
        for embedder in programs {
            let found = match program(&embedder) {
                "k3s" => {
                    let told = told.entry(embedder.pid).or_insert_with(|| {
                        Arc::new(k3s::read(node, &embedder, &mut inventory.embedded.read, &mut inventory.stand_ins))
                    });
                    let told = Arc::clone(told);
                    let found = k3s::component(node, component, role, &embedder, &told, &inventory.host_name, None);
                    if matches!(found, Found::Here(_)) {
                        inventory.embedded.k3s.push((component.key.to_string(), embedder.clone(), told));
                    }
                    found
                }
                "kubelite" => kubelite::component(node, component, role, &embedder),
                _ => {
                    let detail = format!(
                        "what {} passes to {} is not known (check its settings by hand)",
                        embedder.name, component.name
                    );
                    Found::Here(Box::new(unread(component, &embedder, Reason::new(Cause::System, &embedder, detail))))
                }
            };
            match found {
                Found::Here(instance) => {
                    enter(node, *instance, component, inventory);
                    here.push(embedder);
                }
                Found::LeftOut => {}
                Found::Unsure(why) => {
                    unsure.entry(component.key.to_string()).or_insert(why);
                }
            }
        }
        if !here.is_empty() {
            embedders.insert(component.key.to_string(), here);
        }
    }
}

/// Recreates the instances whose settings depend on the version, now that it is known.
pub(in crate::collect) fn settle_for(
    node: &dyn Node,
    inventory: &mut Inventory<'_>,
    version: Option<KubernetesVersion>,
) {
    if version.is_none() {
        return;
    }
    let library = inventory.library;
    for (key, embedder, told) in inventory.embedded.k3s.clone() {
        let Some(component) = library.components.get(key.as_str()) else { continue };
        let role = library.roles.get(key.as_str()).copied();
        if let Found::Here(instance) =
            k3s::component(node, component, role, &embedder, &told, &inventory.host_name, version)
        {
            if let Some(instances) = inventory.instances.get_mut(&key) {
                instances.retain(|known| known.embedded_in.is_none() || known.pid != embedder.pid);
            }
            enter(node, *instance, component, inventory);
        }
    }
}

/// The program: the first word of its name, up to a dash.
fn program(embedder: &Embedder) -> &str {
    embedder.name.split([' ', '-']).next().unwrap_or_default()
}
