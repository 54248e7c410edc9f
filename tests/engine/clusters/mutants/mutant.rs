//! A change, and the controls that it must turn.

use serde_json::Value;

use crate::clusters::answers::{Answers, answers};
use crate::clusters::world::World;

/// A changed cluster.
pub struct Mutant {
    pub title: String,
    change: Box<dyn Fn(&mut World)>,
    /// Controls and their verdicts after the change.
    pub turns: Vec<(&'static str, &'static str)>,
    /// What each control that fails must name one of.
    culprits: Vec<String>,
    /// Whether what is exempt may be another.
    exempts_others: bool,
}

impl Mutant {
    /// A change that must make these controls fail, and name this.
    pub fn new(
        title: impl Into<String>,
        fails: &[&'static str],
        culprit: impl Into<String>,
        change: impl Fn(&mut World) + 'static,
    ) -> Self {
        Self {
            title: title.into(),
            change: Box::new(change),
            turns: fails.iter().map(|control| (*control, "fail")).collect(),
            culprits: vec![culprit.into()],
            exempts_others: false,
        }
    }

    /// A change of one object.
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

    /// A change that must change no answer.
    pub fn harmless(title: impl Into<String>, change: impl Fn(&mut World) + 'static) -> Self {
        Self::new(title, &[], "", change)
    }

    /// The same mutant, which may be named in another way too.
    #[must_use]
    pub fn or(mut self, culprit: impl Into<String>) -> Self {
        self.culprits.push(culprit.into());
        self
    }

    /// The same mutant, where a control can no longer tell.
    #[must_use]
    pub fn leaves_unknown(mut self, control: &'static str) -> Self {
        self.turns.push((control, "unknown"));
        self
    }

    /// The same mutant, which takes away what is exempt.
    #[must_use]
    pub fn changes_what_is_exempt(mut self) -> Self {
        self.exempts_others = true;
        self
    }

    /// Why it survives, if it does.
    pub fn survives(&self, world: &World, before: &Answers) -> Vec<String> {
        let mut changed = world.clone();
        (self.change)(&mut changed);
        let after = answers(&changed);
        let mut why = Vec::new();
        for (control, after) in &after {
            let before = &before[control];
            let turned = self.turns.iter().find(|(own, _)| own == control).map(|(_, verdict)| *verdict);
            let expected = turned.unwrap_or(before.verdict);
            if turned == Some(before.verdict) {
                why.push(format!("{control} is {} before", before.verdict));
            } else if after.verdict != expected {
                let offenders: Vec<_> = after.offenders.difference(&before.offenders).collect();
                why.push(format!("{control} is {}, and should be {expected}: {offenders:?}", after.verdict));
            } else if turned == Some("fail") {
                let named =
                    |(line, _): &(String, String)| self.culprits.iter().any(|culprit| line.starts_with(culprit));
                if !after.offenders.iter().all(named) {
                    why.push(format!("{control} names {:?}, and should name {:?}", after.offenders, self.culprits));
                }
            } else if self.turns.is_empty()
                && !self.exempts_others
                && (&after.offenders, &after.exempt) != (&before.offenders, &before.exempt)
            {
                why.push(format!(
                    "{control} names other objects: {:?}",
                    after.exempt.symmetric_difference(&before.exempt)
                ));
            }
        }
        why
    }
}

/// Sets what is at a path of keys, where missing objects are made; a number is a place in a list, its length adds to it.
/// `null` takes away.
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
            let list = at.as_array_mut().unwrap_or_else(|| panic!("{path}: no list"));
            if place == list.len() { list.push(new) } else { list[place] = new }
        }
        (Err(_), Value::Null) => drop(at.as_object_mut().expect("an object").remove(last)),
        (Err(_), new) => at[last] = new,
    }
}
