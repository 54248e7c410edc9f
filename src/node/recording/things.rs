//! The files in a file system of a made-up node.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use super::certificates as form;
use super::form::{Bytes, Item, KindName, Mode};
use super::replay::number;
use crate::node::errors::Failure;
use crate::node::limits::MOST_BYTES;
use probe::{AccountList, Accounts, Answer, Cause, Certificates, Content, Entry, FileKind, Metadata};
use sorting::Sorting;

/// The maximum number of links in a path, as in the kernel.
const MOST_LINKS: usize = 40;

/// A file system, in which everything that is not named is absent.
#[derive(Debug)]
pub(super) struct Things {
    things: BTreeMap<PathBuf, Thing>,
}

/// A file of any kind.
#[derive(Debug)]
enum Thing {
    Link(PathBuf),
    Other { kind: FileKind, mode: u32, uid: u32, gid: u32, held: Held },
}

/// The content of a file.
#[derive(Debug)]
enum Held {
    /// These bytes, and zeros after them up to `size`.
    Bytes { bytes: Vec<u8>, size: u64 },
    /// Content that is described only by its certificates.
    Certificates(Certificates),
    /// Content that is not described.
    Undescribed,
}

impl Things {
    /// Creates a root directory with these files in it.
    pub(super) fn new(dirs: Vec<Item>, files: Vec<Item>, accounts: &Accounts) -> Result<Self, String> {
        let mut things = Self { things: BTreeMap::from([(PathBuf::from("/"), directory(0o755, 0, 0))]) };
        things.put_items(dirs, files, accounts)?;
        Ok(things)
    }

    /// Adds the described files.
    pub(super) fn put_items(&mut self, dirs: Vec<Item>, files: Vec<Item>, accounts: &Accounts) -> Result<(), String> {
        for (items, kind) in [(dirs, KindName::Directory), (files, KindName::File)] {
            for item in items {
                self.put_item(item, kind, accounts)?;
            }
        }
        Ok(())
    }

    /// Adds a link in the root directory.
    pub(super) fn link(&mut self, link: &str, target: &str) {
        self.things.insert(PathBuf::from(link), Thing::Link(PathBuf::from(target)));
    }

    /// Adds a program, unless its path exists.
    pub(super) fn put_program(&mut self, path: &Path, mode: u32, uid: u32, gid: u32) -> Result<(), String> {
        if matches!(self.find(path), Ok((_, Thing::Other { .. }))) {
            return Ok(());
        }
        self.put(path, Thing::Other { kind: FileKind::File, mode, uid, gid, held: Held::Undescribed })
    }

    /// Adds a described file.
    fn put_item(&mut self, item: Item, usual: KindName, accounts: &Accounts) -> Result<(), String> {
        let path = item.path.path();
        if let Some(target) = item.symlink {
            return self.put(&path, Thing::Link(target.path()));
        }
        let (uid, gid) = match (item.uid, item.gid) {
            (Some(uid), Some(gid)) => (uid, gid),
            (uid, gid) => (
                uid.map_or_else(|| id(&item.path, item.owner.as_deref(), &accounts.users, "user"), Ok)?,
                gid.map_or_else(|| id(&item.path, item.group.as_deref(), &accounts.groups, "group"), Ok)?,
            ),
        };
        let kind = FileKind::from(item.kind.unwrap_or(usual));
        if kind == FileKind::Link {
            return Err(format!("{}: is a link without symlink:, its target", path.display()));
        }
        let usual_mode = if kind == FileKind::Directory { 0o755 } else { 0o644 };
        let mode = item.mode.map_or(usual_mode, |Mode(mode)| mode);
        let bytes = match (item.content, item.json) {
            (Some(_), Some(_)) => return Err(format!("{}: has both content and json", path.display())),
            (Some(Bytes(bytes)), None) => bytes,
            (None, Some(tree)) => {
                serde_json::to_string_pretty(&tree).map(|text| text + "\n").map_err(|error| error.to_string())?.into()
            }
            (None, None) => Vec::new(),
        };
        if let Some(certificates) = item.certificates {
            if !bytes.is_empty() {
                return Err(format!("{}: has both content and certificates", path.display()));
            }
            let held = form::held(certificates).map_err(|why| format!("{}: {why}", path.display()))?;
            let held = Held::Certificates(held);
            return self.put(&path, Thing::Other { kind, mode, uid, gid, held });
        }
        let size = item.size.filter(|size| *size > 0).or_else(|| u64::try_from(bytes.len()).ok()).unwrap_or(u64::MAX);
        self.put(&path, Thing::Other { kind, mode, uid, gid, held: Held::Bytes { bytes, size } })
    }

