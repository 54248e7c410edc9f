//! Checks that processes and files belong to the same node.
//!
//! In a container without the host's PID namespace, and next to a disk that is mounted for rescue, the processes do not
//! belong to the node whose files are read. Components running on that node would not be found, and their checks would
//! not apply.

use std::fs::{self, DirEntry};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::live::LiveOptions;
use super::open_error::OpenError;
use super::proc_mount::is_proc_mount;

/// Rejects a proc file system that shows no process, or the processes of a different machine or container than the
/// root's.
///
/// Process 1 decides: its root directory is the node's. If that cannot be examined (as an ordinary user, or without
/// `CAP_SYS_PTRACE`), or if there is no process 1, the proc file system is accepted.
///
/// # Errors
///
/// If the processes do not belong to the root; the error says what is wrong and what to do.
pub fn refuse_other_processes(node: &LiveOptions) -> Result<(), OpenError> {
    let refused = |detail: String| Err(OpenError { place: node.proc.clone(), detail });
    if let Err(why) = shows_a_process(&node.proc) {
        return refused(format!("{why} (pass the node's proc mount with --proc, or --proc none for a disk)"));
    }
    if is_of_root(&node.proc, &node.root) {
        return Ok(());
    }
    let root = node.root.display();
    refused(format!(
        "shows the processes of another machine or container: the root directory of process 1 is not {root} (in a Job, set \
         hostPID: true; otherwise pass --root and --proc of the same node, or --proc none for a disk)"
    ))
}

/// Checks that a directory shows processes; one that may not be listed passes.
fn shows_a_process(proc: &Path) -> Result<(), &'static str> {
    // Process 1 is looked up by name first, since listing thousands of entries takes time.
    if fs::symlink_metadata(proc.join("1")).is_ok() {
        return Ok(());
    }
    let entries = match fs::read_dir(proc) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err("no such directory"),
        Err(_) => return Err("cannot be listed as a directory"),
    };
    if entries.flatten().any(|entry| is_process(&entry)) { Ok(()) } else { Err("shows no process") }
}

/// Whether the processes may belong to the node with this root.
fn is_of_root(proc: &Path, root: &Path) -> bool {
    let first = proc.join("1/root");
    let Some(wanted) = identity(root) else { return true };
    match fs::metadata(&first) {
        Ok(found) if (found.dev(), found.ino()) == wanted => true,
        // In a copy of a proc directory, the link has its original target: the root.
        Ok(_) if !is_proc_mount(proc) && fs::read_link(&first).is_ok_and(|link| link == Path::new("/")) => true,
        Ok(_) => identity(Path::new("/")) != Some(wanted) && is_root_of_any(proc, wanted),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => !is_pause(proc),
        Err(_) => true,
    }
}

/// Whether any process has this directory as its root: if the container runtime itself runs in a container, as in
/// virtual machines made for it, the host of its pods is not that of process 1. Not used for our own root, which a
/// shell in this container has too.
fn is_root_of_any(proc: &Path, wanted: (u64, u64)) -> bool {
    let Ok(entries) = fs::read_dir(proc) else { return false };
    entries.flatten().filter(is_process).any(|entry| identity(&entry.path().join("root")) == Some(wanted))
}

/// Whether process 1 is the pause process of a pod, whose containers share a PID namespace that is not the host's.
fn is_pause(proc: &Path) -> bool {
    // In a made-up proc directory this may be a FIFO, which would block.
    is_proc_mount(proc) && fs::read(proc.join("1/comm")).is_ok_and(|name| name == b"pause\n")
}

fn is_process(entry: &DirEntry) -> bool {
    entry.file_name().to_str().is_some_and(|name| name.parse::<i32>().is_ok())
}

fn identity(place: &Path) -> Option<(u64, u64)> {
    let found = fs::metadata(place).ok()?;
    Some((found.dev(), found.ino()))
}
