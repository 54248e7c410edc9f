//! The launcher itself.
//!
//! Where it may, it makes process numbers of their own for what it starts: then nothing there can name another process of
//! the machine, to signal or change it, and everything ends with the first process there, whatever group or session it
//! went to. Elsewhere a filter of system calls refuses all signals, and keeps everything in the one group that is killed.
//! Where neither can be had, nothing is started.
//!
//! Either way there are hard limits, no capabilities but the one that lets read, files that are not written but below
//! `/tmp`, no privileges by other programs, and the first place in the queue where memory runs out.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitCode, Stdio};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::Signal;
use nix::unistd::{getppid, setsid};

use crate::sandbox::{Calls, Need, keep_capabilities, refuse_calls, seal_programs};

use super::{NAME, Refused, SHELL, Stage, Task, What};

/// How large a process may grow: what it may write to, and all that it may reserve, of which programs written in Go take
/// a lot.
const DATA: u64 = 1 << 30;
const ADDRESSES: u64 = 4 << 30;

/// How many files a process may have open.
const FILES: u64 = 1024;

/// How long a process may compute beyond the time after which all of them are killed.
const GRACE: u64 = 1;

/// Where programs may write files, and devices that take whatever is written.
const WRITABLE: [&str; 3] = ["/tmp", "/var/tmp", "/dev/shm"];
const DEVICES: [&str; 4] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/tty"];

/// Exit codes as shells have them: what cannot be started, and what a signal ended.
const NOT_STARTED: u8 = 126;
const BY_SIGNAL: i32 = 128;

/// Works as the launcher, where these words, the program's name first, call it; none where they do not.
pub fn launch(words: &[OsString]) -> Option<ExitCode> {
    let (name, words) = words.split_first()?;
    if name != NAME {
        return None;
    }
    let code = match Task::read(words) {
        Some((Stage::Outer, task)) => outer(&task),
        Some((Stage::Inner, task)) => inner(&task),
        None => Err(Refused::because("the launcher", "is only called by kube-assay")),
    };
    Some(ExitCode::from(code.unwrap_or_else(|refused| {
        eprintln!("{refused}");
        NOT_STARTED
    })))
}

/// Makes process numbers and starts the inner launcher with them, or goes on without.
fn outer(task: &Task) -> Result<u8, Refused> {
    end_with_parent(Some(task.parent))?;
    if unshare(CloneFlags::CLONE_NEWPID).is_err() {
        return alone(task);
    }
    let mut inner = Command::new("/proc/self/exe");
    inner.arg0(NAME).args(task.words(Stage::Inner));
    wait(inner.spawn().map_err(|error| Refused::by(&error))?)
}

/// Starts the program among process numbers of its own, which end with this process.
fn inner(task: &Task) -> Result<u8, Refused> {
    end_with_parent(None)?;
    let input = bound(task)?;
    // The numbers are the bound; a kernel without a filter of system calls has them too.
    let _ = refuse_calls(Calls::Programs);
    wait(program(task, input)?.spawn().map_err(|error| Refused::by(&error))?)
}

/// Becomes the program, in the one group that it cannot leave.
fn alone(task: &Task) -> Result<u8, Refused> {
    let input = bound(task)?;
    refuse_calls(Calls::OneGroup).map_err(|why| Refused {
        error: 0,
        why: format!(
            "not run, since it could signal kube-assay: a PID namespace needs CAP_SYS_ADMIN, and a filter of \
             system calls is {why} (run kube-assay as root on the node)"
        ),
    })?;
    let mut program = program(task, input)?;
    // What it becomes has another error output.
    let reasons = io::stderr().as_fd().try_clone_to_owned().map_err(|error| Refused::by(&error))?;
    let refused = Refused::by(&program.exec());
    let _ = write!(File::from(reasons), "{refused}");
    Ok(NOT_STARTED)
}

/// Is killed when the process that waits for it ends, and leaves its terminal.
fn end_with_parent(parent: Option<u32>) -> Result<(), Refused> {
    let failed = |error: Errno| Refused::because("its end", error.desc());
    set_pdeathsig(Signal::SIGKILL).map_err(failed)?;
    // It may have ended already. Of another namespace's process there is no number.
    if parent.is_some_and(|parent| getppid().as_raw().cast_unsigned() != parent) {
        return Err(Refused::because("its end", "kube-assay has ended"));
    }
    setsid().map(|_| ()).map_err(failed)
}

/// Sets all bounds but that of system calls, and opens what is to be run.
fn bound(task: &Task) -> Result<Option<OwnedFd>, Refused> {
    // The program that is the input, before its place is taken.
    let input = match task.what {
        What::Shell => None,
        What::Version(_) => Some(io::stdin().as_fd().try_clone_to_owned().map_err(|error| Refused::by(&error))?),
    };
    // Only a wish: a system without this file has no queue.
    let _ = fs::write("/proc/self/oom_score_adj", "1000");
    let seconds = task.bounds.time.as_secs().saturating_add(GRACE);
    for (resource, most) in [
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_FSIZE, task.bounds.bytes),
        (Resource::RLIMIT_CPU, seconds),
        (Resource::RLIMIT_NOFILE, FILES),
        (Resource::RLIMIT_DATA, DATA),
        (Resource::RLIMIT_AS, ADDRESSES),
    ] {
        let limited = getrlimit(resource).and_then(|(_, hard)| setrlimit(resource, most.min(hard), most.min(hard)));
        limited.map_err(|error| Refused::because("its limits", error.desc()))?;
    }
    let need = match task.what {
        What::Shell => Need::Reading,
        What::Version(_) => Need::Nothing,
    };
    let opened = |places: &[&str]| -> Vec<OwnedFd> { places.iter().filter_map(|place| place_at(place)).collect() };
    let (root, directories, devices) = (opened(&["/"]), opened(&WRITABLE), opened(&DEVICES));
    // As far as the kernel has it.
    let _ = seal_programs(&lent(&root), &lent(&directories), &lent(&devices));
    keep_capabilities(need).map_err(|why| Refused::because("its capabilities", &why))?;
    Ok(input)
}

/// What is run.
fn program(task: &Task, input: Option<OwnedFd>) -> Result<Command, Refused> {
    match (&task.what, input) {
        (What::Version(called), Some(program)) => {
            let mut command = Command::new(format!("/proc/self/fd/{}", program.as_raw_fd()));
            // It is open until the program has begun.
            std::mem::forget(program);
            command.arg0(called).arg("--version").current_dir("/").stdin(Stdio::null()).stderr(Stdio::null());
            Ok(command)
        }
        (What::Version(_), None) => Err(Refused::because("the program", "not given")),
        (What::Shell, _) => {
            let mut command = Command::new(SHELL);
            command.stderr(io::stdout());
            Ok(command)
        }
    }
}

/// Waits for a process, and answers as a shell does.
fn wait(mut child: Child) -> Result<u8, Refused> {
    let status = child.wait().map_err(|error| Refused::by(&error))?;
    let code = status.code().unwrap_or_else(|| BY_SIGNAL + status.signal().unwrap_or_default());
    Ok(u8::try_from(code).unwrap_or(u8::MAX))
}

fn place_at(path: &str) -> Option<OwnedFd> {
    let flags = OFlag::O_PATH | OFlag::O_CLOEXEC;
    OpenOptions::new().read(true).custom_flags(flags.bits()).open(path).ok().map(OwnedFd::from)
}

fn lent(places: &[OwnedFd]) -> Vec<std::os::fd::BorrowedFd<'_>> {
    places.iter().map(AsFd::as_fd).collect()
}
