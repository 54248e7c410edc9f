//! Where the things of a component lie on this node.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::benchmark::{Component, Follow, Place, Setting, Take};
use crate::component::Reading;
use crate::probe::{Answer, Cause, FileKind, Location, Metadata, Node, Observed, Question, Why};

use super::census::{Census, Presence};

/// How deep a directory is followed.
const DEPTH: usize = 32;
/// How many things are looked at below one directory.
const MOST: usize = 50_000;

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

/// What the settings of a component say of a place.
#[derive(Default)]
struct Followed {
    /// What they name.
    seen: Vec<Seen>,
    /// Why one could not be read.
    unread: Option<Why>,
    /// Whether one is given and empty.
    is_declined: bool,
}

/// Finds places on a node, by what its components say.
pub(super) struct Places<'a> {
    pub(super) node: &'a dyn Node,
    pub(super) census: &'a Census<'a>,
}

impl Places<'_> {
    /// What lies at a place: what settings name, else what static pods there are, else the candidates that are there.
    ///
    /// Things that are named but not there are in the answer, with absent metadata; candidates that are not there are
    /// not. One file under two names is there once. A setting that is given and empty says that there is none. Where a
    /// place needs its component and that is not here, nothing lies there.
    pub(super) fn at(&self, component: &Component, place: &Place) -> Vec<Seen> {
        if place.needs_component && !self.is_here(component) {
            return Vec::new();
        }
        let Followed { mut seen, unread, is_declined } = self.followed(component, place);
        if seen.is_empty() && is_declined {
            return seen;
        }
        if place.static_pod && seen.is_empty() {
            let key = component.part_of.as_ref().unwrap_or(&component.key);
            // The manifest is the one whose pod the running process is in; what manifests say counts where nothing tells.
            let running = self.census.of(key).iter().filter_map(|instance| instance.manifest.clone());
            let mut manifests: Vec<Location> = running.collect();
            let embeds = |presence: &Presence| matches!(presence, Presence::Embedded(_));
            if self.census.presence.get(key).is_some_and(embeds) {
                // Of what is part of another program, old manifests say nothing.
                return manifests.into_iter().map(|manifest| self.look(manifest, None)).collect();
            }
            if manifests.is_empty() {
                manifests.extend(self.census.static_pods.of(key).map(|pod| pod.manifest.clone()));
            }
            seen.extend(manifests.into_iter().map(|manifest| self.look(manifest, None)));
        }
        if seen.is_empty() {
            let mut candidates = place.candidates.iter().flat_map(|candidate| self.expand(candidate, None));
            match place.take {
                Take::First => seen.extend(candidates.next()),
                Take::Every => seen.extend(candidates),
            }
        }
        // A setting that cannot be read may name a place that nobody else knows of.
        if let (true, Some(why)) = (seen.is_empty(), unread) {
            let location = Location::node(why.subject.as_str());
            seen.push(Seen { path: why.subject.clone(), location, named_by: None, metadata: Observed::Unknown(why) });
        }
        unique(seen)
    }

    /// Whether the component is on this node, or what it is part of.
    fn is_here(&self, component: &Component) -> bool {
        self.census.is_here(component.part_of.as_ref().unwrap_or(&component.key))
    }

    /// The files below `seen` whose names match, links followed to what they lead to but not walked.
    pub(super) fn below(&self, seen: &Seen, pattern: &str, directories: bool) -> Vec<Seen> {
        match &seen.metadata {
            Observed::Present(metadata) if metadata.kind == FileKind::Directory => {}
            _ => return vec![seen.clone()],
        }
        let mut found = Vec::new();
        if directories {
            found.push(seen.clone());
        }
        let mut budget = MOST;
        self.walk(&seen.location, pattern, directories, DEPTH, &mut budget, &mut found);
        found
    }

    fn walk(
        &self,
        directory: &Location,
        pattern: &str,
        directories: bool,
        depth: usize,
        budget: &mut usize,
        found: &mut Vec<Seen>,
    ) {
        let unknown = |why: Why| Seen {
            path: directory.to_string(),
            location: directory.clone(),
            named_by: None,
            metadata: Observed::Unknown(why),
        };
        let mut entries = match self.node.ask(&Question::Directory(directory.clone())) {
            Observed::Present(Answer::Entries(entries)) => entries,
            Observed::Present(_) | Observed::Absent => return,
            Observed::Unknown(why) => {
                found.push(unknown(why));
                return;
            }
        };
        entries.sort();
        for entry in entries {
            if *budget == 0 || depth == 0 {
                let detail = "holds more than is looked at (50,000 things, 32 levels); look at it by hand";
                found.push(unknown(Why::new(Cause::TooLarge, directory, detail)));
                return;
            }
            *budget -= 1;
            let location = Location { root: directory.root, path: directory.path.join(&entry.name) };
            let is_directory = entry.kind == FileKind::Directory;
            if (is_directory && directories) || (!is_directory && matches(pattern, &entry.name)) {
                let seen = self.look(location.clone(), None);
                // A link that leads nowhere protects nothing and exposes nothing.
                if !(entry.kind == FileKind::Link && seen.metadata == Observed::Absent) {
                    found.push(seen);
                }
            }
            if is_directory {
                self.walk(&location, pattern, directories, depth - 1, budget, found);
            }
        }
    }

    /// What settings name.
    fn followed(&self, component: &Component, place: &Place) -> Followed {
        let key = component.part_of.as_ref().unwrap_or(&component.key);
        let Followed { mut seen, mut unread, mut is_declined } = Followed::default();
        for instance in self.census.of(key) {
            for follow in &place.follow {
                let setting = Setting { flag: follow.flag.clone(), key: follow.key.clone(), entry: None, file: None };
                // The place may belong to a part; the settings are those of the whole.
                let definition = self.census.library.components.get(key).unwrap_or(component);
                let (given, origin) = match instance.read(&setting, definition) {
                    Reading::Set { given, origin } if !given.is_empty() => (given, origin),
                    Reading::Set { .. } => {
                        is_declined = true;
                        continue;
                    }
                    Reading::Unset(_) => continue,
                    Reading::Unknown(why) => {
                        unread.get_or_insert(why);
                        continue;
                    }
                };
                let named_by = format!("{origin} of {} (process {})", instance.name, instance.pid);
                match instance.locate(&given.text(), &origin, definition) {
                    Ok(location) => seen.extend(self.followed_to(location, follow, &named_by)),
                    Err(lost) => seen.push(Seen {
                        path: given.text(),
                        location: Location::node(given.text()),
                        metadata: Observed::Unknown(Why::new(Cause::System, given.text(), lost.reason(&named_by))),
                        named_by: Some(named_by),
                    }),
                }
            }
        }
        Followed { seen, unread, is_declined }
    }

    fn followed_to(&self, location: Location, follow: &Follow, named_by: &str) -> Vec<Seen> {
        if let Some(glob) = &follow.glob {
            // The component walks the directory to the bottom.
            let directory = self.look(location, Some(named_by.to_owned()));
            return self.below(&directory, glob, false);
        }
        let location = if follow.parent {
            let path = location.path.parent().map_or_else(|| PathBuf::from("/"), Path::to_path_buf);
            Location { path, ..location }
        } else {
            location
        };
        vec![self.look(location, Some(named_by.to_owned()))]
    }

    /// The candidate, where it is there; what matches it, where its last part holds `*`.
    fn expand(&self, candidate: &str, named_by: Option<&str>) -> Vec<Seen> {
        let path = Path::new(candidate);
        let pattern = path.file_name().and_then(OsStr::to_str).filter(|name| name.contains('*'));
        match (pattern, path.parent()) {
            (Some(pattern), Some(parent)) => self.matching(&Location::node(parent), pattern, named_by),
            _ => {
                let seen = self.look(Location::node(path), named_by.map(str::to_owned));
                if seen.metadata == Observed::Absent { Vec::new() } else { vec![seen] }
            }
        }
    }

    fn matching(&self, directory: &Location, pattern: &str, named_by: Option<&str>) -> Vec<Seen> {
        match self.node.ask(&Question::Directory(directory.clone())) {
            Observed::Present(Answer::Entries(mut entries)) => {
                entries.retain(|entry| entry.kind != FileKind::Directory && matches(pattern, &entry.name));
                entries.sort();
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

    fn look(&self, location: Location, named_by: Option<String>) -> Seen {
        let metadata = self.node.ask(&Question::Metadata(location.clone())).and_then(|answer| match answer {
            Answer::Metadata(metadata) => Observed::Present(metadata),
            _ => Observed::Absent,
        });
        Seen { path: location.to_string(), location, named_by, metadata }
    }
}

/// Each thing once, whatever names lead to it.
pub(super) fn unique(seen: Vec<Seen>) -> Vec<Seen> {
    let mut known = BTreeSet::new();
    seen.into_iter()
        .filter(|seen| {
            let resolved = match &seen.metadata {
                Observed::Present(metadata) => metadata.resolved.clone(),
                Observed::Absent | Observed::Unknown(_) => seen.location.path.clone(),
            };
            known.insert((seen.location.root, resolved))
        })
        .collect()
}

/// Whether a name matches a pattern in which `*` stands for any run of bytes.
pub(super) fn matches(pattern: &str, name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    let mut parts = pattern.as_bytes().split(|byte| *byte == b'*');
    let Some(first) = parts.next() else { return name.is_empty() };
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut last: Option<&[u8]> = None;
    for part in parts {
        if let Some(middle) = last.replace(part)
            && !middle.is_empty()
        {
            let Some(at) = rest.windows(middle.len()).position(|window| window == middle) else { return false };
            rest = rest.get(at + middle.len()..).unwrap_or_default();
        }
    }
    match last {
        // Without a star, the whole name must have been the pattern.
        None => rest.is_empty(),
        Some(last) => rest.ends_with(last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_run() {
        let table = [
            ("*.crt", "ca.crt", true),
            ("*.crt", ".crt", true),
            ("*.crt", "ca.crt.bak", false),
            ("*", "anything\nat all", true),
            ("kubelet.service", "kubelet.service", true),
            ("kubelet.service", "kubelet.service.d", false),
            ("a*b*c", "abbc", true),
            ("a*b*c", "acb", false),
            ("a*a", "a", false),
        ];
        for (pattern, name, expected) in table {
            assert_eq!(matches(pattern, OsStr::new(name)), expected, "{pattern} against {name:?}");
        }
    }
}
