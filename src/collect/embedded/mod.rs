//! Components that are part of another program: their settings, as far as that program's own show them.
//!
//! k3s takes them from its command line, files and variables, and passes much by itself; kubelite, of `MicroK8s`, reads a
//! file of arguments for each. Of others it is known that they are here, and no more.

mod arguments;
mod command;
mod k3s;
mod kubelite;
mod passed;
mod settings;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::component::{
    Arguments, Configuration, Instance, Sight, essential_of_embedder_command, essential_of_embedder_file,
    essential_of_service,
};
use definitions::benchmark::{Component, KubernetesVersion};
use probe::{Cause, Location, Node, Why};

use super::inventory::{self, Embedder, Inventory};
use super::unit;

use k3s::K3s;

/// What is known of components that are part of other programs.
#[derive(Debug, Clone, Default)]
pub(super) struct Embedded {
    /// Those of k3s, whose settings depend on its version.
    k3s: Vec<(String, Embedder, Arc<K3s>)>,
    /// The files that were read for them, of which not all may be kept.
    kept: BTreeMap<Location, Kept>,
}

/// What of a file needs to be kept.
#[derive(Debug, Clone)]
enum Kept {
    /// Of the program's own settings.
    Settings,
    /// Of the unit that runs it: these variables, and the command line.
    Unit(BTreeSet<String>),
}

impl Embedded {
    /// What of a file's content needs to be kept, where that is not the whole.
    pub(super) fn essential(&self, location: &Location, bytes: &[u8], inventory: &Inventory<'_>) -> Option<Vec<u8>> {
        match self.kept.get(location)? {
            Kept::Settings => essential_of_embedder_file(bytes),
            Kept::Unit(names) => {
                let command = |command: &_| essential_of_embedder_command(command, &command::ROLES);
                Some(essential_of_service(bytes, names, &unit::keys(inventory.library), &command))
            }
        }
    }

    /// The file in which the user gives arguments to a component of k3s.
    pub(super) fn settings_of(&self, component: &str) -> Option<&str> {
        self.k3s.iter().find(|(key, ..)| key == component).and_then(|(.., told)| told.settings())
    }

    /// The files that say what the programs are told.
    pub(super) fn files(&self) -> impl Iterator<Item = &Location> {
        self.kept.keys()
    }
}

/// What is found out about one component of a program.
enum Found {
    Here(Box<Instance>),
    /// The program leaves it out.
    LeftOut,
    /// Whether it does is not known.
    Unsure(Why),
}

/// Makes instances of the components that are part of other programs. Those that such a program leaves out are taken
/// from `embedders`; where that is not known, the reason is noted in `unsure`.
pub(super) fn settle(
    node: &dyn Node,
    inventory: &mut Inventory<'_>,
    embedders: &mut BTreeMap<String, Vec<Embedder>>,
    unsure: &mut BTreeMap<String, Why>,
) {
    let mut told: BTreeMap<i32, Arc<K3s>> = BTreeMap::new();
    let library = inventory.library;
    for component in library.components.values() {
        let Some(programs) = embedders.remove(&component.key) else { continue };
        let mut here = Vec::new();
        for embedder in programs {
            let found = match program(&embedder) {
                "k3s" => {
                    let told = told.entry(embedder.pid).or_insert_with(|| {
                        Arc::new(k3s::read(node, &embedder, &mut inventory.embedded.kept, &mut inventory.stand_ins))
                    });
                    let told = Arc::clone(told);
                    let found = k3s::component(node, component, &embedder, &told, &inventory.host_name, None);
                    if matches!(found, Found::Here(_)) {
                        inventory.embedded.k3s.push((component.key.clone(), embedder.clone(), told));
                    }
                    found
                }
                "kubelite" => kubelite::component(node, component, &embedder),
                _ => {
                    let detail = format!(
                        "what {} passes to {} is not known (look at its settings by hand)",
                        embedder.name, component.name
                    );
                    Found::Here(Box::new(unread(component, &embedder, Why::new(Cause::System, &embedder, detail))))
                }
            };
            match found {
                Found::Here(instance) => {
                    inventory::enter(node, *instance, component, inventory);
                    here.push(embedder);
                }
                Found::LeftOut => {}
                Found::Unsure(why) => {
                    unsure.entry(component.key.clone()).or_insert(why);
                }
            }
        }
        if !here.is_empty() {
            embedders.insert(component.key.clone(), here);
        }
    }
}

/// Makes the instances anew whose settings depend on the version, now that it is known.
pub(super) fn settle_for(node: &dyn Node, inventory: &mut Inventory<'_>, version: Option<KubernetesVersion>) {
    if version.is_none() {
        return;
    }
    let library = inventory.library;
    for (key, embedder, told) in inventory.embedded.k3s.clone() {
        let Some(component) = library.components.get(&key) else { continue };
        if let Found::Here(instance) = k3s::component(node, component, &embedder, &told, &inventory.host_name, version)
        {
            if let Some(instances) = inventory.instances.get_mut(&key) {
                instances.retain(|known| known.embedded_in.is_none() || known.pid != embedder.pid);
            }
            inventory::enter(node, *instance, component, inventory);
        }
    }
}

/// The program, by the first word of its name without what follows a dash.
fn program(embedder: &Embedder) -> &str {
    embedder.name.split([' ', '-']).next().unwrap_or_default()
}

/// A component whose settings are not known.
fn unread(component: &Component, embedder: &Embedder, why: Why) -> Instance {
    Instance { unread: Some(why), ..instance(component, embedder, Arguments::default()) }
}

/// A component with what its program passes to it.
fn instance(component: &Component, embedder: &Embedder, arguments: Arguments) -> Instance {
    Instance {
        component: component.key.clone(),
        name: component.name.clone(),
        pid: embedder.pid,
        arguments,
        unread: None,
        variables: probe::Observed::Absent,
        configuration: Configuration::NotUsed,
        files: BTreeMap::new(),
        sight: Sight::Node,
        working_directory: None,
        container: None,
        service: embedder.service.clone(),
        manifest: None,
        embedded_in: Some(embedder.name.clone()),
    }
}
