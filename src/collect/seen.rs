//! Observations of files and directories.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;

use probe::{Location, Metadata, Observed, Reason, comparable};

/// A file or directory that was observed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its path for display.
    pub path: String,
    /// The location that was asked about.
    pub location: Location,
    /// The setting that named it, if any: `--kubeconfig of kube-scheduler`.
    pub named_by: Option<String>,
    /// Its metadata.
    pub metadata: Observed<Metadata>,
}

impl Seen {
    /// Returns a failed observation of the subject of `why`.
    pub(super) fn unknown(why: Reason) -> Self {
        let (path, location) = (why.subject.clone(), Location::node(why.subject.as_str()));
        Self { path, location, named_by: None, metadata: Observed::Unknown(why) }
    }

    /// Whether the observation failed.
    pub const fn is_unknown(&self) -> bool {
        matches!(self.metadata, Observed::Unknown(_))
    }

    /// The path of the file with links resolved or, if it was not found, the one that was asked about.
    pub fn lies_at(&self) -> &Path {
        match &self.metadata {
            Observed::Present(metadata) => &metadata.resolved,
            Observed::Absent | Observed::Unknown(_) => &self.location.path,
        }
    }
}

/// The files observed at a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// The files that are listed.
    pub seen: Vec<Seen>,
    /// The further files that are only counted, by attributes.
    pub others: BTreeMap<Alike, usize>,
    /// Why there are no files, if none are missing: the running component does not use such a file.
    pub nothing: Option<String>,
}

/// The attributes by which a file is judged; files with the same attributes are judged alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alike {
    /// The permission bits.
    pub mode: u32,
    /// The owner's ID.
    pub uid: u32,
    /// The group's ID.
    pub gid: u32,
}

impl Alike {
    /// Returns the attributes of a file.
    pub const fn of(found: &Metadata) -> Self {
        Self { mode: found.mode, uid: found.uid, gid: found.gid }
    }
}

/// The maximum number of files to list with the same attributes, and in total.
const MOST_ALIKE: usize = 100;
const MOST_NAMED: usize = 1000;

/// The files below directories, without duplicates: the first ones with the same attributes, and the number of others.
/// A directory may contain tens of thousands.
#[derive(Default)]
pub(super) struct Gathered {
    seen: Vec<Seen>,
    others: BTreeMap<Alike, usize>,
    /// The number of files for each set of attributes; `None` stands for those that do not exist or are not known.
    counts: BTreeMap<Option<Alike>, usize>,
    /// Digests of the files added so far, to detect duplicates.
    known: HashSet<u64>,
    state: RandomState,
}

impl Gathered {
    /// Adds a file, unless it was added under another name.
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
            // Enough files are already listed as unknown.
            None => {}
        }
    }

    /// Returns the files that are listed, and the numbers of those that are not.
    pub(super) fn finish(self) -> (Vec<Seen>, BTreeMap<Alike, usize>) {
        (self.seen, self.others)
    }
}

/// Removes files that were observed under another name. A failed observation is not a duplicate of a successful one.
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
