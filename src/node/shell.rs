//! `/bin/sh`, where the user allows it: an audit that needs a program is run, within bounds.
//!
//! It gets nothing of this program's environment but what it needs, no terminal, and a time after which it is killed with
//! everything that it started. What bounds it otherwise the [launcher](super::launcher) sets.

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

/// Where programs are looked for if nothing says so.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// How often is looked at what it does.
const ROUND: Duration = Duration::from_millis(10);
/// How often what left the group is looked for: between two looks it may have started more.
const SWEEPS: usize = 100;

/// What a shell may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShellLimits {
    /// How long it may take, and each of its processes compute.
    pub time: Duration,
    /// How many bytes it may print, and how large a file it may write.
    pub bytes: u64,
    /// How many more processes there may be on the machine while it runs than before.
    pub processes: u16,
}

impl Default for ShellLimits {
    /// A minute, 8 MiB and 1,000 processes.
    fn default() -> Self {
        Self { time: Duration::from_mins(1), bytes: 8 << 20, processes: 1000 }
    }
}

/// What a shell did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellRun {
    /// What it printed to its output and its error output, as it came; bytes that are not UTF-8 are replaced.
    pub output: String,
    /// Its exit status; 128 and the signal's number where one ended it.
    pub status: i32,
}

/// Runs `script` as the input of `/bin/sh`.
///
/// Its environment is `PATH`, `HOME`, where `kubectl` looks for its configuration, `KUBECONFIG` and what begins with
/// `KUBERNETES_`.
///
/// # Errors
///
/// In words why nothing is known: it cannot be started within bounds, or went over a limit and was killed.
pub fn run_shell(launcher: &Launcher, script: &str, limits: &ShellLimits) -> Result<ShellRun, String> {
    let cannot = |error: &dyn std::fmt::Display| format!("{SHELL}: cannot be run: {error}");
    let (output, to_output) = io::pipe().map_err(|error| cannot(&error))?;
    let (input, mut to_input) = io::pipe().map_err(|error| cannot(&error))?;
    // What leaves its group becomes a child of this program, which can kill it then. Where that cannot be had, the group
    // is still killed.
    let _ = set_child_subreaper(true);
    let bounds = Bounds { time: limits.time, bytes: limits.bytes };
    let (mut command, refusal) = launcher.command(&What::Shell, bounds).map_err(|error| cannot(&error))?;
    command.envs(environment()).stdin(input).stdout(to_output);
    let before = processes();
    let mut child = command.spawn().map_err(|error| cannot(&error))?;
    // It keeps the ends of the pipes that the shell has.
    drop(command);
    let text = script.as_bytes().to_vec();
    // A shell that reads no more closes the pipe: that is not this program's trouble.
    thread::spawn(move || to_input.write_all(&text));
    let read = reader(output, limits.bytes);
    let ended = wait(&mut child, limits, before);
    // Whatever it left behind keeps the pipe open, and must not go on.
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

/// What of this program's environment a shell gets.
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

/// Where programs are looked for.
pub(super) fn search_path() -> OsString {
    env::var_os("PATH").unwrap_or_else(|| DEFAULT_PATH.into())
}

/// How many processes there are on the machine; none where it does not say.
fn processes() -> Option<u16> {
    sysinfo().ok().map(|info| info.process_count())
}

/// Reads what is printed: all of it, or nothing where it is too much, of which no more is read.
fn reader(output: PipeReader, most: u64) -> Receiver<Option<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = output.take(most + 1).read_to_end(&mut bytes);
        let all = read.is_ok_and(|count| u64::try_from(count).is_ok_and(|count| count <= most));
        // The receiver is gone where the shell was killed.
        let _ = sender.send(all.then_some(bytes));
    });
    receiver
}

/// Waits until the shell ends, or goes over a limit.
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
        // Most audits end at once: looked for often at first, then seldom.
        thread::sleep(ROUND.min(started.elapsed() / 4 + Duration::from_micros(200)));
    }
}

/// Kills the launcher's group, which is the shell's where that has no process numbers of its own, and the first of those
/// numbers, with which all others end.
fn end(child: &mut Child) {
    let Ok(group) = i32::try_from(child.id()) else { return };
    // Usually no process is left to be killed.
    let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    // It may not have made its group yet.
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

/// The children of this program: what the shell left behind, since it has no others meanwhile.
fn children() -> Vec<Pid> {
    let Ok(threads) = fs::read_dir("/proc/self/task") else { return Vec::new() };
    let lists = threads.flatten().filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<i32>>())
        .map(Pid::from_raw)
        .collect()
}