    /// Adds a file at a path, and any missing directories on the way.
    fn put(&mut self, path: &Path, thing: Thing) -> Result<(), String> {
        let refused = |why: &str| format!("{}: {why}", path.display());
        if !path.is_absolute() {
            return Err(refused("is not an absolute path"));
        }
        let mut parent = PathBuf::from("/");
        let mut steps = steps(path);
        let Some(name) = steps.pop_back() else {
            self.things.insert(parent, thing);
            return Ok(());
        };
        let mut links = 0;
        while let Some(step) = steps.pop_front() {
            if step == ".." {
                parent.pop();
                continue;
            }
            let place = parent.join(&step);
            match self.things.entry(place.clone()).or_insert_with(|| directory(0o755, 0, 0)) {
                Thing::Link(target) => {
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(refused("is behind links that form a loop"));
                    }
                    follow(target, &mut parent, &mut steps);
                }
                Thing::Other { kind: FileKind::Directory, .. } => parent = place,
                Thing::Other { .. } => return Err(refused("is below something that is not a directory")),
            }
        }
        if name == ".." {
            return Err(refused("ends in .., which is not a name"));
        }
        self.things.insert(parent.join(name), thing);
        Ok(())
    }

    /// Resolves a path, links followed. Returns where it leads, and the file there.
    fn find(&self, path: &Path) -> Result<(PathBuf, &Thing), Failure> {
        let mut place = PathBuf::from("/");
        let mut found = self.things.get(&place).ok_or(Failure::Absent)?;
        let mut steps = steps(path);
        let mut links = 0;
        while let Some(step) = steps.pop_front() {
            if !matches!(found, Thing::Other { kind: FileKind::Directory, .. }) {
                return Err(Failure::Absent);
            }
            let next =
                if step == ".." { place.parent().unwrap_or(Path::new("/")).to_owned() } else { place.join(&step) };
            match self.things.get(&next).ok_or(Failure::Absent)? {
                Thing::Link(target) => {
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(Failure::Unknown(Cause::LinkLoop, "the links form a loop".to_owned()));
                    }
                    follow(target, &mut place, &mut steps);
                    found = self.things.get(&place).ok_or(Failure::Absent)?;
                }
                other @ Thing::Other { .. } => {
                    found = other;
                    place = next;
                }
            }
        }
        Ok((place, found))
    }

    /// Returns the metadata of a path's target.
    pub(super) fn metadata(&self, path: &Path) -> Result<Answer, Failure> {
        let (resolved, thing) = self.find(path)?;
        let Thing::Other { kind, mode, uid, gid, held } = thing else { return Err(Failure::Absent) };
        let size = match held {
            Held::Bytes { size, .. } => *size,
            Held::Certificates(_) | Held::Undescribed => 0,
        };
        let (kind, mode, uid, gid) = (*kind, *mode, *uid, *gid);
        Ok(Answer::Metadata(Metadata { kind, mode, uid, gid, size, identity: (0, 0), resolved }))
    }

    /// Returns the content of the file at a path.
    pub(super) fn content(&self, path: &Path) -> Result<Answer, Failure> {
        let (_, thing) = self.find(path)?;
        let Thing::Other { kind, held, .. } = thing else { return Err(Failure::Absent) };
        if *kind != FileKind::File {
            return Err(Failure::not_a_file(*kind));
        }
        match held {
            Held::Bytes { size, .. } if *size > MOST_BYTES => Err(Failure::too_large(*size, MOST_BYTES)),
            Held::Bytes { bytes, size } => {
                let mut bytes = bytes.clone();
                // It fits, since it was just compared with the limit.
                bytes.resize(usize::try_from(*size).unwrap_or(0), 0);
                Ok(Answer::Content(Content::whole(bytes)))
            }
            Held::Certificates(_) | Held::Undescribed => {
                Err(Failure::Unknown(Cause::NotRecorded, "its content is not described".to_owned()))
            }
        }
    }

    /// Whether the file at a path contains a private key; not if only its certificates are described.
    pub(super) fn private_key(&self, path: &Path) -> Result<Answer, Failure> {
        if let (_, Thing::Other { held: Held::Certificates(_), .. }) = self.find(path)? {
            return Ok(Answer::Truth(false));
        }
        self.content(path).map(|answer| match answer {
            Answer::Content(content) => Answer::Truth(content.holds_private_key()),
            other => other,
        })
    }

    /// Returns the certificates in the file at a path.
    pub(super) fn certificates(&self, path: &Path) -> Result<Answer, Failure> {
        if let (_, Thing::Other { held: Held::Certificates(held), .. }) = self.find(path)? {
            return Ok(Answer::Certificates(held.clone()));
        }
        self.content(path).map(|answer| match answer {
            Answer::Content(content) => Answer::Certificates(certificates::read(&content.bytes)),
            other => other,
        })
    }

    /// Lists the directory at a path.
    pub(super) fn entries(&self, path: &Path) -> Result<Answer, Failure> {
        let (place, thing) = self.find(path)?;
        match thing {
            Thing::Other { kind: FileKind::Directory, .. } => {}
            Thing::Other { kind, .. } => return Err(Failure::not_a_directory(*kind)),
            Thing::Link(_) => return Err(Failure::Absent),
        }
        let below = self.things.iter().filter(|(path, _)| path.parent() == Some(&place));
        let mut entries: Vec<Entry> = below
            .filter_map(|(path, thing)| {
                let kind = match thing {
                    Thing::Link(_) => FileKind::Link,
                    Thing::Other { kind, .. } => *kind,
                };
                Some(Entry { name: path.file_name()?.to_owned(), kind })
            })
            .collect();
        entries.order();
        Ok(Answer::Entries(entries))
    }
}

/// Continues at the target of a link in `parent`.
fn follow(target: &Path, parent: &mut PathBuf, rest: &mut VecDeque<OsString>) {
    if target.is_absolute() {
        *parent = PathBuf::from("/");
    }
    for step in steps(target).into_iter().rev() {
        rest.push_front(step);
    }
}

/// Splits a path into its components, including `..`.
fn steps(path: &Path) -> VecDeque<OsString> {
    path.components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some(OsString::from("..")),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
        })
        .collect()
}

fn directory(mode: u32, uid: u32, gid: u32) -> Thing {
    Thing::Other { kind: FileKind::Directory, mode, uid, gid, held: Held::Undescribed }
}

/// Returns the number of the account that a path belongs to; root if none is named.
pub(super) fn id(path: &Bytes, account: Option<&str>, known: &AccountList, what: &str) -> Result<u32, String> {
    let Some(name) = account else { return Ok(0) };
    number(Some(name), known)
        .ok_or_else(|| format!("{}: there is no {what} {name:?} on this node", path.path().display()))
}
