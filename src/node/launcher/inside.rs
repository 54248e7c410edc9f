//! The launcher's own process.
//!
//! If permitted, it creates a PID namespace for what it starts. Nothing in there can address other processes of the
//! machine to signal or change them, and everything ends with the namespace's first process, whatever group or session
//! it moved to. Otherwise a system call filter refuses all signals and keeps everything in the one process group that
//! is killed. If neither is possible, nothing is started.
//!
//! In either case there are hard resource limits, no capabilities except the one for reading, no writing except to
//! directories for temporary files, no privileges gained by executing programs, and first place in line for the
//! out-of-memory killer.

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

/// The maximum size of a process: its writable data, and its address space, of which Go programs reserve a lot.
const DATA: u64 = 1 << 30;
const ADDRESSES: u64 = 4 << 30;

/// The maximum number of open files of a process.
const FILES: u64 = 1024;

/// The seconds of CPU time allowed beyond the time after which all processes are killed.
const GRACE: u64 = 1;

/// Directories where programs may write files, and devices that accept any data.
const WRITABLE: [&str; 3] = ["/tmp", "/var/tmp", "/dev/shm"];
const DEVICES: [&str; 4] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/tty"];

/// Exit codes as used by shells: for a program that cannot be started, and for one that a signal killed.
const NOT_STARTED: u8 = 126;
const BY_SIGNAL: i32 = 128;

/// Runs as the launcher if these arguments, beginning with the program's name, request it; otherwise returns `None`.
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

/// Creates a PID namespace and starts the inner launcher in it, or continues without one.
fn outer(task: &Task) -> Result<u8, Refused> {
    end_with_parent(Some(task.parent))?;
    if unshare(CloneFlags::CLONE_NEWPID).is_err() {
        return alone(task);
    }
    let mut inner = Command::new("/proc/self/exe");
    inner.arg0(NAME).args(task.words(Stage::Inner));
    wait(inner.spawn().map_err(|error| Refused::by(&error))?)
}

/// Starts the program in the PID namespace, which ends with this process.
fn inner(task: &Task) -> Result<u8, Refused> {
    end_with_parent(None)?;
    let input = bound(task)?;
    // The namespace is the bound, so a kernel without system call filters is acceptable.
    let _ = refuse_calls(Calls::Programs);
    wait(program(task, input)?.spawn().map_err(|error| Refused::by(&error))?)
}

/// Executes the program in this process group, which it cannot leave.
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
    // The program gets a different standard error.
    let reasons = io::stderr().as_fd().try_clone_to_owned().map_err(|error| Refused::by(&error))?;
    let refused = Refused::by(&program.exec());
    let _ = write!(File::from(reasons), "{refused}");
    Ok(NOT_STARTED)
}

/// Ensures that this process is killed when its parent ends, and detaches it from its terminal.
fn end_with_parent(parent: Option<u32>) -> Result<(), Refused> {
    let failed = |error: Errno| Refused::because("its end", error.desc());
    set_pdeathsig(Signal::SIGKILL).map_err(failed)?;
    // The parent may have ended already. A parent in another PID namespace has no PID here.
    if parent.is_some_and(|parent| getppid().as_raw().cast_unsigned() != parent) {
        return Err(Refused::because("its end", "kube-assay has ended"));
    }
    setsid().map(|_| ()).map_err(failed)
}

/// Sets all limits except the system call filter. Returns the program to run, if it is the input.
fn bound(task: &Task) -> Result<Option<OwnedFd>, Refused> {
    // Duplicated before standard input is replaced.
    let input = match task.what {
        What::Shell => None,
        What::Version(_) => Some(io::stdin().as_fd().try_clone_to_owned().map_err(|error| Refused::by(&error))?),
    };
    // Best effort: a system without this file has no out-of-memory killer.
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
    // As far as the kernel supports it.
    let _ = seal_programs(&lent(&root), &lent(&directories), &lent(&devices));
    keep_capabilities(need).map_err(|why| Refused::because("its capabilities", &why))?;
    Ok(input)
}

/// Returns the command to run.
fn program(task: &Task, input: Option<OwnedFd>) -> Result<Command, Refused> {
    match (&task.what, input) {
        (What::Version(called), Some(program)) => {
            let mut command = Command::new(format!("/proc/self/fd/{}", program.as_raw_fd()));
            // It must stay open until the program has started.
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

/// Waits for a process and returns its exit code as a shell does.
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
