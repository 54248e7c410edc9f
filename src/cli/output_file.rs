//! Writes files atomically: the complete new content, or the old one unchanged.
//!
//! A new file is created beside the target under a temporary name, synced and renamed over the target, so that a full
//! disk, a kill or an error leaves the old one. A file that is a mount point (`/dev/termination-log`, a file mounted
//! into a container) cannot be replaced: it is written in place, once the content is in memory and the space for it is
//! reserved. Named pipes and the process's own pipes (`/dev/fd/63`) are written with a time limit; output to
//! `/dev/null` is discarded. All other targets are rejected.

use std::collections::hash_map::RandomState;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, BufWriter, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, FallocateFlags, OFlag, fallocate, open, openat, readlinkat, renameat};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::{FileStat, Mode, SFlag, fchmod, fstat, fstatat, makedev, stat};
use nix::unistd::{Gid, Uid, UnlinkatFlags, fchown, fsync, geteuid, unlinkat};

use crate::node::{is_looked_at, writing};

use super::failure::Failure;
use super::system_error;

/// The size of the write buffer, in bytes.
const BUFFER: usize = 16 << 10;

/// How long a pipe may have no reader, and how long its reader may stall.
const PIPE_WAIT: Duration = Duration::from_secs(10);

/// How long writing to a pipe may take in total.
const PIPE_LIMIT: Duration = Duration::from_mins(1);

/// How long to wait before checking again whether a pipe has a reader.
const PIPE_PAUSE: Duration = Duration::from_millis(20);

/// How many names are tried for the new file.
const MOST_NAMES: usize = 16;

/// The major and minor number of `/dev/null`.
const NULL_DEVICE: (u64, u64) = (1, 3);

/// The directory of this process's file descriptors.
const DESCRIPTORS: &str = "/proc/self/fd";

/// The reason for rejecting a directory.
const DIRECTORY: &str = "is a directory, not a file (name a file in it)";

/// Who may read the file written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Mode and owner of the replaced file; for a new file, 0644 less the umask.
    Shared,
    /// Mode 0600, owned by the user who runs the program.
    Private,
}

/// Writes the content, in full on every call.
pub(super) type Content<'c> = dyn Fn(&mut dyn Write) -> io::Result<()> + 'c;

/// Writes `content` to the file or pipe at `path`.
///
/// # Errors
///
/// If the system reports an error, or the target is rejected (see [`refuse`]), as files read in this run are. A regular
/// file then keeps its old content; a mount point may not, if the disk fails.
pub(super) fn write(path: &Path, access: Access, content: &Content<'_>) -> Result<(), Failure> {
    let failed = |error: io::Error| not_written(path.display(), &error);
    let place = Place::of(path).map_err(failed)?;
    let found = place.look().map_err(failed)?;
    if let Some(why) = place.refusal(&found) {
        return Err(Failure::System(anyhow!("{}: {why}", path.display())));
    }
    match found {
        Found::Pipe(_) => write_pipe(path, &place, OFlag::O_NOFOLLOW, content),
        Found::Null => content(&mut io::sink()),
        Found::OwnPipe => write_pipe(path, &place, OFlag::empty(), content),
        Found::File(old) if place.is_mount_point() => write_in_place(&place, &old, access, content),
        Found::File(old) => match replace(&place, Some(&old), access, content) {
            // A mount point after all.
            Err(error) if error.kind() == io::ErrorKind::ResourceBusy => write_in_place(&place, &old, access, content),
            done => done,
        },
        _ => replace(&place, None, access, content),
    }
    .map_err(failed)
}

/// Returns why `path` must not be written; none if writing can be tried.
pub(super) fn refuse(path: &Path) -> Option<String> {
    match Place::of(path) {
        Ok(place) => place.refusal(&place.look().ok()?),
        // A path that can only name a directory.
        Err(error) if error.kind() == io::ErrorKind::IsADirectory => Some(DIRECTORY.to_owned()),
        // Other errors are reported when the file is written.
        Err(_) => None,
    }
}

/// Returns the directory in which `path` is written; none if it does not exist.
pub(super) fn directory_of(path: &Path) -> Option<OwnedFd> {
    Place::of(path).ok().map(|place| place.directory)
}

