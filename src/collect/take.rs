//! Takes the inventory: finds the components' processes, as far as they are trusted, and other signs that a component
//! belongs on this node.

use std::collections::{BTreeMap, BTreeSet};

use definitions::benchmark::{BelongsTo, Library};
use probe::{Answer, Node, Observed, Question};
use sorting::Sorting;

use super::candidates;
use super::embedded::known::Embedded;
use super::embedded::settle::settle as settle_embedded;
use super::identity::{self, Identification, KUBELET};
use super::instances::settle;
use super::inventory::{Inventory, Presence};
use super::layout;
use super::presence::presence;
use super::room::Room;
use super::static_pod::{self, StaticPods};

/// Finds the components of `library` on the node.
pub fn take_inventory<'a>(node: &dyn Node, library: &'a Library) -> Inventory<'a> {
    let host_name = match node.ask(&Question::HostName) {
        Observed::Present(Answer::Text(name)) => name,
        _ => String::new(),
    };
    let accounts = candidates::accounts(node);
    let mut inventory = Inventory {
        host_name,
        accounts: accounts.clone(),
        instances: BTreeMap::new(),
        records: BTreeMap::new(),
        presence: BTreeMap::new(),
        embedders: BTreeMap::new(),
        ignored: BTreeMap::new(),
        remarks: Vec::new(),
        degraded: None,
        unlisted: None,
        stand_ins: Vec::new(),
        argument_files: BTreeMap::new(),
        cluster_directory: None,
        static_pods: StaticPods::default(),
        embedded: Embedded::default(),
        room: Room::default(),
        library,
    };
    let users = identity::users(&library.components, &accounts);
    let ask = |users: &BTreeSet<u32>| node.ask(&candidates::processes(&library.components, users));
    let mut identification = Identification::new(node, library, &accounts);
    let mut passed_over = BTreeMap::new();
    match ask(&users) {
        Observed::Present(Answer::Processes(processes)) => {
            passed_over = processes.passed_over;
            identification.look(processes.listed);
        }
        Observed::Unknown(why) => inventory.unlisted = Some(why),
        Observed::Present(_) | Observed::Absent => {}
    }
    // The kubelet comes first: its configuration says where static pods are defined, and those show what other
    // components mount.
    let on_node = std::mem::take(&mut identification.on_node);
    let (kubelets, others): (Vec<_>, Vec<_>) = on_node.into_iter().partition(|it| it.component.key == KUBELET);
    for kubelet in kubelets {
        settle(node, kubelet, &mut inventory);
    }
    settle_embedded(node, &mut inventory, &mut identification.embedders, &mut identification.unsure);
    inventory.static_pods = static_pod::find(node, inventory.of(KUBELET), library);
    // Manifests may run their containers as further users.
    let mut named = sorting::set(inventory.static_pods.containers.iter().filter_map(|pod| pod.user));
    if inventory.static_pods.containers.is_empty() && !inventory.of(KUBELET).is_empty() {
        named.extend(identity::others(&passed_over, library));
    }
    if !named.is_subset(&users)
        && !passed_over.is_empty()
        && let Observed::Present(Answer::Processes(processes)) = ask(&sorting::set(users.union(&named).copied()))
    {
        passed_over = processes.passed_over;
        identification.look(processes.listed.into_iter().filter(|process| !users.contains(&process.uid)).collect());
    }
    identification.pass_over(passed_over);
    for believed in others {
        settle(node, believed, &mut inventory);
    }
    inventory.embedders = std::mem::take(&mut identification.embedders);
    // Processes outside ordinary pods show which distribution this is.
    let is_of = |distribution: &str| layout::is_here(node, &inventory, distribution);
    for believed in identification.look_into_pods(&inventory.static_pods, &is_of) {
        settle(node, believed, &mut inventory);
    }
    for instances in inventory.instances.values_mut() {
        instances.order_by_key(|instance| instance.pid);
    }
    let Identification { unsure, ignored, degraded, remarks, .. } = identification;
    (inventory.ignored, inventory.degraded, inventory.remarks) = (ignored, degraded, remarks);
    // A process that may be a second instance of a component is only reported.
    let beside = unsure.iter().filter(|(key, _)| inventory.instances.contains_key(*key));
    inventory.remarks.extend(beside.map(|(_, why)| format!("{why}; it is not judged")));
    for component in library.components.values() {
        let presence = presence(node, component, &inventory, &unsure);
        inventory.presence.insert(component.key.to_string(), presence);
    }
    for component in library.components.values() {
        if let Some(whole) = &component.part_of
            && let Some(presence) = inventory.presence.get(whole.as_str()).cloned()
        {
            inventory.presence.insert(component.key.to_string(), presence);
        }
    }
    let of_machine = presence_of_machine(&inventory);
    for component in library.components.values() {
        if let Some(belongs_to) = component.belongs_to {
            let presence = match belongs_to {
                BelongsTo::Machine => of_machine.clone(),
                BelongsTo::ClusterDirectory => Presence::Absent,
            };
            inventory.presence.insert(component.key.to_string(), presence);
        }
    }
    inventory
}

/// The presence of the machine, which is in scope if any component is on it.
fn presence_of_machine(inventory: &Inventory<'_>) -> Presence {
    let of_components = || inventory.presence.values();
    let is_here = |presence: &&Presence| !matches!(presence, Presence::Absent | Presence::Unknown(_));
    let here = of_components().find(is_here).map(|_| Presence::Running);
    here.or_else(|| of_components().find(|presence| matches!(presence, Presence::Unknown(_))).cloned())
        .unwrap_or(Presence::Absent)
}
