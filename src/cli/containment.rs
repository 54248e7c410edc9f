//! Drops the rights that the program no longer needs, and reports which restrictions are in force.
//!
//! System calls are restricted before any untrusted input is read and before any thread starts; file access and
//! capabilities once everything that needs them is open. If a restriction is not available, the run continues without
//! it and reports that.

use std::borrow::Cow;
use std::fs::OpenOptions;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use model::Sandbox;
use nix::fcntl::OFlag;

use crate::sandbox::{Calls, Need, keep_capabilities, refuse_calls, seal};

use super::arguments::Command;
#[cfg(feature = "cluster")]
use super::kube_bench;
use super::notice;
use super::options::{ExecOptions, NodeOptions, Verbosity};
use super::output_file::directory_of;
use super::run::RunOptions;
use super::target_node::Place;

/// The restrictions in force; none until it is known whether any are wanted. They apply to the whole process and are
/// never lifted.
static IN_FORCE: Mutex<Option<Sandbox>> = Mutex::new(None);

/// The mount through which the program reopens its own descriptors and looks up what they refer to.
const OWN_PROC: &str = "/proc";

/// The access that a run still needs.
pub(super) struct Scope<'n> {
    /// The node: every file examined is below its directories.
    pub(super) place: &'n Place,
    /// The user's directories and files that are still read.
    pub(super) read: Vec<PathBuf>,
    /// The files to write.
    pub(super) written: Vec<PathBuf>,
    /// Whether programs may be run.
    pub(super) may_execute: bool,
}

/// Returns the system calls a subcommand needs; none if nothing is to be restricted.
#[cfg(not(feature = "cluster"))]
pub(super) fn calls_of(command: &Command) -> Option<Calls> {
    match command {
        Command::Run(options) => calls_of_run(options),
        Command::Detect(options) => calls(&options.node, &options.exec),
        Command::Record(options) => calls(&options.node, &options.exec),
        _ => Some(Calls::Looking),
    }
}

/// Returns the system calls a run needs; none if nothing is to be restricted.
#[cfg(not(feature = "cluster"))]
pub(super) fn calls_of_run(options: &RunOptions) -> Option<Calls> {
    calls(&options.node, &options.exec)
}

/// Returns the system calls a subcommand needs; none if nothing is to be restricted.
#[cfg(feature = "cluster")]
pub(super) fn calls_of(command: &Command) -> Option<Calls> {
    match command {
        Command::Run(options) => calls_of_run(options),
        Command::Detect(options) => beside_node(options.cluster.asks_api(), &options.node, &options.exec),
        Command::Record(options) => beside_node(options.cluster.asks_api(), &options.node, &options.exec),
        Command::Cluster(options) => Some(asking(options.asks_api(), &options.exec)),
        Command::WhoCan(options) => Some(asking(options.asks_api(), &options.exec)),
        Command::PodSecurity(options) => Some(asking(options.asks_api(), &options.exec)),
        _ => Some(Calls::Looking),
    }
}

/// Returns the system calls a run needs; none if nothing is to be restricted. Rule files need the API server only to
/// choose the benchmark.
#[cfg(feature = "cluster")]
pub(super) fn calls_of_run(options: &RunOptions) -> Option<Calls> {
    let asks_api = if kube_bench::is_asked_for(options) {
        kube_bench::asks_api_server(options)
    } else {
        options.cluster.asks_api()
    };
    beside_node(asks_api, &options.node, &options.exec)
}

#[cfg(feature = "cluster")]
fn beside_node(asks_api: bool, node: &NodeOptions, exec: &ExecOptions) -> Option<Calls> {
    if asks_api { (!node.no_sandbox).then(|| asking(true, exec)) } else { calls(node, exec) }
}

#[cfg(feature = "cluster")]
const fn asking(asks_api: bool, exec: &ExecOptions) -> Calls {
    match (asks_api, exec.allow_exec) {
        (false, _) => Calls::Looking,
        (true, false) => Calls::Asking,
        // A kubeconfig may name a credential plugin, which is a program.
        (true, true) => Calls::Starting,
    }
}

/// Returns the system calls needed to examine a node; none if nothing is to be restricted.
pub(super) fn calls(node: &NodeOptions, exec: &ExecOptions) -> Option<Calls> {
    let starts_programs = exec.allow_exec && node.node.is_none();
    (!node.no_sandbox).then_some(if starts_programs { Calls::Starting } else { Calls::Looking })
}

