//! What is left of the work that an audit may be.

use std::cell::Cell;
use std::sync::atomic::Ordering;

use super::{Allowance, Limits};

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
    Exceeded(String),
}

/// What something comes to, unless the audit stops there.
pub(super) type Run<T> = Result<T, Stop>;

/// Counts down.
#[derive(Debug)]
pub(super) struct Budget {
    steps: Cell<u64>,
    bytes: Cell<usize>,
    levels: Cell<usize>,
    limits: Limits,
    /// What of these the audits before have left, where that is less, with what all of them may.
    of_run: (bool, bool, Limits),
}

/// How many bytes one step looks at.
const BYTES_OF_A_STEP: usize = 256;

impl Budget {
    /// A budget within these limits, and within what is left of those of the run.
    pub(super) fn new(limits: &Limits, allowance: &Allowance) -> Self {
        let steps = limits.steps.min(allowance.steps.load(Ordering::Relaxed));
        let output = limits.output.min(allowance.output.load(Ordering::Relaxed));
        let of_run = (steps < limits.steps, output < limits.output, allowance.limits);
        let limits = Limits { steps, output, depth: limits.depth };
        Self { steps: Cell::new(steps), bytes: Cell::new(output), levels: Cell::new(limits.depth), limits, of_run }
    }

    /// Takes what was used from what the run may.
    pub(super) fn settle(&self, allowance: &Allowance) {
        let steps = self.limits.steps - self.steps.get();
        let less = |left: u64| Some(left.saturating_sub(steps));
        let _ = allowance.steps.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        let bytes = self.limits.output - self.bytes.get();
        let less = |left: usize| Some(left.saturating_sub(bytes));
        let _ = allowance.output.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    fn too_many_steps(&self) -> Stop {
        let (is_of_run, _, limits) = self.of_run;
        Stop::Exceeded(if is_of_run {
            format!("takes more steps than all audits of a run may take ({} in all)", limits.steps)
        } else {
            format!("takes more steps than an audit may take ({})", self.limits.steps)
        })
    }

    fn too_many_bytes(&self) -> Stop {
        let (_, is_of_run, limits) = self.of_run;
        Stop::Exceeded(if is_of_run {
            format!("prints more than all audits of a run may print ({} bytes in all)", limits.output)
        } else {
            format!("prints more than an audit may print ({} bytes)", self.limits.output)
        })
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
            None => {
                // Nothing is left to the audits behind it.
                self.steps.set(0);
                Err(self.too_many_steps())
            }
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
            None => {
                self.bytes.set(0);
                Err(self.too_many_bytes())
            }
        }
    }

    /// Does something one level deeper.
    pub(super) fn deeper<T>(&self, run: impl FnOnce() -> Run<T>) -> Run<T> {
        let Some(left) = self.levels.get().checked_sub(1) else {
            let reason = format!("is nested deeper than an audit may be ({} levels)", self.limits.depth);
            return Err(Stop::Exceeded(reason));
        };
        self.levels.set(left);
        let done = run();
        self.levels.set(left + 1);
        done
    }
}
