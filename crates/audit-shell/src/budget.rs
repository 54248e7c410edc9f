//! The remaining work of an audit.

use std::cell::Cell;
use std::sync::atomic::Ordering;

use super::{Allowance, Limits};

/// Why an audit, or a part of it, stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// The shell or subshell exits with this status.
    Exit(i32),
    /// This many loops end.
    Break(usize),
    /// This many loops continue with their next iteration.
    Continue(usize),
    /// A program is needed that is not implemented.
    NeedsProcess(String),
    /// The audit is refused.
    Refused(String),
    /// The audit exceeds a limit.
    Exceeded(String),
}

/// A result, unless the audit stops.
pub(super) type Run<T> = Result<T, Stop>;

/// Counts down the limits.
#[derive(Debug)]
pub(super) struct Budget {
    steps: Cell<u64>,
    bytes: Cell<usize>,
    levels: Cell<usize>,
    limits: Limits,
    /// Whether the run's allowance is the tighter limit for steps and for bytes, and the run's limits.
    of_run: (bool, bool, Limits),
}

/// The number of bytes inspected per step.
const BYTES_OF_A_STEP: usize = 256;

impl Budget {
    /// Creates a budget within these limits and the run's remaining allowance.
    pub(super) fn new(limits: &Limits, allowance: &Allowance) -> Self {
        let steps = limits.steps.min(allowance.steps.load(Ordering::Relaxed));
        let output = limits.output.min(allowance.output.load(Ordering::Relaxed));
        let of_run = (steps < limits.steps, output < limits.output, allowance.limits);
        let limits = Limits { steps, output, depth: limits.depth };
        Self { steps: Cell::new(steps), bytes: Cell::new(output), levels: Cell::new(limits.depth), limits, of_run }
    }

    /// Deducts the work done from the run's allowance.
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

    /// Uses one step.
    pub(super) fn step(&self) -> Run<()> {
        self.steps(1)
    }

    /// Uses the steps for inspecting this many bytes.
    pub(super) fn look(&self, bytes: usize) -> Run<()> {
        self.steps(1 + u64::try_from(bytes / BYTES_OF_A_STEP).unwrap_or(u64::MAX))
    }

    /// Uses this many steps.
    pub(super) fn steps(&self, steps: u64) -> Run<()> {
        match self.steps.get().checked_sub(steps) {
            Some(left) => {
                self.steps.set(left);
                Ok(())
            }
            None => {
                // Nothing remains for later audits.
                self.steps.set(0);
                Err(self.too_many_steps())
            }
        }
    }

    /// Accounts for parsing a text of this many bytes, whose tree is many times as large.
    pub(super) fn parse(&self, bytes: usize) -> Run<()> {
        self.look(bytes.saturating_mul(16))?;
        self.bytes(bytes.saturating_mul(16))
    }

    /// Accounts for bytes that are printed or kept.
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

    /// Runs something one level deeper.
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
