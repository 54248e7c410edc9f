//! What is read of a document, as a tree of the keys that lead there.

use std::collections::BTreeMap;

use definitions::benchmark::{KeyPath, Step};

/// What is made of a value that a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// It is read.
    Read,
    /// The words of a command line, the program first.
    Words,
    /// The words of a command line behind the program.
    Arguments,
    /// The variables of a container.
    Variables,
    /// Lists of values, by flag.
    Flags,
    /// Arguments that a program hands on.
    Nested,
    /// The URL of a database.
    Schemes,
    /// Nothing but whether it is there, and whether anything is in it.
    There,
}

/// What is read of a node.
#[derive(Debug, Clone, Default)]
pub(super) struct Need {
    /// The node itself, with all below it.
    pub(super) whole: Option<Action>,
    /// Of a mapping: by key.
    pub(super) keys: BTreeMap<String, Need>,
    /// Of a mapping: the names of its keys.
    pub(super) names: bool,
    /// Of a list: every item.
    pub(super) every: Option<Box<Need>>,
    /// Of a list: by place.
    pub(super) items: BTreeMap<usize, Need>,
    /// Of a list: the first item whose value under a key is one of these.
    pub(super) first: Vec<(String, Vec<String>, Need)>,
}

impl Need {
    /// What these parts of a document are: key paths, behind each of which an action may stand after `=`.
    pub(super) fn of<'p>(parts: impl IntoIterator<Item = &'p String>) -> Self {
        let mut need = Self::default();
        for part in parts {
            let (path, action) = action_of(part);
            if let Ok(KeyPath(steps)) = path.parse() {
                need.add(&steps, action);
            }
        }
        need
    }

    fn add(&mut self, steps: &[Step], action: Action) {
        let Some((step, rest)) = steps.split_first() else {
            self.whole.get_or_insert(action);
            return;
        };
        match step {
            Step::Key(key) => self.keys.entry(key.clone()).or_default().add(rest, action),
            Step::Names => self.names = true,
            Step::Every => self.every.get_or_insert_default().add(rest, action),
            Step::Item(index) => self.items.entry(*index).or_default().add(rest, action),
            Step::Where { key, values } => {
                let mut need = Self::default();
                need.add(rest, action);
                self.first.push((key.clone(), values.clone(), need));
            }
        }
    }
}

/// The key path of a part, and what is made of the value.
pub(super) fn action_of(part: &str) -> (&str, Action) {
    let (path, action) = match part.rsplit_once('=') {
        Some((path, action)) if !action.contains(']') => (path, action),
        _ => return (part, Action::Read),
    };
    let action = match action {
        "words" => Action::Words,
        "arguments" => Action::Arguments,
        "variables" => Action::Variables,
        "flags" => Action::Flags,
        "nested" => Action::Nested,
        "schemes" => Action::Schemes,
        "there" => Action::There,
        _ => Action::Read,
    };
    (path, action)
}
