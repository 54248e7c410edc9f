//! Paths below a root, and their targets.
//!
//! Whatever a path contains (links, absolute links, `..`), its resolution stays inside the root: `pathrs` ensures that,
//! with `openat2` if the kernel has it. Targets are examined through the resulting handle, and only regular files are
//! opened for reading.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use nix::sys::stat::fstat;
use pathrs::Root;
use walkdir::WalkDir;

use super::budget::Reading;
use super::errors::{FILES_HINT, Failure};
use super::looked_at::look_at;
use super::own_proc::{handle_path, reopen};
use super::tread::tread;
use super::watch::{self, Step, step};
use probe::{Cause, Content, Entry, FileKind, Metadata, normalize};

/// The maximum number of entries that are listed of a directory.
const MOST_ENTRIES: usize = 100_000;

/// The buffer size for a file of unknown size; most files in proc are smaller.
const ROOM: usize = 4 << 10;

/// The target of a path.
#[derive(Debug)]
pub(super) struct Handle {
    /// A handle that does not open the target yet.
    pub(super) file: File,
    found: fs::Metadata,
    /// Whether no link was followed on the way.
    is_straight: bool,
}

/// The result of resolving a path.
type Resolved = Result<Arc<Handle>, Failure>;

/// A file system, or the subtree below a directory, that no path can leave.
#[derive(Debug)]
pub(super) struct FileTree {
    root: Root,
    /// The directory that was opened.
    path: PathBuf,
    /// The kernel's path of its root as seen by us, which is stripped from paths inside. Determined once a link has
    /// been followed.
    place: OnceLock<PathBuf>,
    /// The device and inode of its root; `None` if they are unavailable.
    identity: OnceLock<Option<(u64, u64)>>,
    /// The number of paths that it remembers, so that a path whose mode was asked for is the same file when it is read
    /// later. Each takes a descriptor.
    most: usize,
    /// The most recently resolved paths, the newest at the end.
    resolved: Mutex<VecDeque<(PathBuf, Resolved)>>,
}

impl FileTree {
    /// Opens the tree below the directory `path`. `hint` is the detail if permission is denied, `most` the number of
    /// paths that are remembered.
    pub(super) fn open(path: &Path, hint: &str, most: usize) -> Result<Self, Failure> {
        check_path(path)?;
        // Opened here since the resolver rejects links, and the root of a process is one.
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY;
        let handle = OpenOptions::new().read(true).custom_flags(flags.bits()).open(path);
        let root = Root::from_fd(handle.map_err(|error| Failure::of_io(&error, hint))?);
        Ok(Self {
            root,
            path: path.to_owned(),
            place: OnceLock::new(),
            identity: OnceLock::new(),
            most,
            resolved: Mutex::default(),
        })
    }

    /// Returns another handle of its root.
    pub(super) fn directory(&self) -> io::Result<OwnedFd> {
        self.root.as_fd().try_clone_to_owned()
    }

    /// Returns the device and inode of its root.
    pub(super) fn identity(&self) -> Option<(u64, u64)> {
        if let Some(known) = self.identity.get() {
            return *known;
        }
        // Outside of the initialisation, which others would wait for: there may never be an answer.
        let found =
            self.guarded(Path::new("/"), || Ok(fstat(&self.root).ok().map(|found| (found.st_dev, found.st_ino))));
        *self.identity.get_or_init(|| found.ok().flatten())
    }

    /// Returns the metadata of the target of `path`.
    pub(super) fn metadata(&self, path: &Path) -> Result<Metadata, Failure> {
        self.guarded(path, || self.metadata_at(path))
    }

    /// Reads the regular file at `path`, if it has at most `most` bytes and `reading` allows it.
    pub(super) fn content(&self, path: &Path, reading: &Reading, most: u64) -> Result<Content, Failure> {
        self.guarded(path, || self.content_at(path, reading, most))
    }

    /// Lists the directory at `path`, in directory order.
    pub(super) fn entries(&self, path: &Path) -> Result<Vec<Entry>, Failure> {
        self.guarded(path, || self.entries_at(path))
    }

    /// Runs `look` on `path`. Once something has not answered, does so only if the way to the path avoids it.
    fn guarded<T>(&self, path: &Path, look: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        if !watch::is_wary() {
            return look();
        }
        match tread(&self.root, path)? {
            Some(mount) => step(Step::mount(mount), Some(path), look).unwrap_or_else(|_| Err(Failure::unanswered())),
            None => look(),
        }
    }

