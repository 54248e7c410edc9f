//! Where this program gives up what it does not need any more, and what the report says of that.
//!
//! System calls are given up before anything is read that others wrote, and before any thread starts; files and
//! capabilities once everything is open that needs them. Where something cannot be had, the run goes on without, and says
//! so.

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

/// What is in force; none before it is known whether anything is to be. It holds for the process, and nothing of it is
/// taken back.
static IN_FORCE: Mutex<Option<Sandbox>> = Mutex::new(None);

/// This program's own descriptors are opened anew here, and what they are is looked up.
const OWN_PROC: &str = "/proc";

/// What a run still needs.
pub(super) struct Scope<'n> {
    /// The node: below its directories everything lies that is looked at.
    pub(super) place: &'n Place,
    /// Directories and files of the user's that are still read.
    pub(super) read: Vec<PathBuf>,
    /// Files that are written.
    pub(super) written: Vec<PathBuf>,
    /// Whether programs may be run.
    pub(super) may_execute: bool,
}

/// Which system calls a subcommand needs; none where nothing is to be refused.
#[cfg(not(feature = "cluster"))]
pub(super) fn calls_of(command: &Command) -> Option<Calls> {
    match command {
        Command::Run(options) => calls_of_run(options),
        Command::Detect(options) => calls(&options.node, &options.exec),
        Command::Record(options) => calls(&options.node, &options.exec),
        _ => Some(Calls::Looking),
    }
}

/// Which system calls a run needs; none where nothing is to be refused.
#[cfg(not(feature = "cluster"))]
pub(super) fn calls_of_run(options: &RunOptions) -> Option<Calls> {
    calls(&options.node, &options.exec)
}

/// Which system calls a subcommand needs; none where nothing is to be refused.
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

/// Which system calls a run needs; none where nothing is to be refused. Rule files need the API server only for the choice
/// of the benchmark.
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
        // A kubeconfig may name a program for its credentials.
        (true, true) => Calls::Starting,
    }
}

/// Which system calls are needed to look at a node.
pub(super) fn calls(node: &NodeOptions, exec: &ExecOptions) -> Option<Calls> {
    let starts_programs = exec.allow_exec && node.node.is_none();
    (!node.no_sandbox).then_some(if starts_programs { Calls::Starting } else { Calls::Looking })
}

/// Refuses this program all other system calls from now on: before anything is read that others wrote, and before any
/// thread starts. Where that cannot be had, the run goes on without.
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

/// Gives up everything but what a run still needs, for this thread and those that it starts from now on.
pub(super) fn begin(scope: &Scope<'_>) {
    let mut state = state();
    let Some(sandbox) = &mut *state else { return };
    if scope.may_execute && !matches!(scope.place, Place::Recording) {
        // What binds this program binds what it starts.
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

/// Leaves only these files within reach.
fn seal_to(scope: &Scope<'_>) -> Result<u8, String> {
    let mut read = scope.place.directories().map_err(|error| error.to_string())?;
    // What is not there is not read either.
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

/// What is in force, for the report.
pub(super) fn in_force() -> Sandbox {
    state().clone().unwrap_or_default()
}

/// Tells with `-v` what is in force, and what is not.
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