/// Returns the error that something could not be written.
pub(super) fn not_written(subject: impl std::fmt::Display, error: &io::Error) -> Failure {
    let why = system_error::in_words(error);
    Failure::System(anyhow!("{subject}: cannot be written: {why} (choose a writable location)"))
}

/// Identifies a file: equal for two paths that lead to the same one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Identity {
    /// An existing file: device and inode.
    There(u64, u64),
    /// A file that does not exist yet: device and inode of its directory, and its name.
    Missing(u64, u64, OsString),
    /// A path that cannot be examined.
    Unknown(PathBuf),
}

/// Identifies the file that `path` leads to.
pub(super) fn identity(path: &Path) -> Identity {
    if let Ok(found) = stat(path) {
        return Identity::There(found.st_dev, found.st_ino);
    }
    match Place::of(path).and_then(|place| Ok((fstat(&place.directory)?, place.name))) {
        Ok((directory, name)) => Identity::Missing(directory.st_dev, directory.st_ino, name),
        Err(_) => Identity::Unknown(path.to_owned()),
    }
}

/// A name in a directory. The directory is opened only once, so that replacing it later has no effect.
#[derive(Debug)]
struct Place {
    directory: OwnedFd,
    name: OsString,
}

/// The file found at a place.
enum Found {
    Nothing,
    File(FileStat),
    /// A named pipe.
    Pipe(FileStat),
    /// A pipe inherited by this process, named by its descriptor.
    OwnPipe,
    /// Any other file inherited by this process, named by its descriptor.
    OwnFile,
    /// A symbolic link and its target.
    Link(OsString),
    Directory,
    /// `/dev/null`, which discards the report.
    Null,
    /// Any other file, described as text.
    Special(&'static str),
}

impl Place {
    fn of(path: &Path) -> io::Result<Self> {
        let name = path.file_name().filter(|_| !path.as_os_str().as_bytes().ends_with(b"/"));
        let name = name.ok_or(io::ErrorKind::IsADirectory)?.to_owned();
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        Ok(Self { directory: open(parent, flags, Mode::empty())?, name })
    }

    fn look(&self) -> io::Result<Found> {
        let name = self.name.as_os_str();
        let found = match fstatat(&self.directory, name, AtFlags::AT_SYMLINK_NOFOLLOW) {
            Err(Errno::ENOENT) => return Ok(Found::Nothing),
            found => found?,
        };
        Ok(match kind(&found) {
            SFlag::S_IFREG => Found::File(found),
            SFlag::S_IFIFO => Found::Pipe(found),
            SFlag::S_IFLNK if self.holds_descriptors() => {
                let open = fstatat(&self.directory, name, AtFlags::empty())?;
                if kind(&open) == SFlag::S_IFIFO { Found::OwnPipe } else { Found::OwnFile }
            }
            SFlag::S_IFLNK => Found::Link(readlinkat(&self.directory, name)?),
            SFlag::S_IFDIR => Found::Directory,
            SFlag::S_IFSOCK => Found::Special("a socket"),
            SFlag::S_IFCHR if found.st_rdev == makedev(NULL_DEVICE.0, NULL_DEVICE.1) => Found::Null,
            _ => Found::Special("a device"),
        })
    }

    /// Whether the directory is that of this process's descriptors.
    fn holds_descriptors(&self) -> bool {
        let identity = |found: FileStat| (found.st_dev, found.st_ino);
        let own = stat(DESCRIPTORS).map(identity);
        own.is_ok() && own == fstat(&self.directory).map(identity)
    }

    fn refusal(&self, found: &Found) -> Option<String> {
        match found {
            Found::File(file) if is_looked_at(file.st_dev, file.st_ino) => {
                Some("was read in this run, and is not overwritten (name another file)".to_owned())
            }
            Found::Nothing | Found::File(_) | Found::OwnPipe | Found::Null => None,
            Found::Pipe(pipe) => self.is_planted(pipe).then(|| {
                "is another user's pipe in a directory where others may write (create one in your own directory)"
                    .to_owned()
            }),
            Found::OwnFile => Some("is an open file, not a pipe (name the file itself)".to_owned()),
            Found::Link(to) => {
                Some(format!("is a symbolic link, which is not followed (name {} itself)", to.to_string_lossy()))
            }
            Found::Directory => Some(DIRECTORY.to_owned()),
            Found::Special(what) => {
                Some(format!("is {what}, not a file (name a file, a pipe, or - for standard output)"))
            }
        }
    }

