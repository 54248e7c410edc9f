//! Decides by place which scalars of a document are secrets.

use std::collections::HashSet;

use super::names::{expects_secret, is_secret, says_nothing};
use super::{flag, text};

/// The index of a node in its [`Tree`].
pub(super) type Id = usize;

/// A node. An alias is represented by the node it refers to.
#[derive(Debug)]
pub(super) enum Node {
    /// The scalar's text.
    Scalar(String),
    List(Vec<Id>),
    /// Pairs of key and value.
    Map(Vec<(Id, Id)>),
}

/// The nodes of all documents in a text, and the documents' roots.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) roots: Vec<Id>,
}

/// What a scalar's place shows about it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    /// The whole scalar is a secret.
    pub(super) is_secret: bool,
    /// It is an authorization header, in which `Basic` is followed by a password.
    pub(super) authorizes: bool,
}

/// How many entries are looked up because of merge keys before every `value` is taken for a secret.
const MOST_MERGED: usize = 1_000_000;

impl Tree {
    pub(super) fn get(&self, id: Id) -> Option<&Node> {
        self.nodes.get(id)
    }

    pub(super) fn text(&self, id: Id) -> Option<&str> {
        match self.get(id) {
            Some(Node::Scalar(text)) => Some(text),
            _ => None,
        }
    }

    /// Returns what each node's place shows about it.
    pub(super) fn places(&self) -> Vec<Place> {
        let mut search = Search { tree: self, places: vec![Place::default(); self.nodes.len()], merged: 0 };
        let mut waiting: Vec<(Id, Place)> = self.roots.iter().map(|root| (*root, Place::default())).collect();
        let mut seen: HashSet<(Id, Place)> = HashSet::new();
        // A node with aliases may be in places of several kinds, and may contain itself.
        while let Some((id, place)) = waiting.pop() {
            if seen.insert((id, place)) {
                search.look(id, place, &mut waiting);
            }
        }
        search.places
    }
}

struct Search<'t> {
    tree: &'t Tree,
    places: Vec<Place>,
    /// The number of entries looked up because of merge keys.
    merged: usize,
}

impl Search<'_> {
    /// Marks the scalars of a list or mapping, given its own place.
    fn look(&mut self, id: Id, place: Place, waiting: &mut Vec<(Id, Place)>) {
        match self.tree.get(id) {
            Some(Node::List(items)) => self.list(items, place, waiting),
            Some(Node::Map(entries)) => self.map(id, entries, waiting),
            Some(Node::Scalar(_)) | None => {}
        }
    }

    fn list(&mut self, items: &[Id], place: Place, waiting: &mut Vec<(Id, Place)>) {
        let mut is_value = false;
        let mut in_key = false;
        for id in items {
            let Some(said) = self.tree.text(*id) else {
                is_value = false;
                waiting.push((*id, Place::default()));
                continue;
            };
            let follows_flag = is_value && !said.trim_start().starts_with('-');
            is_value = flag(said.trim()).is_some_and(|(name, value)| value.is_none() && expects_secret(name));
            // Each line of a private key may be an item of its own.
            let is_of_key = in_key && !said.trim_start().starts_with("-----END ");
            in_key = text::key_goes_on(said, in_key);
            let is_secret = place.is_secret || follows_flag || is_of_key;
            self.mark(*id, Place { is_secret: is_secret && !says_nothing(said), ..place });
        }
    }

    fn map(&mut self, id: Id, entries: &[(Id, Id)], waiting: &mut Vec<(Id, Place)>) {
        for (key, value) in entries {
            waiting.push((*key, Place::default()));
            let Some(name) = self.tree.text(*key) else {
                waiting.push((*value, Place::default()));
                continue;
            };
            match self.tree.text(*value) {
                Some(said) => self.mark(*value, Place { is_secret: is_secret(name, said), ..expected(name) }),
                None => waiting.push((*value, expected(name))),
            }
        }
        let place = self.value_of_variable(id, entries);
        if place == Place::default() {
            return;
        }
        for value in self.values(id, entries, "value").unwrap_or_default() {
            match self.tree.text(value) {
                Some(said) => self.mark(value, Place { is_secret: place.is_secret && !says_nothing(said), ..place }),
                None => waiting.push((value, place)),
            }
        }
    }

    /// Returns what the `name` in a mapping shows about the `value` beside it.
    fn value_of_variable(&mut self, id: Id, entries: &[(Id, Id)]) -> Place {
        match self.values(id, entries, "name") {
            None => Place { is_secret: true, authorizes: true },
            Some(names) => names.into_iter().filter_map(|name| self.tree.text(name)).map(expected).fold(
                Place::default(),
                |one, other| Place {
                    is_secret: one.is_secret || other.is_secret,
                    authorizes: one.authorizes || other.authorizes,
                },
            ),
        }
    }

    /// Returns the values of a key, including those from merge keys; none if there are too many entries to look up.
    fn values(&mut self, id: Id, entries: &[(Id, Id)], key: &str) -> Option<Vec<Id>> {
        let of = |entries: &[(Id, Id)], key: &str| -> Vec<Id> {
            entries.iter().filter(|(name, _)| self.tree.text(*name) == Some(key)).map(|(_, value)| *value).collect()
        };
        let mut found = of(entries, key);
        let mut waiting = of(entries, "<<");
        let mut seen = HashSet::from([id]);
        while let Some(id) = waiting.pop() {
            if !seen.insert(id) {
                continue;
            }
            match self.tree.get(id) {
                Some(Node::List(items)) => {
                    self.merged += items.len();
                    waiting.extend(items);
                }
                Some(Node::Map(entries)) => {
                    self.merged += entries.len();
                    found.extend(of(entries, key));
                    waiting.extend(of(entries, "<<"));
                }
                Some(Node::Scalar(_)) | None => {}
            }
            if self.merged > MOST_MERGED {
                return None;
            }
        }
        Some(found)
    }

    fn mark(&mut self, id: Id, place: Place) {
        if let Some(known) = self.places.get_mut(id) {
            known.is_secret |= place.is_secret;
            known.authorizes |= place.authorizes;
        }
    }
}

/// Returns what a name shows about the list, or the `value`, that belongs to it.
fn expected(name: &str) -> Place {
    Place { is_secret: expects_secret(name), authorizes: name.to_ascii_lowercase().contains("authorization") }
}
