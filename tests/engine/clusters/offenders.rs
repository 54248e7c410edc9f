//! Offenders: objects no longer offend once they are removed.

use std::collections::{BTreeMap, BTreeSet};

use super::answers::{Answers, answers};
use super::parallel::on_all_cores;
use super::world::{Edition, World};

/// Returns the objects of a workload, found by its name or by owner references: the controllers, and the pods.
pub fn parts_of(world: &World, kind: &str, namespace: &str, name: &str) -> (Vec<String>, Vec<String>) {
    let owner_of = |id: &str| {
        let object = world.get(id);
        let owner = &object["metadata"]["ownerReferences"][0];
        Some((owner["kind"].as_str()?.to_owned(), owner["name"].as_str()?.to_owned()))
    };
    let within = |kind: &str| {
        let start = format!("{kind} {namespace}/");
        world.of_kind(kind).into_iter().filter(move |id| id.starts_with(&start)).collect::<Vec<_>>()
    };
    let sets: Vec<String> = within("ReplicaSet")
        .into_iter()
        .filter(|id| owner_of(id).is_some_and(|own| own == (kind.to_owned(), name.to_owned())))
        .collect();
    let set_names: Vec<&str> = sets.iter().filter_map(|id| id.rsplit_once('/')).map(|(_, name)| name).collect();
    let pods = within("Pod").into_iter().filter(|id| {
        owner_of(id).is_some_and(|(own, of)| {
            (own == kind && of == name) || (own == "ReplicaSet" && set_names.contains(&of.as_str()))
        })
    });
    let pods = pods.collect();
    let mut makers = sets;
    makers.push(format!("{kind} {namespace}/{name}"));
    (makers, pods)
}

/// Whether an answer does not name an object.
fn is_free_of(answers: &Answers, control: &str, id: &str) -> bool {
    let starts = |line: &str| line.strip_prefix(id).is_some_and(|rest| rest.is_empty() || rest.starts_with(" ["));
    !answers[control].offenders.iter().any(|(line, _)| starts(line))
}

#[test]
fn an_object_that_is_gone_offends_no_more() {
    let world = World::of(Edition::Careless);
    let before = answers(&world);
    let mut objects: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (control, answer) in &before {
        for (line, _) in &answer.offenders {
            let id = line.split_once(" [").map_or(line.as_str(), |(id, _)| id);
            objects.entry(id.to_owned()).or_default().insert((*control).to_owned());
        }
    }
    assert!(objects.len() > 50, "{}", objects.len());
    let ids: Vec<&String> = objects.keys().collect();
    let results = on_all_cores(
        ids.len(),
        || World::of(Edition::Careless),
        |world, number| {
            let id = ids[number];
            let mut without = world.clone();
            let (kind, rest) = id.split_once(' ').expect("a kind and a name");
            match rest.split_once('/') {
                // Remove the account's rights, not the account.
                _ if id == "ServiceAccount dev/default" => without.remove("RoleBinding dev/everyone"),
                _ if id == "ServiceAccount legacy/default" => without.remove("RoleBinding legacy/default-view"),
                Some((namespace, name)) if world.has(id) || kind == "Pod" => {
                    let (makers, pods) = parts_of(world, kind, namespace, name);
                    makers.iter().chain(&pods).filter(|id| world.has(id)).for_each(|id| without.remove(id));
                }
                _ if kind == "Namespace" => {
                    // Remove the namespace with everything in it.
                    let start = format!("{rest}/");
                    let inside =
                        world.ids().filter(|id| id.split_once(' ').is_some_and(|(_, name)| name.starts_with(&start)));
                    inside.for_each(|id| without.remove(id));
                    without.remove(id);
                }
                _ => without.remove(id),
            }
            let after = answers(&without);
            let still = objects[id].iter().filter(|control| !is_free_of(&after, control, id));
            still.map(|control| format!("{control} still names {id}")).collect::<Vec<_>>()
        },
    );
    assert_eq!(results.concat(), [""; 0]);
    println!("{} offenders", ids.len());
}
