//! This program's own `/proc`, through which it reopens descriptors and lists directories, whatever node is inspected.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;

use super::open_error::OpenError;
use super::proc_mount::is_proc_mount;

/// Its path.
const PROC: &str = "/proc";

/// The directory of this process's descriptors.
const DESCRIPTORS: &str = "/proc/self/fd";

/// Checks that it is mounted and belongs to this process's PID namespace. Otherwise directories could not be listed,
/// and would be taken for missing.
pub(super) fn check() -> Result<(), OpenError> {
    let refused = |detail: &str| Err(OpenError { place: PROC.into(), detail: detail.to_owned() });
    if !is_proc_mount(Path::new(PROC)) {
        return refused("not a proc file system (mount one: mount -t proc proc /proc)");
    }
    if fs::metadata(DESCRIPTORS).is_err() {
        return refused(
            "does not show kube-assay itself, so it belongs to another PID namespace (run kube-assay in that namespace: in \
             a Job, set hostPID: true)",
        );
    }
    Ok(())
}

/// The directory of descriptors, once something has been reopened.
static OPENED: OnceLock<File> = OnceLock::new();

/// Opens the regular file that a handle refers to for reading, whatever its path refers to by now.
pub(super) fn reopen(handle: &impl AsFd) -> io::Result<File> {
    let directory = match OPENED.get() {
        Some(directory) => directory,
        None => {
            // Kept open: looking up this process for each file would take longer than reading a small one.
            let flags = OFlag::O_PATH | OFlag::O_DIRECTORY;
            let directory = OpenOptions::new().read(true).custom_flags(flags.bits()).open(DESCRIPTORS)?;
            OPENED.get_or_init(|| directory)
        }
    };
    let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    let name = handle.as_fd().as_raw_fd().to_string();
    Ok(File::from(openat(directory, name.as_str(), flags, Mode::empty())?))
}

/// Returns the path by which this process can reopen a handle or list a directory.
pub(super) fn handle_path(handle: &impl AsFd) -> PathBuf {
    PathBuf::from(format!("{DESCRIPTORS}/{}", handle.as_fd().as_raw_fd()))
}
