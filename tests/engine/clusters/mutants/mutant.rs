//! Mutants: changes of a cluster, with the controls that each must affect.

use serde_json::Value;

use crate::clusters::answers::{Answers, answers};
use crate::clusters::world::World;

/// A control that combines two others, and changes with each.
const ENFORCED: &str = "eks/network-policies-enforced";
const OF_ENFORCED: [&str; 2] = ["workloads/network-policies", "workloads/network-policy-support"];

/// A change of a cluster.
pub struct Mutant {
    pub title: String,
    change: Box<dyn Fn(&mut World)>,
    /// Controls and their verdicts after the change.
    pub turns: Vec<(&'static str, &'static str)>,
    /// Objects, of which each failing control must name one.
    culprits: Vec<String>,
    /// Whether the exempt objects may change.
    exempts_others: bool,
    /// The group and object of the change, if it can be tried together with changes of other objects.
    object: Option<(&'static str, String)>,
}

impl Mutant {
    /// Creates a change after which these controls must fail and name the culprit.
    pub fn new(
        title: impl Into<String>,
        fails: &[&'static str],
        culprit: impl Into<String>,
        change: impl Fn(&mut World) + 'static,
    ) -> Self {
        let mut turns: Vec<_> = fails.iter().map(|control| (*control, "fail")).collect();
        if fails.iter().any(|control| OF_ENFORCED.contains(control)) {
            turns.push((ENFORCED, "fail"));
        }
        Self {
            title: title.into(),
            change: Box::new(change),
            turns,
            culprits: vec![culprit.into()],
            exempts_others: false,
            object: None,
        }
    }

    /// Creates a change of one object.
    pub fn edit(
        title: impl Into<String>,
        id: &str,
        fails: &[&'static str],
        culprit: impl Into<String>,
        change: impl Fn(&mut Value) + 'static,
    ) -> Self {
        let id = id.to_owned();
        let title = format!("{id}: {}", title.into());
        Self::new(title, fails, culprit, move |world| world.edit(&id, &change))
    }

    /// Creates a change that must not change any answer.
    pub fn harmless(title: impl Into<String>, change: impl Fn(&mut World) + 'static) -> Self {
        Self::new(title, &[], "", change)
    }

    /// Adds another name by which the culprit may be reported.
    #[must_use]
    pub fn or(mut self, culprit: impl Into<String>) -> Self {
        self.culprits.push(culprit.into());
        self
    }

    /// Adds a control that becomes unknown.
    #[must_use]
    pub fn leaves_unknown(mut self, control: &'static str) -> Self {
        self.turns.push((control, "unknown"));
        if OF_ENFORCED.contains(&control) {
            self.turns.push((ENFORCED, "unknown"));
        }
        self
    }

    /// Adds another control that fails.
    #[must_use]
    pub fn turning(mut self, control: &'static str) -> Self {
        self.turns.push((control, "fail"));
        self
    }

    /// Adds a control that becomes manual.
    #[must_use]
    pub fn leaves_to_people(mut self, control: &'static str) -> Self {
        self.turns.push((control, "manual"));
        self
    }

    /// Allows the exempt objects to change.
    #[must_use]
    pub fn changes_what_is_exempt(mut self) -> Self {
        self.exempts_others = true;
        self
    }

    /// Allows trying the mutant together with others of the same group and of other objects; their culprits distinguish
    /// them.
    #[must_use]
    pub fn with_others(mut self, group: &'static str, object: impl Into<String>) -> Self {
        self.object = Some((group, object.into()));
        self
    }
}

/// Groups the indexes of mutants that can be tried together.
pub fn batches(mutants: &[&Mutant]) -> Vec<Vec<usize>> {
    const MOST: usize = 20;
    let mut all: Vec<Vec<usize>> = Vec::new();
    for (place, mutant) in mutants.iter().enumerate() {
        let fits = |batch: &&mut Vec<usize>| {
            batch.len() < MOST
                && batch.iter().map(|place| mutants[*place]).all(|other| {
                    let are_apart = match (&other.object, &mutant.object) {
                        (Some((group, other)), Some((own, object))) => group == own && other != object,
                        _ => false,
                    };
                    are_apart && other.turns.is_empty() == mutant.turns.is_empty()
                })
        };
        match all.iter_mut().find(fits) {
            Some(batch) => batch.push(place),
            None => all.push(vec![place]),
        }
    }
    all
}

/// Applies the mutants together, and returns why some of them survive.
pub fn survivors(mutants: &[&Mutant], world: &World, before: &Answers) -> Vec<String> {
    let mut changed = world.clone();
    for mutant in mutants {
        (mutant.change)(&mut changed);
    }
    let after = answers(&changed);
    let are_harmless = mutants.iter().all(|mutant| mutant.turns.is_empty() && !mutant.exempts_others);
    let mut why = Vec::new();
    for (control, after) in &after {
        let before = &before[control];
        let turning: Vec<(&Mutant, &str)> = mutants
            .iter()
            .filter_map(|mutant| Some((*mutant, mutant.turns.iter().find(|(own, _)| own == control)?.1)))
            .collect();
        let expected = turning.first().map_or(before.verdict, |(_, verdict)| *verdict);
        if !turning.is_empty() && expected == before.verdict {
            why.push(format!("{control} is {} before", before.verdict));
        } else if after.verdict != expected {
            let offenders: Vec<_> = after.offenders.difference(&before.offenders).collect();
            why.push(format!("{control} is {}, and should be {expected}: {offenders:?}", after.verdict));
        } else if !turning.is_empty() && expected == "fail" {
            let names = |mutant: &Mutant, line: &str| mutant.culprits.iter().any(|culprit| line.starts_with(culprit));
            for (line, found) in &after.offenders {
                if !turning.iter().any(|(mutant, _)| names(mutant, line)) {
                    why.push(format!("{control} names {line}: {found}"));
                }
            }
            for (mutant, _) in &turning {
                if !after.offenders.iter().any(|(line, _)| names(mutant, line)) {
                    why.push(format!("{control} does not name {:?}", mutant.culprits));
                }
            }
        // Failing controls are tested in another edition.
        } else if are_harmless
            && before.verdict != "fail"
            && (&after.offenders, &after.exempt) != (&before.offenders, &before.exempt)
        {
            let exempt = after.exempt.symmetric_difference(&before.exempt);
            why.push(format!("{control} names other objects: {:?}", exempt.collect::<Vec<_>>()));
        }
    }
    why
}

/// Sets the value at a path of keys and creates missing objects. A number is a list index, and the list's length
/// appends. `null` removes the value.
pub fn set(value: &mut Value, path: &str, new: Value) {
    let (parent, last) = path.rsplit_once('/').map_or((None, path), |(parent, last)| (Some(parent), last));
    let mut at = value;
    for key in parent.into_iter().flat_map(|parent| parent.split('/')) {
        at = match key.parse::<usize>() {
            Ok(place) => &mut at[place],
            Err(_) => {
                if at.get(key).is_none_or(Value::is_null) {
                    at[key] = if last.parse::<usize>().is_ok() {
                        Value::Array(Vec::new())
                    } else {
                        Value::Object(serde_json::Map::new())
                    };
                }
                &mut at[key]
            }
        };
    }
    match (last.parse::<usize>(), new) {
        (Ok(place), new) => {
            let entries = at.as_array_mut().unwrap_or_else(|| panic!("{path}: no list"));
            if place == entries.len() { entries.push(new) } else { entries[place] = new }
        }
        (Err(_), Value::Null) => drop(at.as_object_mut().expect("an object").remove(last)),
        (Err(_), new) => at[last] = new,
    }
}
