//! Whether components belong on this node.

use std::collections::BTreeMap;

use definitions::benchmark::Component;
use probe::{Cause, Node, Observed, Reason};

use super::inventory::{Inventory, Presence};
use super::place::Places;

/// Determines whether a component belongs on this node. Running processes take precedence over files, so leftovers
/// decide nothing.
pub(super) fn presence(
    node: &dyn Node,
    component: &Component,
    inventory: &Inventory<'_>,
    unsure: &BTreeMap<String, Reason>,
) -> Presence {
    if inventory.of(&component.key).iter().any(|instance| instance.embedded_in.is_none()) {
        return Presence::Running;
    }
    if let Some(embedders) = inventory.embedders.get(component.key.as_str()) {
        let programs: Vec<String> = embedders.iter().map(ToString::to_string).collect();
        return Presence::Embedded(programs.join(", "));
    }
    if let Some(why) = unsure.get(component.key.as_str()) {
        return Presence::Unknown(why.clone());
    }
    if !inventory.embedders.is_empty() {
        return Presence::Absent;
    }
    let places = Places { node, inventory, directories: false };
    let mut unseen = None;
    for place in component.places.values().filter(|place| place.evidence) {
        // If the kubelet's configuration shows which manifests it runs, others are leftovers.
        if place.static_pod
            && inventory.static_pods.are_told
            && inventory.static_pods.of(&component.key).next().is_none()
        {
            continue;
        }
        let seen = places.at(component, place);
        if let Some(seen) = seen.iter().find(|seen| seen.metadata.as_present().is_some()) {
            return Presence::Installed(seen.path.clone());
        }
        unseen = unseen.or_else(|| {
            seen.into_iter().find_map(|seen| match seen.metadata {
                Observed::Unknown(why) if why.cause != Cause::NotRecorded => Some(why),
                _ => None,
            })
        });
    }
    let has_manifests = component.places.values().any(|place| place.static_pod);
    let incomplete = inventory.static_pods.incomplete.clone().filter(|_| has_manifests);
    incomplete.or_else(|| inventory.unlisted.clone()).or(unseen).map_or(Presence::Absent, Presence::Unknown)
}
