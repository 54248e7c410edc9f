//! Runs the one program of a node that may be run, if the user allows it, for the one question that needs it.
//!
//! It is run as root, so only root may determine what is run: the process's own executable is opened once, checked
//! through that descriptor, and executed through it. Nothing is run by path.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;

use probe::{Cause, Reason};

use super::errors::{FILES_HINT, Failure, PROCESSES_HINT, cause_of, in_words};
use super::launcher::{Bounds, Launcher, Refused, What};
use super::own_proc::handle_path;
use super::proc_mount::is_proc_mount;
use super::processes::DELETED;
use super::root::FileTree;

/// The maximum run time, and the maximum time to wait for the output.
const LIMIT: Duration = Duration::from_secs(5);
/// The maximum bytes of output.
const MOST_BYTES: u64 = 4096;
/// The magic number of programs that the kernel executes itself; a script refers to another program by path.
const ELF: [u8; 4] = *b"\x7fELF";
/// The permission bits that allow users other than the owner to change a file.
const WRITABLE_BY_GROUP: u32 = 0o020;
const WRITABLE_BY_OTHERS: u32 = 0o002;

/// Returns the version that the program of process `pid`, whose executable has the path `path`, prints: `Kubernetes
/// v1.32.4`, or `k3s version v1.32.4+k3s1 (0a1b2c3d)`.
///
/// It is run without environment, input and capabilities, and killed with everything it started after five seconds.
///
/// # Errors
///
/// If others than root can change it, or if it cannot be run, does not end, or prints something else.
pub(super) fn program_version(
    launcher: &Launcher,
    proc: &Path,
    root: &FileTree,
    pid: i32,
    path: &str,
    held: Option<Result<File, Failure>>,
) -> Result<String, Reason> {
    let failed = |cause: Cause, detail: String| Reason::new(cause, path, detail);
    let system = |what: &str, error: &io::Error| failed(cause_of(error), format!("{what}: {}", in_words(error)));
    let program = opened(proc, root, pid, path, held).map_err(|failure| match failure {
        Failure::Absent => failed(Cause::System, "cannot be run: no such file or directory".to_owned()),
        Failure::Unknown(cause, detail) => failed(cause, format!("is not run: {detail}")),
    })?;
    let what = What::Version(path.replace('\0', "").into());
    let bounds = Bounds { time: LIMIT, bytes: MOST_BYTES };
    let (mut command, refusal) = launcher.command(&what, bounds).map_err(|error| system("cannot be run", &error))?;
    command.stdin(program).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|error| system("cannot be run", &error))?;
    // The command keeps the launcher's ends of the pipes open.
    drop(command);
    let printed = child.stdout.take().map(printed);
    let ended = wait(&child);
    // Remaining processes keep the pipe open and must not continue.
    end(&mut child);
    match ended {
        Ok(true) => {}
        Ok(false) => return Err(failed(Cause::System, "--version did not end within 5 seconds".to_owned())),
        Err(error) => return Err(system("cannot be waited for", &error)),
    }
    if let Some(Refused { error, why }) = refusal.reason() {
        return Err(failed(cause_of(&io::Error::from_raw_os_error(error)), why));
    }
    let text = printed
        .and_then(|printed| printed.recv_timeout(LIMIT).ok())
        .ok_or_else(|| failed(Cause::System, "cannot be read".to_owned()))?
        .map_err(|error| system("cannot be read", &error))?;
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().next().unwrap_or_default().trim();
    // The version of k3s is that of the Kubernetes it embeds.
    let is_version = ["Kubernetes v", "k3s version v"].iter().any(|start| line.starts_with(start));
    if is_version {
        Ok(line.to_owned())
    } else {
        Err(failed(Cause::Malformed, "--version does not print a Kubernetes version".to_owned()))
    }
}