    /// Whether another user may have planted the file: the directory is writable by others, and the file belongs
    /// neither to this user nor to the directory's owner.
    fn is_planted(&self, found: &FileStat) -> bool {
        let Ok(directory) = fstat(&self.directory) else { return true };
        directory.st_mode & 0o022 != 0 && found.st_uid != geteuid().as_raw() && found.st_uid != directory.st_uid
    }

    /// Whether the file is a mount point, even of a file on the same file system.
    fn is_mount_point(&self) -> bool {
        let flags = OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let Ok(file) = openat(&self.directory, self.name.as_os_str(), flags, Mode::empty()) else { return false };
        let mount = |of: &OwnedFd| {
            let info = fs::read_to_string(format!("/proc/self/fdinfo/{}", of.as_raw_fd())).ok()?;
            info.lines().find_map(|line| line.strip_prefix("mnt_id:")).map(|id| id.trim().to_owned())
        };
        mount(&file).is_some_and(|id| mount(&self.directory).is_some_and(|around| around != id))
    }
}

fn kind(found: &FileStat) -> SFlag {
    SFlag::from_bits_truncate(found.st_mode) & SFlag::S_IFMT
}

/// A new file beside its target, removed on drop unless it was renamed to the target.
struct NewFile<'p> {
    place: &'p Place,
    name: OsString,
    is_placed: bool,
}

impl<'p> NewFile<'p> {
    fn create(place: &'p Place, mode: Mode) -> io::Result<(Self, File)> {
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        for _ in 0..MOST_NAMES {
            // Seeded by the system, so unpredictable. Programs that read configuration directories ignore such names.
            let name = format!(".kube-assay-{:016x}.tmp", RandomState::new().build_hasher().finish());
            match openat(&place.directory, name.as_str(), flags, mode) {
                Ok(file) => return Ok((Self { place, name: name.into(), is_placed: false }, file.into())),
                Err(Errno::EEXIST) => {}
                Err(error) => {
                    let why = system_error::in_words(&error.into());
                    return Err(io::Error::other(format!("no new file can be made in its directory: {why}")));
                }
            }
        }
        Err(Errno::EEXIST.into())
    }

    fn take_name(mut self) -> io::Result<()> {
        let directory = &self.place.directory;
        renameat(directory, self.name.as_os_str(), directory, self.place.name.as_os_str())?;
        self.is_placed = true;
        // The rename is durable only once the directory is synced. A directory that is not readable cannot be.
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        openat(directory, OsStr::new("."), flags, Mode::empty()).map_or(Ok(()), |directory| sync(&directory))
    }
}

impl Drop for NewFile<'_> {
    fn drop(&mut self) {
        if !self.is_placed {
            let _ = unlinkat(&self.place.directory, self.name.as_os_str(), UnlinkatFlags::NoRemoveDir);
        }
    }
}

/// Replaces `old` with a new file.
fn replace(place: &Place, old: Option<&FileStat>, access: Access, content: &Content<'_>) -> io::Result<()> {
    let kept = old.filter(|old| access == Access::Shared && !place.is_planted(old));
    let mode = if access == Access::Private || kept.is_some() { 0o600 } else { 0o644 };
    let (new, file) = NewFile::create(place, Mode::from_bits_truncate(mode))?;
    let mut writer = BufWriter::with_capacity(BUFFER, file);
    content(&mut writer)?;
    let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
    if let Some(old) = kept {
        keep_access(&file, old)?;
    }
    sync(&file)?;
    new.take_name()
}

