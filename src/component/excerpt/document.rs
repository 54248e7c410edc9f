//! Excerpts of documents: the values at given key paths, each on its original line.

use std::collections::BTreeSet;

use definitions::benchmark::KeyPath;
use probe::{Cause, Reason, UNTOLD};

use super::command_line::CommandLines;
use super::emit::emit;
use super::need::{Action, Need, action_of};
use super::tree::{Id, Is, Tree};
use crate::component::document::Document;

/// What the excerpt needs of a node.
#[derive(Debug, Clone, Default)]
pub(super) struct Mark {
    /// The whole node, in this form.
    pub(super) whole: Option<Action>,
    /// Whether it exists, and whether it is empty.
    pub(super) there: bool,
    /// Some of its content.
    pub(super) part: bool,
    /// The indexes of the children that are read.
    pub(super) kept: BTreeSet<usize>,
    /// The indexes of the children that are kept only because aliases refer into them.
    pub(super) carried: BTreeSet<usize>,
    /// Whether an alias refers to it.
    pub(super) anchored: bool,
    /// The name that its value is masked by, if that is not its key.
    pub(super) name: Option<String>,
}

/// What the excerpt needs of each node of a tree.
pub(super) struct Marks<'t> {
    pub(super) tree: &'t Tree,
    pub(super) of: Vec<Mark>,
    lines: &'t CommandLines<'t>,
}

/// Returns an excerpt of a document, each value on its original line. `parts` are key paths, each optionally followed
/// by the form of the value (`=words`: a command line, in which only the flags that are read keep their values).
///
/// # Errors
///
/// Returns the reader's own error if the document cannot be parsed, and another reason if no excerpt would read the
/// same as the whole document.
pub fn document_excerpt(
    file: &str,
    bytes: &[u8],
    parts: &BTreeSet<String>,
    lines: &CommandLines<'_>,
) -> Result<Vec<u8>, Reason> {
    let untold = || Reason::new(Cause::NotRecorded, file, UNTOLD);
    let said = found(&Document::parse(file, bytes)?, parts);
    let excerpt = {
        let text = yaml::decode(bytes).map_err(|_| untold())?;
        let tree = Tree::of(&text).ok_or_else(untold)?;
        let mut marks = Marks { of: vec![Mark::default(); tree.nodes.len()], tree: &tree, lines };
        match tree.root {
            Some(root) => {
                marks.walk(root, &Need::of(parts));
                emit(&marks, root, lines)
            }
            None => String::new(),
        }
    };
    let kept = Document::parse(file, excerpt.as_bytes()).map_err(|_| untold())?;
    let says_the_same = said.iter().zip(found(&kept, parts)).all(|(one, other)| one.says(&other));
    if says_the_same { Ok(excerpt.into_bytes()) } else { Err(untold()) }
}

/// The values at a key path: the line and the text of each.
struct Found {
    action: Action,
    values: Vec<(usize, String)>,
}

impl Found {
    /// Whether an excerpt reads the same: as many values on the same lines, with the same text where it is kept whole.
    fn says(&self, other: &Self) -> bool {
        let same = |((line, text), (kept_on, kept)): (&(usize, String), &(usize, String))| {
            let is_changed = self.action != Action::Read || kept.contains(MASKED);
            line == kept_on && (is_changed || text == kept)
        };
        self.values.len() == other.values.len() && self.values.iter().zip(&other.values).all(same)
    }
}

/// The replacement for a secret.
const MASKED: &str = "(masked)";

fn found(document: &Document, parts: &BTreeSet<String>) -> Vec<Found> {
    let found = |part: &String| {
        let (path, action) = action_of(part);
        let values = path.parse::<KeyPath>().map(|path| document.find(&path)).unwrap_or_default();
        let values = values.into_iter().map(|value| {
            // Only presence matters, and the value may be large.
            let text = if action == Action::Read { value.value.to_string() } else { String::new() };
            (value.line, text)
        });
        Found { action, values: values.collect() }
    };
    parts.iter().map(found).collect()
}

