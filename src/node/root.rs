//! Paths below a root, and what they lead to.
//!
//! Whatever a path says (links, absolute links, `..`), its resolution stays inside the root: `pathrs` sees to that,
//! with `openat2` where the kernel has it. What lies there is looked at through the handle that the resolution gave,
//! and only regular files are opened for reading.

use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use pathrs::Root;
use pathrs::flags::OpenFlags;
use walkdir::WalkDir;

use super::errors::{FILES_HINT, Failure};
use super::limits::MOST_BYTES;
use probe::{Cause, Content, Entry, FileKind, Metadata, normalize};

/// The most entries that are listed of a directory.
const MOST_ENTRIES: usize = 100_000;

/// How often a file is tried that is replaced while it is being opened.
const TRIES: usize = 3;

/// A file system, or the part of one below a directory, that no path leads out of.
#[derive(Debug)]
pub(super) struct Tree {
    root: Root,
    /// Where its root lies as the kernel names it to us; what lies inside is named without it.
    place: PathBuf,
}

impl Tree {
    /// Opens the tree below the directory `path`; `hint` is the text where permission is denied.
    pub(super) fn open(path: &Path, hint: &str) -> Result<Self, Failure> {
        check_path(path)?;
        // Opened here, since the resolver takes no link, which the root of a process is.
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY;
        let handle = OpenOptions::new().read(true).custom_flags(flags.bits()).open(path);
        let handle = handle.map_err(|error| Failure::of_io(&error, hint))?;
        let place = place_of(&handle).unwrap_or_else(|| path.to_owned());
        Ok(Self { root: Root::from_fd(handle), place })
    }

    /// What `path` leads to.
    pub(super) fn metadata(&self, path: &Path) -> Result<Metadata, Failure> {
        let (handle, found) = self.resolve(path)?;
        Ok(metadata_of(&found, self.inside(&handle, path)))
    }

    /// What the regular file at `path` holds.
    pub(super) fn content(&self, path: &Path) -> Result<Content, Failure> {
        for _ in 0..TRIES {
            let (_handle, found) = self.resolve(path)?;
            let kind = kind_of(found.file_type());
            if kind != FileKind::File {
                return Err(Failure::not_a_file(kind));
            }
            if found.len() > MOST_BYTES {
                return Err(Failure::too_large(found.len()));
            }
            let flags = OpenFlags::O_RDONLY | OpenFlags::O_NONBLOCK | OpenFlags::O_NOCTTY | OpenFlags::O_CLOEXEC;
            let file = self.root.open_subpath(path, flags).map_err(|error| Failure::of_path(&error, FILES_HINT))?;
            let opened = file.metadata().map_err(|error| Failure::of_io(&error, FILES_HINT))?;
            // The handle is still held, so that its inode cannot have been given to another file.
            if (opened.dev(), opened.ino()) == (found.dev(), found.ino()) {
                return read_bounded(file, found.len()).map(|bytes| Content { bytes });
            }
        }
        Err(Failure::Unknown(Cause::Vanished, "was replaced again and again while it was opened".to_owned()))
    }

    /// What lies directly in the directory at `path`, in the directory's own order.
    pub(super) fn entries(&self, path: &Path) -> Result<Vec<Entry>, Failure> {
        let (handle, found) = self.resolve(path)?;
        let kind = kind_of(found.file_type());
        if kind != FileKind::Directory {
            return Err(Failure::not_a_directory(kind));
        }
        // Listed through the handle: a directory that is swapped for a link meanwhile is not followed.
        let mut entries = Vec::new();
        for entry in WalkDir::new(handle_path(&handle)).min_depth(1).max_depth(1).follow_links(false) {
            let entry = match entry {
                Ok(entry) => entry,
                // An entry that went away between being named and being looked at is not there.
                Err(error) if error.depth() > 0 && is_absence(&error) => continue,
                Err(error) => {
                    let fallback = || Failure::Unknown(Cause::System, "cannot be listed".to_owned());
                    return Err(error.io_error().map_or_else(fallback, |error| Failure::of_io(error, FILES_HINT)));
                }
            };
            if entries.len() == MOST_ENTRIES {
                return Err(Failure::Unknown(
                    Cause::TooLarge,
                    format!("has more than {MOST_ENTRIES} entries, the most that are listed"),
                ));
            }
            entries.push(Entry { name: entry.file_name().to_owned(), kind: kind_of(entry.file_type()) });
        }
        Ok(entries)
    }

    /// The handle of what `path` leads to, which opens nothing yet, and what it is.
    pub(super) fn resolve(&self, path: &Path) -> Result<(File, fs::Metadata), Failure> {
        check_path(path)?;
        let handle = self.root.resolve(path).map_err(|error| Failure::of_path(&error, FILES_HINT))?;
        let handle = File::from(OwnedFd::from(handle));
        let found = handle.metadata().map_err(|error| Failure::of_io(&error, FILES_HINT))?;
        Ok((handle, found))
    }

    /// Where a handle lies inside this tree; as `asked`, normalized, where the kernel does not say.
    fn inside(&self, handle: &File, asked: &Path) -> PathBuf {
        // Two handles of one mount namespace are named from the same start, also where it is not ours.
        place_of(handle)
            .and_then(|place| place.strip_prefix(&self.place).ok().map(|rest| Path::new("/").join(rest)))
            .unwrap_or_else(|| normalize(asked))
    }
}

/// What the kernel says of a file that lies at `resolved`.
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

/// A NUL byte cannot be part of a path, but it can be part of what a configuration gives as one.
fn check_path(path: &Path) -> Result<(), Failure> {
    if path.as_os_str().as_bytes().contains(&0) {
        return Err(Failure::Unknown(Cause::Malformed, "holds a NUL byte, which no path can".to_owned()));
    }
    Ok(())
}

fn is_absence(error: &walkdir::Error) -> bool {
    error.io_error().is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

/// The name under which this process reaches an open handle.
pub(super) fn handle_path(handle: &impl AsFd) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", handle.as_fd().as_raw_fd()))
}

/// Where a handle lies, as the kernel names it to us.
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

/// All of a file that should be `size` bytes long, or that it has grown beyond the bound.
pub(super) fn read_bounded(file: File, size: u64) -> Result<Vec<u8>, Failure> {
    // One byte more than its size lets the end be seen without growing.
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(MOST_BYTES)).unwrap_or(0) + 1);
    let read = file.take(MOST_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| Failure::of_io(&error, FILES_HINT))?;
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if length > MOST_BYTES { Err(Failure::too_large(length)) } else { Ok(bytes) }
}
