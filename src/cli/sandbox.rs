//! What this run gave up, and what the report says of it.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use model::Sandbox;

use crate::sandbox::{Calls, refuse_calls};

use super::arguments::Command;
use super::notice;
use super::options::{ExecOptions, NodeOptions, Verbosity};

/// What is in force. It holds for the process, and nothing of it is taken back.
static IN_FORCE: Mutex<Sandbox> =
    Mutex::new(Sandbox { seccomp: None, landlock: None, capabilities: None, lacking: Vec::new() });

/// Which system calls a subcommand needs; none where nothing is to be refused.
pub(super) fn calls_of(command: &Command) -> Option<Calls> {
    match command {
        Command::Run(options) => calls(&options.node, &options.exec),
        Command::Detect(options) => calls(&options.node, &options.exec),
        Command::Record(options) => calls(&options.node, &options.exec),
        _ => Some(Calls::Looking),
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
    let done = refuse_calls(allowed);
    change(|sandbox| match done {
        Ok(()) => {
            sandbox.seccomp = Some(Cow::Borrowed(if allowed == Calls::Looking { "looking" } else { "programs" }));
        }
        Err(why) => sandbox.lacking.push(format!("seccomp: {why}")),
    });
}

fn change(change: impl FnOnce(&mut Sandbox)) {
    change(&mut IN_FORCE.lock().unwrap_or_else(PoisonError::into_inner));
}

/// What is in force, for the report.
pub(super) fn in_force() -> Sandbox {
    IN_FORCE.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
                    lacking: vec!["landlock: not in this kernel".to_owned()],
                },
                "sandbox: capabilities none",
            ),
        ];
        for (sandbox, expected) in table {
            assert_eq!(in_words(&sandbox), expected);
        }
    }
}
