//! Whether processes and files are those of one node.
//!
//! In a container without the host's PID namespace, and beside a disk that is mounted for rescue, the processes are not
//! those of the node whose files are looked at: of a component that runs there, nothing would be seen, and its checks
//! would not apply.

use std::fs::{self, DirEntry};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::live::LiveOptions;
use super::open_error::OpenError;
use super::proc_mount::is_proc_mount;

/// Refuses a proc file system that shows no process, or those of a different machine or container than the root's.
///
/// Process 1 tells: its root directory is the node's. Where that cannot be looked at (by an ordinary user, or without
/// `CAP_SYS_PTRACE`), or no process 1 is shown, nothing is known against it.
///
/// # Errors
///
/// What is wrong with the place of the proc file system, and what to do.
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

/// That a directory shows processes; one that may not be listed is not known not to.
fn shows_a_process(proc: &Path) -> Result<(), &'static str> {
    // The usual one is asked for by name, since listing thousands takes its time.
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

/// Whether the processes may be those of the node with this root.
fn is_of_root(proc: &Path, root: &Path) -> bool {
    let first = proc.join("1/root");
    let Some(wanted) = identity(root) else { return true };
    match fs::metadata(&first) {
        Ok(found) if (found.dev(), found.ino()) == wanted => true,
        // In a copy of a proc directory the link says what it said there: the root.
        Ok(_) if !is_proc_mount(proc) && fs::read_link(&first).is_ok_and(|link| link == Path::new("/")) => true,
        Ok(_) => identity(Path::new("/")) != Some(wanted) && is_root_of_any(proc, wanted),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => !is_pause(proc),
        Err(_) => true,
    }
}

/// Whether any process has this directory as its root: where a runtime itself runs in a container, as in virtual machines
/// made for it, its pods' host is not process 1's. Not asked of the own root, which a shell beside this program has too.
fn is_root_of_any(proc: &Path, wanted: (u64, u64)) -> bool {
    let Ok(entries) = fs::read_dir(proc) else { return false };
    entries.flatten().filter(is_process).any(|entry| identity(&entry.path().join("root")) == Some(wanted))
}

/// Whether process 1 is the one that holds a pod's own PID namespace open: its containers share it, and not the host's.
fn is_pause(proc: &Path) -> bool {
    // A made-up one may be a FIFO, which would be waited for.
    is_proc_mount(proc) && fs::read(proc.join("1/comm")).is_ok_and(|name| name == b"pause\n")
}

fn is_process(entry: &DirEntry) -> bool {
    entry.file_name().to_str().is_some_and(|name| name.parse::<i32>().is_ok())
}

fn identity(place: &Path) -> Option<(u64, u64)> {
    let found = fs::metadata(place).ok()?;
    Some((found.dev(), found.ino()))
}
