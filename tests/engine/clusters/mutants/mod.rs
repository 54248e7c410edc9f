//! Mutation tests for policies: changes of single objects, each with the controls that it must affect. A mutant is
//! killed if these controls fail, name the culprit and did not fail before, and all others give the same answers as
//! before. Irrelevant changes must not change any answer.

mod accounts;
mod admission;
mod bindings;
mod eks;
mod engines;
mod mutant;
mod networks;
mod nodes;
mod pod_changes;
mod pods;
mod rights;

use std::collections::BTreeMap;
use std::fmt::Write;

use super::answers::{Answers, answers, general};
use super::parallel::on_all_cores;
use super::world::{Edition, World};
use mutant::Mutant;
pub use rights::subject;

/// The least number of mutants. Fewer would mean that mutants were lost.
const FEWEST: usize = 1_400;
/// The least number of irrelevant changes.
const FEWEST_HARMLESS: usize = 600;

fn all(edition: Edition, world: &World) -> Vec<(&'static str, Mutant)> {
    let of_all = match edition {
        Edition::Hardened => vec![
            ("pods", pods::mutants(world)),
            ("rights", rights::mutants()),
            ("bindings", bindings::mutants()),
            ("accounts", accounts::mutants()),
            ("admission", admission::mutants()),
            ("engines", engines::mutants()),
            ("networks", networks::mutants()),
            ("nodes", nodes::mutants()),
        ],
        Edition::Eks => vec![("EKS", nodes::mutants_of_eks()), ("EKS's own", eks::mutants())],
        Edition::Careless | Edition::Management => Vec::new(),
    };
    of_all.into_iter().flat_map(|(name, mutants)| mutants.into_iter().map(move |mutant| (name, mutant))).collect()
}

/// The state of a worker.
struct Prepared {
    world: World,
    before: Answers,
    mutants: Vec<(&'static str, Mutant)>,
}

fn prepared(edition: Edition) -> Prepared {
    let world = World::of(edition);
    let before = answers(&world);
    let mutants = all(edition, &world);
    Prepared { world, before, mutants }
}

#[test]
fn every_mutant_is_killed_and_nothing_else_changes() {
    let mut survivors = Vec::new();
    let mut tried: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut by_control: BTreeMap<&str, usize> = BTreeMap::new();
    for edition in [Edition::Hardened, Edition::Eks] {
        let named = all(edition, &World::of(edition));
        let batches = mutant::batches(&named.iter().map(|(_, mutant)| mutant).collect::<Vec<_>>());
        let results = on_all_cores(
            batches.len(),
            || prepared(edition),
            |Prepared { world, before, mutants }, number| {
                let batch: Vec<&Mutant> = batches[number].iter().map(|place| &mutants[*place].1).collect();
                mutant::survivors(&batch, world, before)
            },
        );
        for (batch, survived) in batches.iter().zip(results) {
            let titles: Vec<&str> = batch.iter().map(|place| named[*place].1.title.as_str()).collect();
            survivors.extend(survived.into_iter().map(|why| format!("{}\n    {why}", titles.join("\n+ "))));
        }
        for (name, mutant) in &named {
            let (harmful, harmless) = tried.entry(name).or_default();
            *if mutant.turns.is_empty() { harmless } else { harmful } += 1;
            for (control, _) in &mutant.turns {
                *by_control.entry(control).or_default() += 1;
            }
        }
    }
    let (harmful, harmless) = tried.values().fold((0, 0), |(a, b), (c, d)| (a + c, b + d));
    let mut said = format!("{harmful} mutants, and {harmless} changes that matter to no control\n");
    for (name, (harmful, harmless)) in &tried {
        writeln!(said, "{name}: {harmful} and {harmless}").expect("written");
    }
    print!("{said}");
    assert!(survivors.is_empty(), "{said}{} survive:\n{}", survivors.len(), survivors.join("\n"));
    assert!(harmful >= FEWEST && harmless >= FEWEST_HARMLESS, "{said}");
    // Manual whatever the objects show.
    let manual = [
        "eks/authorization",
        "eks/node-ports",
        "eks/node-ssh",
        "workloads/external-secrets",
        "workloads/image-provenance",
        "workloads/namespaces",
        // Manual without a list of registries.
        "image-registry/approved-registries",
    ];
    let judged = general().filter(|control| !manual.contains(control));
    let unturned: Vec<_> = judged.filter(|control| !by_control.contains_key(*control)).collect();
    assert!(unturned.is_empty(), "no mutant turns {unturned:?}");
}
