//! The audit language: the shell lines of kube-bench's rule files, interpreted against a [`Node`].
//!
//! A line is parsed into a tree (`parse`), words are expanded as `dash` does, and the programs that audits
//! use (`ps`, `grep`, `stat`, `find` and their like) are answered by questions to the node. Nothing is started, nothing
//! is written, and all work is bounded by [`Limits`]. Messages and statuses are those of Debian's programs, since verdicts
//! can depend on them.
//!
//! Deliberate differences from a shell: the programs of a pipeline run one after the other, each on the whole output of the
//! one before; nothing runs in the background; functions, arithmetic and here-documents are refused.

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

/// How much work one audit may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Commands, lines, directory entries and the like, each of which is one step.
    pub steps: u64,
    /// Bytes that are printed or kept: all intermediate outputs, values and copies together.
    pub output: usize,
    /// How deep substitutions and nested shells may lie in each other.
    pub depth: usize,
}

impl Default for Limits {
    /// Two million steps, 16 MiB and 48 levels: audits need a thousandth of it.
    fn default() -> Self {
        Self { steps: 2_000_000, output: 16 << 20, depth: 48 }
    }
}

/// What is left of the work that all audits of a run may be together.
#[derive(Debug)]
pub struct Allowance {
    limits: Limits,
    steps: AtomicU64,
    output: AtomicUsize,
}

impl Allowance {
    /// As much work as these limits say; how deep an audit is nested has nothing to do with the others.
    pub fn new(limits: Limits) -> Self {
        Self { steps: AtomicU64::new(limits.steps), output: AtomicUsize::new(limits.output), limits }
    }
}

impl Default for Allowance {
    /// Ten million steps and 256 MiB: all audits of a benchmark need a twentieth of it.
    fn default() -> Self {
        Self::new(Limits { steps: 10_000_000, output: 256 << 20, depth: Limits::default().depth })
    }
}

/// What came of an audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditOutcome {
    /// It ran to its end.
    Done {
        /// What it printed to its output and its error output, in the order of printing; bytes that are not UTF-8 are
        /// replaced.
        stdout: String,
        /// Its exit status.
        status: i32,
    },
    /// It came to a program that is not interpreted, and was left there.
    NeedsProcess {
        /// The program's name, as the audit writes it.
        command: String,
    },
    /// It is not run: it is no shell, uses a form that is not interpreted, or the node cannot say what it asks for.
    Refused {
        /// Why, and where in the audit if that is known.
        reason: String,
    },
    /// It is more work than [`Limits`] allow, and was left there: a shell would have no less of it.
    Exceeded {
        /// Which work.
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

/// Interprets an audit as `/bin/sh` would run it with its text as input, without starting a process.
pub fn interpret(script: &str, node: &dyn Node, limits: &Limits) -> AuditOutcome {
    interpret_within(script, node, limits, &Allowance::new(*limits))
}

/// Interprets one of the audits of a run, which may be no more work than its limits say, and than the audits before it
/// have left.
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

/// The names of all commands that an audit could come to, those in substitutions and nested shells among them.
///
/// A name that is only known when the audit runs (`$command`) is left out.
///
/// # Errors
///
/// Where the audit is no shell, or uses a form that the parser does not know.
pub fn commands(script: &str) -> Result<BTreeSet<String>, AuditError> {
    names::commands(script)
}

/// Whether a command of this name is interpreted, so that no process is needed for it.
pub fn is_interpreted(command: &str) -> bool {
    let name = command.as_bytes();
    let is_shell = matches!(tools::base(name), b"sh" | b"dash");
    tools::find(name).is_some() || is_shell || shell::is_builtin(name) || shell::is_no_program(name)
}

/// Whether a command is bash's `[[ … ]]`, which is not in POSIX: dash says `[[: not found`.
pub fn is_of_bash(command: &str) -> bool {
    command == "[["
}
