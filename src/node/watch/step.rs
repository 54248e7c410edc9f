//! What a thread that looks at a node is doing right now, so that another one sees where it gets no answer.
//!
//! A step costs a few loads and stores of the thread's own memory. No lock is held during one: a thread that is given up
//! in the middle of a step never comes back.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::Watch;
use probe::Question;

/// Something for which the system may take its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::node) struct Step(u64);

/// What is looked at of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub(in crate::node) enum Part {
    CommandLine = 1,
    Other,
    Environment,
    Executable,
    Root,
}

/// How far the kind of a step is shifted.
const KIND: u32 = 56;
const PROCESS: u64 = 1;
const MOUNT: u64 = 2;
const OTHER: u64 = 3;

impl Step {
    /// Nothing that is waited for.
    pub(super) const NONE: Self = Self(0);
    /// A question, of which nothing finer is known.
    pub(super) const QUESTION: Self = Self(OTHER << KIND);
    /// Something that the user named, and without which nothing can be done.
    pub(super) const NAMED: Self = Self(OTHER << KIND | 1);
    /// A file that is written.
    pub(super) const WRITTEN: Self = Self(OTHER << KIND | 2);
    /// Standard output, which is written to.
    pub(super) const PRINTED: Self = Self(OTHER << KIND | 3);

    /// A part of a process.
    pub(in crate::node) fn process(pid: i32, part: Part) -> Self {
        Self(PROCESS << KIND | (part as u64) << 32 | u64::from(pid.unsigned_abs()))
    }

    /// What lies on the mount of this number.
    pub(in crate::node) fn mount(id: u32) -> Self {
        Self(MOUNT << KIND | u64::from(id))
    }

    /// The number of the mount, where it is one.
    pub(super) fn as_mount(self) -> Option<u32> {
        (self.0 >> KIND == MOUNT).then(|| u32::try_from(self.0 & u64::from(u32::MAX)).ok()).flatten()
    }

    /// The process and what is looked at of it, where it is one, in words.
    pub(super) fn as_process(self) -> Option<String> {
        const PARTS: [&str; 5] = ["command line", "state", "environment", "executable", "root directory"];
        if self.0 >> KIND != PROCESS {
            return None;
        }
        let part = usize::try_from((self.0 >> 32) & 0xff).ok()?.checked_sub(1).and_then(|part| PARTS.get(part))?;
        Some(format!("process {}'s {part}", self.0 & u64::from(u32::MAX)))
    }
}

/// What one thread does, as others see it.
#[derive(Debug, Default)]
pub(super) struct Slot {
    step: AtomicU64,
    /// How many steps were begun and ended.
    count: AtomicU64,
    is_abandoned: AtomicBool,
    /// What the step is about, of those of which that is told.
    subject: Mutex<Subject>,
    /// How it ended; none where it has not.
    ended: Mutex<Option<bool>>,
    end: Condvar,
}

/// Says that a thread is at its end, also where it panics.
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

    /// Notes how it ended; what was noted first counts.
    pub(super) fn end(&self, is_done: bool) {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(is_done);
        self.end.notify_one();
    }

    /// Waits for its end, and says whether its work is done; none where it has not ended in time.
    pub(super) fn wait(&self, time: Duration) -> Option<bool> {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.end.wait_timeout_while(ended, time, |ended| ended.is_none());
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    pub(super) fn subject(&self) -> MutexGuard<'_, Subject> {
        self.subject.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes from one step to another; who was given up meanwhile stays here.
    fn go(&self, to: Step) -> Step {
        if self.is_abandoned() {
            // Another thread does the work by now.
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

/// Has this thread watched from now on.
pub(super) fn become_worker(worker: Worker) -> Arc<Slot> {
    let slot = Arc::clone(&worker.slot);
    WORKER.set(Some(worker));
    slot
}

/// Whether something did not answer before; where this thread is not watched, nothing is waited for less than for ever.
pub(super) fn with_worker<T>(act: impl FnOnce(Option<&Worker>) -> T) -> T {
    WORKER.with_borrow(|worker| act(worker.as_ref()))
}

/// It did not answer before, and is not asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::node) struct NoAnswer;

/// Does something for which the system may take its time. `path` names it where that is told.
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

/// Puts a question; none where it did not answer before.
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

/// Does something that only `path` names and that the run cannot do without.
pub(super) fn named<T>(step: Step, path: &Path, act: impl FnOnce() -> T) -> T {
    with_worker(|worker| {
        let Some(Worker { slot, .. }) = worker else { return act() };
        path.clone_into(&mut slot.subject().path);
        slot.during(step, act)
    })
}
