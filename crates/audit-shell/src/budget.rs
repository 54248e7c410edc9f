//! What is left of the work that an audit may be.

use std::cell::Cell;

use super::Limits;

/// Why an audit does not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// The shell, or the part of it that runs on its own, ends with this status.
    Exit(i32),
    /// So many loops end.
    Break(usize),
    /// So many loops go on with their next round.
    Continue(usize),
    /// A program is needed.
    NeedsProcess(String),
    /// The audit is not run.
    Refused(String),
    /// The audit is more work than it may be.
    Exceeded(&'static str),
}

/// What something comes to, unless the audit stops there.
pub(super) type Run<T> = Result<T, Stop>;

/// Counts down.
#[derive(Debug)]
pub(super) struct Budget {
    steps: Cell<u64>,
    bytes: Cell<usize>,
    levels: Cell<usize>,
}

/// How many bytes one step looks at.
const BYTES_OF_A_STEP: usize = 256;

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { steps: Cell::new(limits.steps), bytes: Cell::new(limits.output), levels: Cell::new(limits.depth) }
    }

    /// Takes one step.
    pub(super) fn step(&self) -> Run<()> {
        self.steps(1)
    }

    /// Takes as many steps as looking at so many bytes is.
    pub(super) fn look(&self, bytes: usize) -> Run<()> {
        self.steps(1 + u64::try_from(bytes / BYTES_OF_A_STEP).unwrap_or(u64::MAX))
    }

    /// Takes so many steps.
    pub(super) fn steps(&self, steps: u64) -> Run<()> {
        match self.steps.get().checked_sub(steps) {
            Some(left) => {
                self.steps.set(left);
                Ok(())
            }
            None => Err(Stop::Exceeded("takes more steps than an audit may")),
        }
    }

    /// Parses a text of so many bytes, of which a tree comes that takes many times as much.
    pub(super) fn parse(&self, bytes: usize) -> Run<()> {
        self.look(bytes.saturating_mul(16))?;
        self.bytes(bytes.saturating_mul(16))
    }

    /// Prints or keeps so many bytes.
    pub(super) fn bytes(&self, bytes: usize) -> Run<()> {
        match self.bytes.get().checked_sub(bytes) {
            Some(left) => {
                self.bytes.set(left);
                Ok(())
            }
            None => Err(Stop::Exceeded("prints more than an audit may")),
        }
    }

    /// Does something one level deeper.
    pub(super) fn deeper<T>(&self, run: impl FnOnce() -> Run<T>) -> Run<T> {
        let Some(left) = self.levels.get().checked_sub(1) else {
            return Err(Stop::Exceeded("is nested deeper than an audit may"));
        };
        self.levels.set(left);
        let done = run();
        self.levels.set(left + 1);
        done
    }
}