/// Refuses all other system calls from now on. Must be called before untrusted input is read and before any thread
/// starts. If the restriction is not available, the run continues without it.
pub(super) fn enter(allowed: Option<Calls>) {
    let Some(allowed) = allowed else { return };
    let mut sandbox = Sandbox::default();
    match refuse_calls(allowed) {
        Ok(()) => {
            sandbox.seccomp = Some(Cow::Borrowed(match allowed {
                Calls::Looking => "looking",
                #[cfg(feature = "cluster")]
                Calls::Asking => "asking an API server",
                Calls::Starting | Calls::Programs | Calls::OneGroup => "programs",
            }));
        }
        Err(why) => sandbox.lacking.push(format!("seccomp: {why}")),
    }
    *state() = Some(sandbox);
}

/// Drops every right the run no longer needs, for this thread and the threads it starts from now on.
pub(super) fn begin(scope: &Scope<'_>) {
    let mut state = state();
    let Some(sandbox) = &mut *state else { return };
    if scope.may_execute && !matches!(scope.place, Place::Recording) {
        // The programs that it starts would inherit the restrictions.
        sandbox.lacking.push("landlock, capabilities: programs may be run (--allow-exec)".to_owned());
        return;
    }
    match seal_to(scope) {
        Ok(version) => sandbox.landlock = Some(version),
        Err(why) => sandbox.lacking.push(format!("landlock: {why}")),
    }
    match keep_capabilities(if scope.written.is_empty() { Need::Reading } else { Need::Writing }) {
        Ok(kept) => sandbox.capabilities = Some(kept),
        Err(why) => sandbox.lacking.push(format!("capabilities: {why}")),
    }
}

/// Restricts file access to the files of this scope.
fn seal_to(scope: &Scope<'_>) -> Result<u8, String> {
    let mut read = scope.place.directories().map_err(|error| error.to_string())?;
    // Files that do not exist are not read either.
    read.extend(scope.read.iter().map(PathBuf::as_path).chain([Path::new(OWN_PROC)]).filter_map(opened));
    let write: Vec<OwnedFd> = scope.written.iter().filter_map(|file| directory_of(file)).collect();
    seal(&lent(&read), &lent(&write))
}

fn opened(path: &Path) -> Option<OwnedFd> {
    let flags = OFlag::O_PATH | OFlag::O_CLOEXEC;
    OpenOptions::new().read(true).custom_flags(flags.bits()).open(path).ok().map(OwnedFd::from)
}

fn lent(places: &[OwnedFd]) -> Vec<BorrowedFd<'_>> {
    places.iter().map(AsFd::as_fd).collect()
}

fn state() -> std::sync::MutexGuard<'static, Option<Sandbox>> {
    IN_FORCE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the restrictions in force, for the report.
pub(super) fn in_force() -> Sandbox {
    state().clone().unwrap_or_default()
}

/// With `-v`, prints which restrictions are in force and which are not.
pub(super) fn tell(verbosity: &Verbosity, sandbox: &Sandbox) {
    if verbosity.is_verbose() {
        notice::beside_output(verbosity, &in_words(sandbox));
        for what in &sandbox.lacking {
            notice::beside_output(verbosity, &format!("sandbox: not in force: {what}"));
        }
    }
}

fn in_words(sandbox: &Sandbox) -> String {
    let seccomp = sandbox.seccomp.as_ref().map(|calls| format!("system calls for {calls}"));
    let landlock = sandbox.landlock.map(|version| format!("Landlock {version}"));
    let capabilities = sandbox.capabilities.as_ref().map(|kept| {
        let kept = if kept.is_empty() { "none".to_owned() } else { kept.join(", ") };
        format!("capabilities {kept}")
    });
    let parts: Vec<String> = [seccomp, landlock, capabilities].into_iter().flatten().collect();
    format!("sandbox: {}", if parts.is_empty() { "none".to_owned() } else { parts.join("; ") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_force_is_said_in_one_line() {
        let table = [
            (Sandbox::default(), "sandbox: none"),
            (
                Sandbox {
                    seccomp: Some("looking".into()),
                    landlock: Some(7),
                    capabilities: Some(vec!["DAC_READ_SEARCH".to_owned()]),
                    lacking: Vec::new(),
                },
                "sandbox: system calls for looking; Landlock 7; capabilities DAC_READ_SEARCH",
            ),
            (
                Sandbox {
                    seccomp: None,
                    landlock: None,
                    capabilities: Some(Vec::new()),
                    lacking: vec!["landlock: not enabled in this kernel".to_owned()],
                },
                "sandbox: capabilities none",
            ),
        ];
        for (sandbox, expected) in table {
            assert_eq!(in_words(&sandbox), expected);
        }
    }
}