impl Marks<'_> {
    fn mark(&mut self, id: Id) -> Option<&mut Mark> {
        self.of.get_mut(id)
    }

    /// Marks what is needed of a node and of the nodes in it.
    fn walk(&mut self, id: Id, need: &Need) {
        let tree = self.tree;
        let Some(node) = tree.node(id) else { return };
        if let Is::Alias(target) = node.is {
            self.refer(id, target);
            self.walk(target, need);
            return;
        }
        if let Some(action) = need.whole {
            self.whole(id, action);
            if matches!(action, Action::Read) {
                return;
            }
        }
        match &node.is {
            Is::Scalar { .. } | Is::Alias(_) => self.there(id),
            Is::List(items) => {
                self.part(id);
                for (place, item) in items.iter().enumerate() {
                    for need in need.every.as_deref().into_iter().chain(need.items.get(&place)) {
                        self.keep(id, place);
                        self.walk(*item, need);
                    }
                }
                for (key, values, need) in &need.first {
                    self.first(id, items, key, values, need);
                }
                if !items.is_empty() && need.every.is_none() {
                    self.there(id);
                }
            }
            Is::Map(entries) => {
                self.part(id);
                for (place, (key, value)) in entries.iter().enumerate() {
                    if tree.is_merge(*key) {
                        self.keep(id, place);
                        self.merged(*value, need);
                        continue;
                    }
                    if need.names {
                        self.keep(id, place);
                        self.there_meant(*value);
                    }
                    if let Some(need) = tree.text(*key).and_then(|key| need.keys.get(key)) {
                        self.keep(id, place);
                        self.walk(*value, need);
                    }
                }
            }
        }
    }

    /// Marks what is needed of the mappings behind a merge key.
    fn merged(&mut self, id: Id, need: &Need) {
        let tree = self.tree;
        if let Some(Is::Alias(target)) = tree.node(id).map(|node| &node.is) {
            self.refer(id, *target);
            self.merged(*target, need);
            return;
        }
        match tree.node(id).map(|node| &node.is) {
            Some(Is::List(items)) => {
                self.part(id);
                for (place, item) in items.iter().enumerate() {
                    self.keep(id, place);
                    self.walk(*item, need);
                }
            }
            _ => self.walk(id, need),
        }
    }

    /// Marks what is needed of the first item that has one of these values under `key`, and `key` of all items.
    fn first(&mut self, id: Id, items: &[Id], key: &str, values: &[String], need: &Need) {
        let of_key = Need::of([&key.to_owned()]);
        let mut is_found = false;
        for (place, item) in items.iter().enumerate() {
            self.keep(id, place);
            self.walk(*item, &of_key);
            if !is_found && self.has(*item, key, values) {
                is_found = true;
                self.walk(*item, need);
            }
        }
    }

    /// Whether an item has one of these values under `key`, or may have it through a merge key.
    fn has(&self, item: Id, key: &str, values: &[String]) -> bool {
        let tree = self.tree;
        let Some(Is::Map(entries)) = tree.node(tree.meant(item)).map(|node| &node.is) else { return false };
        if entries.iter().any(|(own, _)| tree.is_merge(*own)) {
            return true;
        }
        let is_one = |id: Id| tree.text(id).is_some_and(|text| values.iter().any(|value| value == text));
        // The last of equal keys wins.
        let field =
            entries.iter().rev().find(|(own, _)| tree.text(*own) == Some(key)).map(|(_, field)| tree.meant(*field));
        field.is_some_and(|field| match tree.node(field).map(|node| &node.is) {
            Some(Is::List(items)) => items.iter().any(|item| is_one(*item)),
            _ => is_one(field),
        })
    }

    /// Marks a node as needed as a whole.
    fn whole(&mut self, id: Id, action: Action) {
        match action {
            Action::There => self.there(id),
            Action::Variables => self.variables(id),
            _ => self.below(id, action),
        }
    }

    fn below(&mut self, id: Id, action: Action) {
        let tree = self.tree;
        let Some(mark) = self.mark(id) else { return };
        if mark.whole.replace(action) == Some(action) {
            return;
        }
        match tree.node(id).map(|node| &node.is) {
            Some(Is::List(items)) => items.iter().for_each(|item| self.below(*item, action)),
            Some(Is::Map(entries)) => {
                for (key, value) in entries {
                    self.below(*key, action);
                    self.below(*value, action);
                }
            }
            Some(Is::Alias(target)) => {
                self.refer(id, *target);
                self.below(*target, action);
            }
            Some(Is::Scalar { .. }) | None => {}
        }
    }

    /// Marks the variables of a container that are read.
    fn variables(&mut self, id: Id) {
        let tree = self.tree;
        self.part(id);
        let Some(Is::List(items)) = tree.node(id).map(|node| &node.is) else {
            self.there(id);
            return;
        };
        let parts = ["name", "value", "valueFrom=there"].map(str::to_owned);
        let need = Need::of(&parts);
        for (place, item) in items.iter().enumerate() {
            self.keep(id, place);
            let values = |key: &str| self.values(*item, key, 0);
            let name = values("name")
                .into_iter()
                .filter_map(|id| tree.text(id))
                .find(|name| self.lines.sets().variables.contains(*name));
            let Some(name) = name.map(str::to_owned) else { continue };
            for value in values("value") {
                if let Some(mark) = self.mark(tree.meant(value)) {
                    mark.name = Some(name.clone());
                }
            }
            self.walk(*item, &need);
        }
    }

    /// Returns the values of a key in a mapping, including those from merge keys.
    fn values(&self, id: Id, key: &str, depth: usize) -> Vec<Id> {
        let tree = self.tree;
        match tree.node(tree.meant(id)).map(|node| &node.is) {
            Some(Is::Map(entries)) => entries
                .iter()
                .flat_map(|(own, value)| {
                    if tree.is_merge(*own) && depth < DEEPEST_MERGE {
                        self.values(*value, key, depth + 1)
                    } else if tree.text(*own) == Some(key) {
                        vec![*value]
                    } else {
                        Vec::new()
                    }
                })
                .collect(),
            Some(Is::List(items)) if depth > 0 => {
                items.iter().flat_map(|item| self.values(*item, key, depth + 1)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn keep(&mut self, id: Id, place: usize) {
        if let Some(mark) = self.mark(id) {
            mark.kept.insert(place);
        }
    }

    fn part(&mut self, id: Id) {
        if let Some(mark) = self.mark(id) {
            mark.part = true;
        }
    }

    fn there(&mut self, id: Id) {
        if let Some(mark) = self.mark(id) {
            mark.there = true;
        }
    }

    /// Marks that only the presence of a node matters, resolving an alias.
    fn there_meant(&mut self, id: Id) {
        if let Some(Is::Alias(target)) = self.tree.node(id).map(|node| &node.is) {
            self.refer(id, *target);
            self.there(*target);
        } else {
            self.there(id);
        }
    }

    /// Marks an alias, the node it refers to, and the nodes around that.
    fn refer(&mut self, id: Id, target: Id) {
        self.part(id);
        if self.mark(target).is_none_or(|mark| std::mem::replace(&mut mark.anchored, true)) {
            return;
        }
        let mut within = self.tree.node(target).and_then(|node| node.within);
        while let Some((id, place)) = within {
            let Some(mark) = self.mark(id) else { return };
            if !mark.carried.insert(place) {
                return;
            }
            within = self.tree.node(id).and_then(|node| node.within);
        }
    }
}

/// How many levels of merge keys are followed when looking for variables.
const DEEPEST_MERGE: usize = 8;