    fn metadata_at(&self, path: &Path) -> Result<Metadata, Failure> {
        let handle = self.resolve(path)?;
        let resolved = if handle.is_straight { normalize(path) } else { self.inside(&handle.file, path) };
        Ok(metadata_of(&handle.found, resolved))
    }

    fn content_at(&self, path: &Path, reading: &Reading, most: u64) -> Result<Content, Failure> {
        let handle = self.resolve(path)?;
        let Handle { file, found, .. } = &*handle;
        let kind = kind_of(found.file_type());
        if kind != FileKind::File {
            return Err(Failure::not_a_file(kind));
        }
        if found.len() > most {
            return Err(Failure::too_large(found.len(), most));
        }
        reading.take(found.len())?;
        // Through the handle, so that it is this very file, whatever the path refers to by now.
        let file = reopen(file).map_err(|error| match Failure::of_io(&error, FILES_HINT) {
            // The file exists; it is the way to it that does not.
            Failure::Absent => Failure::Unknown(Cause::System, "cannot be opened through /proc/self/fd".to_owned()),
            failure @ Failure::Unknown(..) => failure,
        })?;
        read_bounded(file, found.len(), most).map(Content::whole)
    }

    fn entries_at(&self, path: &Path) -> Result<Vec<Entry>, Failure> {
        let handle = self.resolve(path)?;
        let kind = kind_of(handle.found.file_type());
        if kind != FileKind::Directory {
            return Err(Failure::not_a_directory(kind));
        }
        // Listed through the handle, so that a directory replaced by a link meanwhile is not followed.
        let mut entries = Vec::new();
        // The dot is the directory itself, which would otherwise be looked up once more as a link.
        let directory = handle_path(&handle.file).join(".");
        for entry in WalkDir::new(directory).min_depth(1).max_depth(1).follow_links(false) {
            let entry = match entry {
                Ok(entry) => entry,
                // An entry that disappears between being listed and being examined does not exist.
                Err(error) if error.depth() > 0 && is_absence(&error) => continue,
                Err(error) => {
                    let fallback = || Failure::Unknown(Cause::System, "cannot be listed".to_owned());
                    return Err(error.io_error().map_or_else(fallback, |error| Failure::of_io(error, FILES_HINT)));
                }
            };
            if entries.len() == MOST_ENTRIES {
                return Err(Failure::Unknown(
                    Cause::TooLarge,
                    format!("has more than {MOST_ENTRIES} entries, the limit"),
                ));
            }
            entries.push(Entry { name: entry.file_name().to_owned(), kind: kind_of(entry.file_type()) });
        }
        Ok(entries)
    }

    /// Resolves `path`; remembers the result.
    pub(super) fn resolve(&self, path: &Path) -> Resolved {
        if let Some((_, known)) = self.resolved().iter().rev().find(|(known, _)| known.as_os_str() == path.as_os_str())
        {
            return known.clone();
        }
        let found = self.look(path);
        let mut resolved = self.resolved();
        if resolved.len() == self.most {
            resolved.pop_front();
        }
        resolved.push_back((path.to_owned(), found.clone()));
        found
    }

    fn resolved(&self) -> MutexGuard<'_, VecDeque<(PathBuf, Resolved)>> {
        self.resolved.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self, path: &Path) -> Resolved {
        let (file, is_straight) = self.handle(path)?;
        let found = file.metadata().map_err(|error| Failure::of_io(&error, FILES_HINT))?;
        look_at(&found);
        Ok(Arc::new(Handle { file, found, is_straight }))
    }

    /// Returns a handle of the target of `path`, and whether no link was followed on the way.
    pub(super) fn handle(&self, path: &Path) -> Result<(File, bool), Failure> {
        check_path(path)?;
        // Few paths contain links. For the others the kernel reports at once whether the target exists, whereas the
        // resolver consults proc first.
        let how = OpenHow::new()
            .flags(OFlag::O_PATH | OFlag::O_CLOEXEC)
            .resolve(ResolveFlag::RESOLVE_IN_ROOT | ResolveFlag::RESOLVE_NO_SYMLINKS);
        if path.is_absolute() {
            match openat2(&self.root, path, how) {
                Ok(handle) => return Ok((File::from(handle), true)),
                Err(Errno::ENOENT | Errno::ENOTDIR) => return Err(Failure::Absent),
                // A link, or `openat2` is missing or denied by a sandbox.
                Err(_) => {}
            }
        }
        let handle = self.root.resolve(path).map_err(|error| Failure::of_path(&error, FILES_HINT))?;
        Ok((File::from(OwnedFd::from(handle)), false))
    }

    /// Returns the path of a handle inside this tree, or `asked`, normalized, if the kernel does not report it.
    fn inside(&self, handle: &File, asked: &Path) -> PathBuf {
        // The kernel's names for two handles in one mount namespace have the same base, even if the namespace is not
        // ours.
        place_of(handle)
            .and_then(|place| {
                let root = self.place.get_or_init(|| place_of(&self.root).unwrap_or_else(|| self.path.clone()));
                place.strip_prefix(root).ok().map(|rest| Path::new("/").join(rest))
            })
            .unwrap_or_else(|| normalize(asked))
    }
}