/// Opens the executable of a process for reading, provided that only root can have put it there.
fn opened(
    proc: &Path,
    root: &FileTree,
    pid: i32,
    path: &str,
    held: Option<Result<File, Failure>>,
) -> Result<File, Failure> {
    let link = proc.join(pid.to_string()).join("exe");
    let handle = if is_proc_mount(proc) {
        // The kernel's link leads to the very file that runs, even if that was replaced or is in a container.
        let open = || OpenOptions::new().read(true).custom_flags(OFlag::O_PATH.bits()).open(&link);
        let handle = held.unwrap_or_else(|| open().map_err(|error| Failure::of_io(&error, PROCESSES_HINT)))?;
        // The PID may have been reused by now.
        let place = fs::read_link(handle_path(&handle)).map_err(|error| Failure::of_io(&error, PROCESSES_HINT))?;
        let place = place.as_os_str().as_bytes();
        if String::from_utf8_lossy(place.strip_suffix(DELETED).unwrap_or(place)) != path {
            return Err(Failure::vanished());
        }
        handle
    } else {
        // In a directory that only looks like proc, the link is an ordinary one, and is followed below the root.
        let place = fs::read_link(&link).map_err(|error| Failure::of_io(&error, PROCESSES_HINT))?;
        root.handle(&place)?.0
    };
    let found = handle.metadata().map_err(|error| Failure::of_io(&error, FILES_HINT))?;
    if let Some(objection) = objection(&found) {
        return Err(Failure::Unknown(Cause::System, objection));
    }
    // The same file, since it is reopened through the handle.
    let mut program = File::open(handle_path(&handle)).map_err(|error| Failure::of_io(&error, FILES_HINT))?;
    let mut start = [0; ELF.len()];
    match program.read_exact(&mut start) {
        Ok(()) if start == ELF => Ok(program),
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(Failure::of_io(&error, FILES_HINT)),
        _ => Err(Failure::Unknown(Cause::System, "it is a script or something else that is not a program".to_owned())),
    }
}

/// Returns why a file is not run as root's own program.
fn objection(found: &fs::Metadata) -> Option<String> {
    let mode = found.mode() & 0o7777;
    if !found.is_file() {
        Some("it is not a regular file".to_owned())
    } else if found.uid() != 0 {
        Some(format!("it is owned by user {}, not by root", found.uid()))
    } else if mode & WRITABLE_BY_OTHERS != 0 {
        Some(format!("everyone can write it (mode {mode:04o})"))
    } else if mode & WRITABLE_BY_GROUP != 0 {
        Some(format!("its group can write it (group {}, mode {mode:04o})", found.gid()))
    } else {
        None
    }
}

/// Reads the output on a thread, up to the limit.
fn printed(stdout: ChildStdout) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut text = Vec::new();
        let read = stdout.take(MOST_BYTES).read_to_end(&mut text);
        // The receiver is gone if the program was killed.
        let _ = sender.send(read.map(|_| text));
    });
    receiver
}

/// Waits until it ends. Returns whether it did so in time. It is not reaped, so that its PID stays valid for killing
/// its group.
fn wait(child: &Child) -> io::Result<bool> {
    let started = Instant::now();
    let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    loop {
        match waitid(Id::Pid(pid_of(child)), flags) {
            Ok(WaitStatus::StillAlive) | Err(Errno::EINTR) => {}
            Ok(_) => return Ok(true),
            Err(errno) => return Err(errno.into()),
        }
        if started.elapsed() >= LIMIT {
            return Ok(false);
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Kills the launcher's group, and thereby everything that it started: that is in the group, or in a PID namespace
/// whose first process ends with the launcher.
fn end(child: &mut Child) {
    // Usually no process is left to kill.
    let _ = killpg(pid_of(child), Signal::SIGKILL);
    // It may not have created its group yet.
    let _ = child.kill();
    let _ = child.wait();
}

fn pid_of(child: &Child) -> Pid {
    // PIDs fit both types.
    Pid::from_raw(i32::try_from(child.id()).unwrap_or(i32::MAX))
}
