//! The current step of a thread that inspects a node, from which another thread can tell where it gets no answer.
//!
//! A step costs a few loads and stores of the thread's own memory. No lock is held during a step, since a thread that
//! is abandoned in the middle of one never returns.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::Watch;
use probe::Question;

/// An operation that may block in the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::node) struct Step(u64);

/// The part of a process that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub(in crate::node) enum Part {
    CommandLine = 1,
    Other,
    Environment,
    Executable,
    Root,
}

/// The position of the kind in a step.
const KIND: u32 = 56;
const PROCESS: u64 = 1;
const MOUNT: u64 = 2;
const OTHER: u64 = 3;

impl Step {
    /// Not waiting for anything.
    pub(super) const NONE: Self = Self(0);
    /// A question without further detail.
    pub(super) const QUESTION: Self = Self(OTHER << KIND);
    /// Something that the user named, without which the run cannot continue.
    pub(super) const NAMED: Self = Self(OTHER << KIND | 1);
    /// Writing a file.
    pub(super) const WRITTEN: Self = Self(OTHER << KIND | 2);
    /// Writing to standard output.
    pub(super) const PRINTED: Self = Self(OTHER << KIND | 3);

    /// Returns the step of reading a part of a process.
    pub(in crate::node) fn process(pid: i32, part: Part) -> Self {
        Self(PROCESS << KIND | (part as u64) << 32 | u64::from(pid.unsigned_abs()))
    }

    /// Returns the step of accessing the mount with this ID.
    pub(in crate::node) fn mount(id: u32) -> Self {
        Self(MOUNT << KIND | u64::from(id))
    }

    /// Returns the mount ID if it is a mount step.
    pub(super) fn as_mount(self) -> Option<u32> {
        (self.0 >> KIND == MOUNT).then(|| u32::try_from(self.0 & u64::from(u32::MAX)).ok()).flatten()
    }

    /// Describes the process and its part, if it is a process step.
    pub(super) fn as_process(self) -> Option<String> {
        const PARTS: [&str; 5] = ["command line", "state", "environment", "executable", "root directory"];
        if self.0 >> KIND != PROCESS {
            return None;
        }
        let part = usize::try_from((self.0 >> 32) & 0xff).ok()?.checked_sub(1).and_then(|part| PARTS.get(part))?;
        Some(format!("process {}'s {part}", self.0 & u64::from(u32::MAX)))
    }
}

/// The state of one thread as other threads observe it.
#[derive(Debug, Default)]
pub(super) struct Slot {
    step: AtomicU64,
    /// The number of times that a step was begun or ended.
    count: AtomicU64,
    is_abandoned: AtomicBool,
    /// The subject of the step, if it was recorded.
    subject: Mutex<Subject>,
    /// Whether the thread has finished its work (or else panicked); `None` while it is running.
    ended: Mutex<Option<bool>>,
    end: Condvar,
}

/// Marks a thread as ended when dropped, so that a panic is noticed too.
pub(super) struct AtEnd<'s>(pub(super) &'s Slot);

impl Drop for AtEnd<'_> {
    fn drop(&mut self) {
        self.0.end(false);
    }
}

/// What a step is about.
#[derive(Debug, Clone, Default)]
pub(super) struct Subject {
    pub(super) path: PathBuf,
    pub(super) question: Option<Question>,
}

impl Slot {
    pub(super) fn step(&self) -> Step {
        Step(self.step.load(Ordering::Acquire))
    }

    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Acquire)
    }

    pub(super) fn abandon(&self) {
        self.is_abandoned.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_abandoned(&self) -> bool {
        self.is_abandoned.load(Ordering::SeqCst)
    }

    /// Marks the thread as ended; only the first call counts.
    pub(super) fn end(&self, is_done: bool) {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(is_done);
        self.end.notify_one();
    }

    /// Waits for the thread to end. Returns whether its work is done; `None` if it is still running.
    pub(super) fn wait(&self, time: Duration) -> Option<bool> {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.end.wait_timeout_while(ended, time, |ended| ended.is_none());
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    pub(super) fn subject(&self) -> MutexGuard<'_, Subject> {
        self.subject.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Switches to another step and returns the previous one. An abandoned thread stays here.
    fn go(&self, to: Step) -> Step {
        if self.is_abandoned() {
            // Another thread has taken over the work.
            loop {
                thread::park();
            }
        }
        let from = self.step();
        self.step.store(to.0, Ordering::Release);
        self.count.store(self.count() + 1, Ordering::Release);
        from
    }

    fn during<T>(&self, step: Step, act: impl FnOnce() -> T) -> T {
        let before = self.go(step);
        let done = act();
        self.go(before);
        done
    }
}

/// A thread that is watched.
pub(super) struct Worker {
    pub(super) watch: Arc<Watch>,
    pub(super) slot: Arc<Slot>,
}

thread_local! {
    static WORKER: RefCell<Option<Worker>> = const { RefCell::new(None) };
}

/// Makes this thread a watched one.
pub(super) fn become_worker(worker: Worker) -> Arc<Slot> {
    let slot = Arc::clone(&worker.slot);
    WORKER.set(Some(worker));
    slot
}

/// Calls `act` with this thread's worker; `None` if the thread is not watched, so that it may wait indefinitely.
pub(super) fn with_worker<T>(act: impl FnOnce(Option<&Worker>) -> T) -> T {
    WORKER.with_borrow(|worker| act(worker.as_ref()))
}

/// It did not answer before, and is not asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::node) struct NoAnswer;

/// Performs a step that may block. `path` identifies its subject, if that is recorded.
pub(in crate::node) fn step<T>(step: Step, path: Option<&Path>, act: impl FnOnce() -> T) -> Result<T, NoAnswer> {
    with_worker(|worker| {
        let Some(Worker { watch, slot }) = worker else { return Ok(act()) };
        if watch.is_wary() && watch.has_given_up(step, path) {
            return Err(NoAnswer);
        }
        if let Some(path) = path {
            path.clone_into(&mut slot.subject().path);
        }
        Ok(slot.during(step, act))
    })
}

/// Asks a question. Returns `None` if it was not answered before.
pub(super) fn question<T>(worker: &Worker, question: &Question, act: impl FnOnce() -> T) -> Option<T> {
    let Worker { watch, slot } = worker;
    if watch.is_wary() {
        if watch.has_given_up_question(question) {
            return None;
        }
        slot.subject().question = Some(question.clone());
    }
    Some(slot.during(Step::QUESTION, act))
}

/// Performs a step on `path` that the run cannot do without.
pub(super) fn named<T>(step: Step, path: &Path, act: impl FnOnce() -> T) -> T {
    with_worker(|worker| {
        let Some(Worker { slot, .. }) = worker else { return act() };
        path.clone_into(&mut slot.subject().path);
        slot.during(step, act)
    })
}