/// Gives a file the owner, group and mode of the one it replaces, as far as this user may.
fn keep_access(file: &File, old: &FileStat) -> io::Result<()> {
    let new = fstat(file)?;
    let mut mode = old.st_mode & 0o777;
    if new.st_uid != old.st_uid {
        let _ = fchown(file, Some(Uid::from_raw(old.st_uid)), None);
    }
    if new.st_gid != old.st_gid && fchown(file, None, Some(Gid::from_raw(old.st_gid))).is_err() {
        // The group differs, so it gets no more rights than all other users.
        mode &= 0o707 | ((mode & 0o007) << 3);
    }
    // If the file system refuses, the mode stays 0600.
    let _ = fchmod(file, Mode::from_bits_truncate(mode));
    Ok(())
}

/// Overwrites a mount point, which cannot be replaced.
fn write_in_place(place: &Place, old: &FileStat, access: Access, content: &Content<'_>) -> io::Result<()> {
    let bytes = whole(content)?;
    let flags = OFlag::O_WRONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    let mut file = File::from(openat(&place.directory, place.name.as_os_str(), flags, Mode::empty())?);
    let now = fstat(&file)?;
    if (now.st_dev, now.st_ino) != (old.st_dev, old.st_ino) {
        return Err(io::Error::other("another file was created there meanwhile"));
    }
    if access == Access::Private {
        fchmod(&file, Mode::from_bits_truncate(0o600))?;
    }
    let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    // Reserves the space first, so that the old content is lost only if the new one fits. Not every file system
    // supports that.
    if let Err(error @ (Errno::ENOSPC | Errno::EDQUOT | Errno::EFBIG)) =
        fallocate(&file, FallocateFlags::FALLOC_FL_KEEP_SIZE, 0, length.max(1))
    {
        return Err(error.into());
    }
    file.write_all(&bytes)?;
    file.set_len(u64::try_from(bytes.len()).unwrap_or(u64::MAX))?;
    sync(&file)
}

/// Writes to a pipe, called `path` in messages, for as long as its reader keeps reading.
fn write_pipe(path: &Path, place: &Place, follow: OFlag, content: &Content<'_>) -> io::Result<()> {
    let bytes = whole(content)?;
    let flags = OFlag::O_WRONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC | follow;
    let begun = Instant::now();
    let mut pipe = loop {
        match openat(&place.directory, place.name.as_os_str(), flags, Mode::empty()) {
            Ok(pipe) => break File::from(pipe),
            Err(Errno::ENXIO) if begun.elapsed() < PIPE_WAIT => sleep(PIPE_PAUSE),
            Err(Errno::ENXIO) => return Err(late("nothing reads the pipe", PIPE_WAIT)),
            Err(error) => return Err(error.into()),
        }
    };
    if kind(&fstat(&pipe)?) != SFlag::S_IFIFO {
        return Err(io::Error::other("another file was created there meanwhile"));
    }
    let mut rest = bytes.as_slice();
    let begun = Instant::now();
    while !rest.is_empty() {
        match writing(path, || pipe.write(rest)) {
            Ok(written) => rest = rest.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let left = PIPE_LIMIT.saturating_sub(begun.elapsed());
                let wait = PollTimeout::try_from(left.min(PIPE_WAIT)).unwrap_or(PollTimeout::ZERO);
                match poll(&mut [PollFd::new(pipe.as_fd(), PollFlags::POLLOUT)], wait) {
                    Ok(0) if left < PIPE_WAIT => return Err(late("the reader of the pipe did not finish", PIPE_LIMIT)),
                    Ok(0) => return Err(late("the reader of the pipe read nothing", PIPE_WAIT)),
                    Ok(_) | Err(Errno::EINTR) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Err(error) => return Err(error),
        }
        if begun.elapsed() > PIPE_LIMIT {
            return Err(late("the reader of the pipe did not finish", PIPE_LIMIT));
        }
    }
    Ok(())
}

fn late(what: &str, limit: Duration) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, format!("{what} within {} s", limit.as_secs()))
}

/// Waits until a file or directory is on disk, if its file system supports that.
fn sync(file: &impl AsFd) -> io::Result<()> {
    match fsync(file) {
        Err(Errno::EINVAL | Errno::EOPNOTSUPP) => Ok(()),
        done => Ok(done?),
    }
}

fn whole(content: &Content<'_>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    content(&mut bytes)?;
    Ok(bytes)
}