/// Converts the metadata of a file at `resolved`.
pub(super) fn metadata_of(found: &fs::Metadata, resolved: PathBuf) -> Metadata {
    Metadata {
        kind: kind_of(found.file_type()),
        mode: found.mode() & 0o7777,
        uid: found.uid(),
        gid: found.gid(),
        size: found.len(),
        identity: (found.dev(), found.ino()),
        resolved,
    }
}

/// Rejects NUL bytes, which a path cannot contain, but a path in a configuration file can.
fn check_path(path: &Path) -> Result<(), Failure> {
    if path.as_os_str().as_bytes().contains(&0) {
        return Err(Failure::Unknown(Cause::Malformed, "holds a NUL byte, which no path can".to_owned()));
    }
    Ok(())
}

fn is_absence(error: &walkdir::Error) -> bool {
    error.io_error().is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

/// Returns the path of a handle as the kernel names it to us.
fn place_of(handle: &impl AsFd) -> Option<PathBuf> {
    fs::read_link(handle_path(handle)).ok().filter(|place| place.is_absolute())
}

fn kind_of(kind: fs::FileType) -> FileKind {
    if kind.is_dir() {
        FileKind::Directory
    } else if kind.is_symlink() {
        FileKind::Link
    } else if kind.is_fifo() {
        FileKind::Fifo
    } else if kind.is_socket() {
        FileKind::Socket
    } else if kind.is_block_device() || kind.is_char_device() {
        FileKind::Device
    } else {
        FileKind::File
    }
}

/// Reads a whole file that should have `size` bytes (0 if unknown). Fails if it exceeds `bound`.
pub(super) fn read_bounded(mut file: impl Read, size: u64, bound: u64) -> Result<Vec<u8>, Failure> {
    let most = usize::try_from(bound).unwrap_or(usize::MAX);
    let known = usize::try_from(size).unwrap_or(usize::MAX);
    let (mut bytes, mut length) = if known == 0 {
        // Files of proc: a run reads dozens, most of a few hundred bytes, so only those bytes are allocated.
        let mut page = [0; ROOM];
        let mut length = 0;
        loop {
            let read = read_some(&mut file, page.get_mut(length..).unwrap_or_default())?;
            length += read;
            if read == 0 && length < ROOM {
                return Ok(page.get(..length).unwrap_or_default().to_vec());
            }
            if length == ROOM {
                break (page.to_vec(), length);
            }
        }
    } else {
        // One byte more than the size, so that the end is detected without another read.
        (vec![0; known.min(most) + 1], 0)
    };
    loop {
        if length == bytes.len() {
            bytes.resize(length.saturating_mul(2).min(most + 1), 0);
        }
        let read = read_some(&mut file, bytes.get_mut(length..).unwrap_or_default())?;
        length += read;
        if read == 0 || (length == known && length < bytes.len()) {
            bytes.truncate(length);
            return Ok(bytes);
        }
        if length > most {
            return Err(Failure::too_large(u64::try_from(length).unwrap_or(u64::MAX), bound));
        }
    }
}

/// Reads once, and retries if interrupted by a signal.
fn read_some(file: &mut impl Read, room: &mut [u8]) -> Result<usize, Failure> {
    loop {
        match file.read(room) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            read => return read.map_err(|error| Failure::of_io(&error, FILES_HINT)),
        }
    }
}
