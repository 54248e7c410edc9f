//! What was seen of files and directories.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;

use probe::{Location, Metadata, Observed, Reason, comparable};

/// A file or directory that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its path, for people.
    pub path: String,
    /// Where it was asked for.
    pub location: Location,
    /// What named it, where something did: `--kubeconfig of kube-scheduler`.
    pub named_by: Option<String>,
    /// What is there.
    pub metadata: Observed<Metadata>,
}

impl Seen {
    /// Something of which it is only known why it is not.
    pub(super) fn unknown(why: Reason) -> Self {
        let (path, location) = (why.subject.clone(), Location::node(why.subject.as_str()));
        Self { path, location, named_by: None, metadata: Observed::Unknown(why) }
    }

    /// Whether it is not known what is there.
    pub const fn is_unknown(&self) -> bool {
        matches!(self.metadata, Observed::Unknown(_))
    }

    /// Where it lies: what is there, links resolved, or else where it was asked for.
    pub fn lies_at(&self) -> &Path {
        match &self.metadata {
            Observed::Present(metadata) => &metadata.resolved,
            Observed::Absent | Observed::Unknown(_) => &self.location.path,
        }
    }
}

/// What there is at a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// What was seen.
    pub seen: Vec<Seen>,
    /// What was seen besides, and is not named: how many are alike.
    pub others: BTreeMap<Alike, usize>,
    /// Why there is nothing to see, where that is no gap: what runs uses no such file.
    pub nothing: Option<String>,
}

/// By what a file is judged: those that are alike in it are judged alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alike {
    /// The permission bits.
    pub mode: u32,
    /// The owner's number.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
}

impl Alike {
    /// What of a file counts.
    pub const fn of(found: &Metadata) -> Self {
        Self { mode: found.mode, uid: found.uid, gid: found.gid }
    }
}

/// How many things that are alike are named, and how many of all.
const MOST_ALIKE: usize = 100;
const MOST_NAMED: usize = 1000;

/// What lies below directories, each thing once: the first of those that are alike, and how many others there are. A
/// directory may hold tens of thousands.
#[derive(Default)]
pub(super) struct Gathered {
    seen: Vec<Seen>,
    others: BTreeMap<Alike, usize>,
    /// How many there are of each; none stands for what is not there, or not known.
    counts: BTreeMap<Option<Alike>, usize>,
    /// What leads to the same thing is known by its digest.
    known: HashSet<u64>,
    state: RandomState,
}

impl Gathered {
    /// Adds a thing, unless it is there under another name.
    pub(super) fn add(&mut self, seen: Seen) {
        if !self.known.insert(self.state.hash_one((seen.location.root, seen.lies_at(), seen.is_unknown()))) {
            return;
        }
        let alike = seen.metadata.as_present().map(Alike::of);
        let count = self.counts.entry(alike).or_default();
        *count += 1;
        let is_named = *count <= MOST_ALIKE && (alike.is_none() || self.seen.len() < MOST_NAMED);
        match alike {
            _ if is_named => self.seen.push(seen),
            Some(alike) => *self.others.entry(alike).or_default() += 1,
            // That something is not known is known by now.
            None => {}
        }
    }

    /// What was named, and what was not.
    pub(super) fn finish(self) -> (Vec<Seen>, BTreeMap<Alike, usize>) {
        (self.seen, self.others)
    }
}

/// Each thing once, whatever names lead to it; that something is not known of it is one thing more.
pub(super) fn unique(seen: Vec<Seen>) -> Vec<Seen> {
    if seen.len() < 2 {
        return seen;
    }
    let mut known = BTreeSet::new();
    seen.into_iter()
        .filter(|seen| known.insert((seen.location.root, comparable(seen.lies_at()).into_owned(), seen.is_unknown())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use probe::{Cause, FileKind};

    fn seen(number: usize, mode: u32) -> Seen {
        let path = format!("/pki/{number}");
        let metadata = Metadata {
            kind: FileKind::File,
            mode,
            uid: 0,
            gid: 0,
            size: 0,
            identity: (0, 0),
            resolved: path.clone().into(),
        };
        Seen { location: Location::node(path.as_str()), path, named_by: None, metadata: Observed::Present(metadata) }
    }

    #[test]
    fn of_many_alike_the_first_are_named_and_all_are_counted() {
        let mut gathered = Gathered::default();
        for number in 0..50_000 {
            gathered.add(seen(number, 0o600));
        }
        gathered.add(seen(50_000, 0o644));
        gathered.add(seen(7, 0o600));
        for number in 0..1000 {
            gathered.add(Seen::unknown(Reason::new(Cause::System, format!("/pki/u{number}"), "no")));
        }
        let (named, others) = gathered.finish();
        assert_eq!(named.iter().filter(|seen| seen.is_unknown()).count(), MOST_ALIKE);
        assert_eq!(named.len(), 2 * MOST_ALIKE + 1);
        assert!(named.iter().any(|seen| seen.path == "/pki/50000"));
        assert_eq!(others.into_iter().collect::<Vec<_>>(), [(Alike { mode: 0o600, uid: 0, gid: 0 }, 49_900)]);
    }

    #[test]
    fn of_many_kinds_the_first_are_named_and_all_are_counted() {
        let mut gathered = Gathered::default();
        for number in 0..4000 {
            gathered.add(seen(number, u32::try_from(number).unwrap()));
        }
        let (named, others) = gathered.finish();
        assert_eq!((named.len(), others.values().sum::<usize>()), (MOST_NAMED, 4000 - MOST_NAMED));
    }
}
