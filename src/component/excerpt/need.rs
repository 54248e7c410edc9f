//! What is read of a document, as a tree of keys.

use std::collections::BTreeMap;

use definitions::benchmark::{KeyPath, Step};

/// The form in which a value is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// The value itself.
    Read,
    /// The words of a command line, program first.
    Words,
    /// The words of a command line without the program.
    Arguments,
    /// The environment variables of a container.
    Variables,
    /// Lists of values by flag.
    Flags,
    /// Arguments that a program passes on.
    Nested,
    /// The URL of a database, of which only the scheme is kept.
    Schemes,
    /// Only whether it exists, and whether it is empty.
    There,
}

/// What is read of a node.
#[derive(Debug, Clone, Default)]
pub(super) struct Need {
    /// The node itself, with everything in it.
    pub(super) whole: Option<Action>,
    /// For a mapping: what is read of the values, by key.
    pub(super) keys: BTreeMap<String, Need>,
    /// For a mapping: whether the names of its keys are read.
    pub(super) names: bool,
    /// For a list: what is read of every item.
    pub(super) every: Option<Box<Need>>,
    /// For a list: what is read of an item, by index.
    pub(super) items: BTreeMap<usize, Need>,
    /// For a list: what is read of the first item that has one of these values under a key.
    pub(super) first: Vec<(String, Vec<String>, Need)>,
}

impl Need {
    /// Parses parts of a document: key paths, each optionally followed by `=` and an action.
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

/// Splits a part into its key path and the action for the value.
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
