//! Observes files and directories: a single one, those below it, those that match.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use definitions::benchmark::{ADMINISTRATOR, CLUSTER_DIRECTORY, HOMES};
use probe::{Answer, Cause, FileKind, Location, Node, Observed, Question, Reason};
use sorting::Sorting;

use super::homes;
use super::inventory::Inventory;
use super::seen::Seen;
use super::wildcard::matches;

/// The maximum depth of directories to walk.
const DEPTH: usize = 32;
/// The maximum number of entries to visit below one directory.
const MOST: usize = 50_000;

/// The maximum number of files that a pattern in a candidate may match.
const MOST_MATCHING: usize = 1_000;

/// Finds places on a node, using the settings of its components.
pub(super) struct Places<'a> {
    pub(super) node: &'a dyn Node,
    pub(super) inventory: &'a Inventory<'a>,
    /// Whether patterns in candidates match directories too.
    pub(super) directories: bool,
}

impl Places<'_> {
    /// Calls `show` for each file below `seen` whose name matches. Links are resolved, but not walked.
    pub(super) fn below(&self, seen: &Seen, pattern: &str, directories: bool, show: &mut dyn FnMut(Seen)) {
        match &seen.metadata {
            Observed::Present(metadata) if metadata.kind == FileKind::Directory => {}
            _ => return show(seen.clone()),
        }
        if directories {
            show(seen.clone());
        }
        let mut budget = MOST;
        self.walk(&seen.location, pattern, directories, DEPTH, &mut budget, show);
    }

    fn walk(
        &self,
        directory: &Location,
        pattern: &str,
        directories: bool,
        depth: usize,
        budget: &mut usize,
        show: &mut dyn FnMut(Seen),
    ) {
        let unknown = |why: Reason| Seen {
            path: directory.to_string(),
            location: directory.clone(),
            named_by: None,
            metadata: Observed::Unknown(why),
        };
        let mut entries = match self.node.ask(&Question::Directory(directory.clone())) {
            Observed::Present(Answer::Entries(entries)) => entries,
            Observed::Present(_) | Observed::Absent => return,
            Observed::Unknown(why) => {
                show(unknown(why));
                return;
            }
        };
        entries.order();
        // Charged up front, since the entries of all directories along the path are in memory at the same time.
        let most = if depth == 0 { 0 } else { *budget };
        let is_cut = entries.len() > most;
        entries.truncate(most);
        *budget -= entries.len();
        for entry in entries {
            let location = Location { root: directory.root, path: directory.path.join(&entry.name) };
            let is_directory = entry.kind == FileKind::Directory;
            if (is_directory && directories) || (!is_directory && matches(pattern, &entry.name)) {
                let seen = self.look(location.clone(), None);
                // A dangling link protects nothing and exposes nothing.
                if !(entry.kind == FileKind::Link && seen.metadata == Observed::Absent) {
                    show(seen);
                }
            }
            if is_directory {
                self.walk(&location, pattern, directories, depth - 1, budget, show);
            }
        }
        if is_cut {
            let detail = "exceeds the scan limit (50,000 entries, 32 levels); check it by hand";
            show(unknown(Reason::new(Cause::TooLarge, directory, detail)));
        }
    }

    /// Returns the candidate if it exists or, if its last part contains `*`, what matches it.
    pub(super) fn expand(&self, candidate: &str, named_by: Option<&str>) -> Vec<Seen> {
        let paths = match self.rooted(candidate) {
            Ok(paths) => paths,
            Err(why) => return vec![Seen::unknown(why)],
        };
        paths.iter().flat_map(|path| self.expand_path(path, named_by)).collect()
    }

    fn expand_path(&self, path: &Path, named_by: Option<&str>) -> Vec<Seen> {
        let pattern = path.file_name().and_then(OsStr::to_str).filter(|name| name.contains('*'));
        match (pattern, path.parent()) {
            (Some(pattern), Some(parent)) => self.matching(&Location::node(parent), pattern, named_by),
            _ => {
                let seen = self.look(Location::node(path), named_by.map(str::to_owned));
                if seen.metadata == Observed::Absent { Vec::new() } else { vec![seen] }
            }
        }
    }

    /// The paths of a candidate: one, unless it begins with a placeholder for several directories, or with one for the
    /// cluster's directory and none is specified.
    fn rooted<'c>(&self, candidate: &'c str) -> Result<Vec<Cow<'c, Path>>, Reason> {
        let directory = self.inventory.cluster_directory.as_ref();
        let (rest, bases) = if let Some(rest) = candidate.strip_prefix(CLUSTER_DIRECTORY) {
            (rest, directory.cloned().into_iter().collect())
        } else if let Some(rest) = candidate.strip_prefix(ADMINISTRATOR) {
            let home = directory.map(|directory| homes::of_owner(self.node, directory)).transpose()?;
            (rest, home.into_iter().collect())
        } else if let Some(rest) = candidate.strip_prefix(HOMES) {
            (rest, homes::all(self.node)?)
        } else {
            return Ok(vec![Cow::Borrowed(candidate.as_ref())]);
        };
        let below = |base: PathBuf| match rest.trim_start_matches('/') {
            "" => Cow::Owned(base),
            rest => Cow::Owned(base.join(rest)),
        };
        Ok(bases.into_iter().map(below).collect())
    }

    fn matching(&self, directory: &Location, pattern: &str, named_by: Option<&str>) -> Vec<Seen> {
        match self.node.ask(&Question::Directory(directory.clone())) {
            Observed::Present(Answer::Entries(mut entries)) => {
                entries.retain(|entry| {
                    (self.directories || entry.kind != FileKind::Directory) && matches(pattern, &entry.name)
                });
                if entries.len() > MOST_MATCHING {
                    let detail = format!("holds more than {MOST_MATCHING} files named {pattern} (check them by hand)");
                    return vec![Seen::unknown(Reason::new(Cause::TooLarge, directory, detail))];
                }
                entries.order();
                entries
                    .into_iter()
                    .map(|entry| {
                        let location = Location { root: directory.root, path: directory.path.join(&entry.name) };
                        self.look(location, named_by.map(str::to_owned))
                    })
                    .filter(|seen| seen.metadata != Observed::Absent)
                    .collect()
            }
            Observed::Unknown(why) => vec![Seen {
                path: directory.to_string(),
                location: directory.clone(),
                named_by: named_by.map(str::to_owned),
                metadata: Observed::Unknown(why),
            }],
            Observed::Present(_) | Observed::Absent => Vec::new(),
        }
    }

    pub(super) fn look(&self, location: Location, named_by: Option<String>) -> Seen {
        let metadata = self.node.ask(&Question::Metadata(location.clone())).and_then(|answer| match answer {
            Answer::Metadata(metadata) => Observed::Present(metadata),
            _ => Observed::Absent,
        });
        Seen { path: location.to_string(), location, named_by, metadata }
    }
}
