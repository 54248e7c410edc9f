//! An interpreter for audits, the shell lines of kube-bench's rule files, that runs them against a [`Node`].
//!
//! A line is parsed into a tree (`parse`), its words are expanded as in `dash`, and the programs that audits use (`ps`,
//! `grep`, `stat`, `find` and similar) are implemented with questions to the node. No process is started, nothing is
//! written, and all work is bounded by [`Limits`]. Messages and exit statuses match Debian's programs, since verdicts
//! can depend on them.
//!
//! Deliberate differences from a shell: the commands of a pipeline run one after the other, each on the complete output
//! of the previous one; nothing runs in the background; functions, arithmetic and here-documents are refused.

mod budget;
mod expand;
mod names;
mod parse;
mod pattern;
mod regex;
mod shell;
mod state;
mod streams;
mod tools;
mod tree;
mod view;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use probe::Node;

/// The work limits of one audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The maximum number of steps: commands, lines, directory entries and the like.
    pub steps: u64,
    /// The maximum number of bytes printed or kept, including all intermediate outputs, values and copies.
    pub output: usize,
    /// The maximum depth of nested substitutions and shells.
    pub depth: usize,
}

impl Default for Limits {
    /// Two million steps, 16 MiB and 48 levels; audits need a thousandth of that.
    fn default() -> Self {
        Self { steps: 2_000_000, output: 16 << 20, depth: 48 }
    }
}

/// The remaining work limits of all audits of a run together.
#[derive(Debug)]
pub struct Allowance {
    limits: Limits,
    steps: AtomicU64,
    output: AtomicUsize,
}

impl Allowance {
    /// Creates an allowance with these limits. The depth limit does not apply: it is per audit.
    pub fn new(limits: Limits) -> Self {
        Self { steps: AtomicU64::new(limits.steps), output: AtomicUsize::new(limits.output), limits }
    }
}

impl Default for Allowance {
    /// Ten million steps and 256 MiB; all audits of a benchmark need a twentieth of that.
    fn default() -> Self {
        Self::new(Limits { steps: 10_000_000, output: 256 << 20, depth: Limits::default().depth })
    }
}

/// The result of an audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditOutcome {
    /// It ran to completion.
    Done {
        /// Its output and error output, interleaved; bytes that are not UTF-8 are replaced.
        stdout: String,
        /// Its exit status.
        status: i32,
    },
    /// It reached a program that is not implemented, and was stopped.
    NeedsProcess {
        /// The program's name, as written in the audit.
        command: String,
    },
    /// It was refused: it is not valid shell, uses unsupported syntax, or needs facts that the node does not know.
    Refused {
        /// Why, with the location in the audit if known.
        reason: String,
    },
    /// It exceeded [`Limits`] and was stopped.
    Exceeded {
        /// Which limit.
        reason: String,
    },
}

/// Why the commands of an audit cannot be listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {detail}")]
pub struct AuditError {
    /// The line in the audit, from 1.
    pub line: usize,
    /// What is wrong.
    pub detail: String,
}

/// Interprets an audit as `/bin/sh` would run it as standard input, without starting a process.
pub fn interpret(script: &str, node: &dyn Node, limits: &Limits) -> AuditOutcome {
    interpret_within(script, node, limits, &Allowance::new(*limits))
}

/// Interprets one audit of a run, within its own limits and the allowance left by earlier audits.
pub fn interpret_within(script: &str, node: &dyn Node, limits: &Limits, allowance: &Allowance) -> AuditOutcome {
    let Limits { steps, output, .. } = allowance.limits;
    let taken = if allowance.steps.load(Ordering::Relaxed) == 0 {
        format!("steps that a run may ({steps})")
    } else if allowance.output.load(Ordering::Relaxed) == 0 {
        format!("output that a run may ({output} bytes)")
    } else {
        return shell::run(script, node, limits, allowance);
    };
    AuditOutcome::Exceeded { reason: format!("not run: the audits before it took all the {taken}") }
}

/// Returns the names of all commands that an audit might run, including those in substitutions and nested shells.
///
/// Names that are only known at run time (`$command`) are omitted.
///
/// # Errors
///
/// Returns an error if the audit is not valid shell, or uses unsupported syntax.
pub fn commands(script: &str) -> Result<BTreeSet<String>, AuditError> {
    names::commands(script)
}

/// Whether a command of this name is interpreted, so that it needs no process.
pub fn is_interpreted(command: &str) -> bool {
    let name = command.as_bytes();
    let is_shell = matches!(tools::base(name), b"sh" | b"dash");
    tools::find(name).is_some() || is_shell || shell::is_builtin(name) || shell::is_no_program(name)
}

/// Whether a command is bash's `[[ … ]]`, which is not in POSIX: dash prints `[[: not found`.
pub fn is_of_bash(command: &str) -> bool {
    command == "[["
}
