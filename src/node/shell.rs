//! Runs `/bin/sh`, if the user allows it, for audits that need a program.
//!
//! The shell gets only the necessary part of this program's environment, no terminal, and a time limit after which it
//! is killed together with everything it started. The [launcher](super::launcher) sets the other limits.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, PipeReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::prctl::set_child_subreaper;
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::sysinfo::sysinfo;
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use super::launcher::{Bounds, Launcher, SHELL, What};

/// The search path for programs if `PATH` is not set.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// The polling interval.
const ROUND: Duration = Duration::from_millis(10);
/// The maximum number of rounds that kill processes which left the group: between two rounds they may start more.
const SWEEPS: usize = 100;

/// The limits of a shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShellLimits {
    /// Its wall-clock time, which is also the CPU time of each of its processes.
    pub time: Duration,
    /// The maximum bytes of its output, and of each file it writes.
    pub bytes: u64,
    /// The maximum increase in the number of processes on the machine while it runs.
    pub processes: u16,
}

impl Default for ShellLimits {
    /// Returns limits of one minute, 8 MiB and 1,000 processes.
    fn default() -> Self {
        Self { time: Duration::from_mins(1), bytes: 8 << 20, processes: 1000 }
    }
}

/// The result of a shell run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellRun {
    /// Its standard output and standard error, interleaved; invalid UTF-8 is replaced.
    pub output: String,
    /// Its exit status, or 128 plus the signal number if a signal killed it.
    pub status: i32,
}

/// Runs `script` as the input of `/bin/sh`.
///
/// Its environment consists of `PATH`, `HOME` (where `kubectl` looks for its configuration), `KUBECONFIG`, and
/// variables that begin with `KUBERNETES_`.
///
/// # Errors
///
/// If it cannot be started within its limits, or exceeded one and was killed; the error is the reason as text.
pub fn run_shell(launcher: &Launcher, script: &str, limits: &ShellLimits) -> Result<ShellRun, String> {
    let cannot = |error: &dyn std::fmt::Display| format!("{SHELL}: cannot be run: {error}");
    let (output, to_output) = io::pipe().map_err(|error| cannot(&error))?;
    let (input, mut to_input) = io::pipe().map_err(|error| cannot(&error))?;
    // Processes that leave its group become children of this program, which can then kill them. If this fails, the
    // group is still killed.
    let _ = set_child_subreaper(true);
    let bounds = Bounds { time: limits.time, bytes: limits.bytes };
    let (mut command, refusal) = launcher.command(&What::Shell, bounds).map_err(|error| cannot(&error))?;
    command.envs(environment()).stdin(input).stdout(to_output);
    let before = processes();
    let mut child = command.spawn().map_err(|error| cannot(&error))?;
    // The command keeps the shell's ends of the pipes open.
    drop(command);
    let text = script.as_bytes().to_vec();
    // A shell that stops reading closes the pipe, which is no error here.
    thread::spawn(move || to_input.write_all(&text));
    let read = reader(output, limits.bytes);
    let ended = wait(&mut child, limits, before);
    // Remaining processes keep the pipe open and must not continue.
    end(&mut child);
    let status = ended?;
    if let Some(refused) = refusal.reason() {
        return Err(format!("{SHELL}: {}", refused.why));
    }
    match read.recv_timeout(limits.time) {
        Ok(Some(bytes)) => Ok(ShellRun {
            output: String::from_utf8_lossy(&bytes).into_owned(),
            status: status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default()),
        }),
        Ok(None) => Err(format!("{SHELL}: printed more than {} bytes, and was killed", limits.bytes)),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            Err(format!("{SHELL}: what it printed cannot be read"))
        }
    }
}

/// Returns the part of this program's environment that a shell gets.
fn environment() -> Vec<(OsString, OsString)> {
    let mut kept: Vec<(OsString, OsString)> = env::vars_os()
        .filter(|(name, _)| {
            let name = name.as_encoded_bytes();
            name == b"HOME" || name == b"KUBECONFIG" || name.starts_with(b"KUBERNETES_")
        })
        .collect();
    kept.push(("PATH".into(), search_path()));
    kept
}

/// Returns the search path for programs.
pub(super) fn search_path() -> OsString {
    env::var_os("PATH").unwrap_or_else(|| DEFAULT_PATH.into())
}

/// Returns the number of processes on the machine; `None` if it is unavailable.
fn processes() -> Option<u16> {
    sysinfo().ok().map(|info| info.process_count())
}

/// Reads the output on a thread: all of it, or nothing if it exceeds `most`, in which case reading stops.
fn reader(output: PipeReader, most: u64) -> Receiver<Option<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = output.take(most + 1).read_to_end(&mut bytes);
        let all = read.is_ok_and(|count| u64::try_from(count).is_ok_and(|count| count <= most));
        // The receiver is gone if the shell was killed.
        let _ = sender.send(all.then_some(bytes));
    });
    receiver
}

/// Waits until the shell ends or exceeds a limit.
fn wait(child: &mut Child, limits: &ShellLimits, before: Option<u16>) -> Result<ExitStatus, String> {
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) => {}
            Err(error) => return Err(format!("{SHELL}: cannot be waited for: {error}")),
        }
        if started.elapsed() >= limits.time {
            return Err(format!("{SHELL}: did not end within {} seconds, and was killed", limits.time.as_secs()));
        }
        if let (Some(before), Some(now)) = (before, processes())
            && now.saturating_sub(before) > limits.processes
        {
            return Err(format!("{SHELL}: started more than {} processes, and was killed", limits.processes));
        }
        // Most audits end quickly: poll often at first, then less often.
        thread::sleep(ROUND.min(started.elapsed() / 4 + Duration::from_micros(200)));
    }
}

/// Kills the launcher's group, which is the shell's if it has no PID namespace of its own, and otherwise contains PID 1
/// of that namespace, with which all other processes end.
fn end(child: &mut Child) {
    let Ok(group) = i32::try_from(child.id()) else { return };
    // Usually no process is left to kill.
    let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    // It may not have created its group yet.
    let _ = child.kill();
    let _ = child.wait();
    for _ in 0..SWEEPS {
        let orphans = children();
        if orphans.is_empty() {
            return;
        }
        for orphan in orphans {
            let _ = killpg(orphan, Signal::SIGKILL);
            let _ = kill(orphan, Signal::SIGKILL);
            while waitpid(orphan, None) == Err(Errno::EINTR) {}
        }
    }
}

/// Returns the children of this program. All of them are left over from the shell, since it has no others meanwhile.
fn children() -> Vec<Pid> {
    let Ok(threads) = fs::read_dir("/proc/self/task") else { return Vec::new() };
    let lists = threads.flatten().filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<i32>>())
        .map(Pid::from_raw)
        .collect()
}
