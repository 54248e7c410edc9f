//! Ensures that nothing is waited for indefinitely: a file system that never answers costs its time-out once, and a run
//! ends at its deadline.
//!
//! Inspection runs on a thread of its own, the worker. The worker announces each step ([`step()`]), so that the waiting
//! thread can tell which one gets no answer. The worker is then abandoned, the missing answer is noted, and another
//! worker starts the same job from the beginning. The job is deterministic and every answer is remembered
//! ([`Remembered`](super::Remembered)), so the new worker quickly reaches the point where the other one stopped.
//!
//! An abandoned worker never continues: if it does get its answer, it stops at the end of that step.

mod limits;
mod step;
#[cfg(test)]
mod tests;

use std::hint;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::subject::subject;
use probe::{Answer, Cause, Observed, Question, Reason};
use step::{AtEnd, Slot, Subject, Worker, become_worker, with_worker};

pub use limits::Limits;
pub(super) use step::{NoAnswer, Part, Step, step};

/// The stack size of a worker, the same as that of a main thread.
const STACK: usize = 8 << 20;

/// The number of workers that may be abandoned before nothing more is asked.
const MOST_ABANDONED: usize = 48;

/// The number of unanswered paths on a root's mount after which nothing on it is asked any more. It is more than one
/// since the path that hangs may be an automount.
const STRIKES: usize = 2;

/// The maximum interval between checks of a worker.
const ROUND: Duration = Duration::from_millis(250);

/// The size in bytes above which an answer is no longer used once a run is long overdue.
const LARGE: usize = 4 << 10;

/// Stages of a run: what may still be asked.
mod stage {
    /// Everything may be asked.
    pub(super) const OPEN: u8 = 0;
    /// Nothing more is asked, since too much did not answer.
    pub(super) const TIRED: u8 = 1;
    /// Nothing more is asked, since the deadline has passed.
    pub(super) const DUE: u8 = 2;
    /// The run is overdue: remembered large answers are not used either, since processing them takes too long.
    pub(super) const OVERDUE: u8 = 3;
}

/// Watches over one run.
#[derive(Debug)]
pub struct Watch {
    limits: Limits,
    begun: Instant,
    /// Whether something did not answer, so that each step is checked for leading there.
    is_wary: AtomicBool,
    stage: AtomicU8,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    given_up: Vec<Step>,
    /// Paths that did not answer, with their mounts.
    paths: Vec<(u32, PathBuf)>,
    questions: Vec<Question>,
    /// The mounts of roots.
    roots: Vec<u32>,
    /// Messages about what did not answer, in order of detection.
    told: Vec<String>,
    waited: Duration,
    abandoned: usize,
    /// Whether the next unanswered step repeats the previous one, this time with its subject.
    is_known: bool,
    /// The time since which nothing more is asked.
    due_since: Option<Instant>,
    /// Whether the job has finished its checks and is writing results.
    is_committed: bool,
    /// Outputs, and whether each was written (or else not accepted by its reader).
    outputs: Vec<(PathBuf, bool)>,
}

/// The job of a worker.
type Work = dyn Fn(&Slot) + Send + Sync;

/// Why a job has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stuck {
    /// Something that it cannot do without did not answer.
    #[error("{}: does not answer (waited {} for it; check its file system)", path.display(), limits::in_words(*.waited))]
    NoAnswer {
        /// What did not answer.
        path: PathBuf,
        /// How long it was waited for.
        waited: Duration,
    },
    /// It was still computing long after the deadline.
    #[error("the report: not finished {} after the deadline, so there is none (raise --deadline)", limits::in_words(*.0))]
    Overdue(Duration),
    /// No further thread could be started.
    #[error("this program: no further thread can be started ({0})")]
    NoThread(String),
}

impl Watch {
    /// Starts watching a run that begins now.
    pub fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            begun: Instant::now(),
            is_wary: AtomicBool::new(false),
            stage: AtomicU8::new(stage::OPEN),
            state: Mutex::default(),
        })
    }

    /// Runs a job on a thread of its own, and starts it again whenever it gets no answer. If its answers are
    /// remembered, the result is the same as if it had run once.
    ///
    /// # Errors
    ///
    /// If the job cannot produce a result.
    pub fn run<T: Send + 'static>(self: &Arc<Self>, job: impl Fn() -> T + Send + Sync + 'static) -> Result<T, Stuck> {
        self.run_with(job, None)
    }

    /// As [`run`](Self::run), for a job that is followed by another one, which reuses the memory that this one leaves
    /// free. Meanwhile the waiting thread calls `beside`, which must be quick and which the job must not depend on.
    ///
    /// # Errors
    ///
    /// The errors of [`run`](Self::run).
    pub fn run_beside<T: Send + 'static>(
        self: &Arc<Self>,
        job: impl Fn() -> T + Send + Sync + 'static,
        beside: &dyn Fn(),
    ) -> Result<T, Stuck> {
        self.run_with(job, Some(beside))
    }

    fn run_with<T: Send + 'static>(
        self: &Arc<Self>,
        job: impl Fn() -> T + Send + Sync + 'static,
        beside: Option<&dyn Fn()>,
    ) -> Result<T, Stuck> {
        let result = Arc::new(Mutex::new(None));
        let own = Arc::clone(&result);
        self.work(
            &(Arc::new(move |slot: &Slot| {
                let done = job();
                // The result of an abandoned worker is discarded.
                if !slot.is_abandoned() {
                    *own.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
                }
            }) as Arc<Work>),
            beside,
        )?;
        let result = result.lock().unwrap_or_else(PoisonError::into_inner).take();
        result.ok_or(Stuck::Overdue(self.limits.grace))
    }

    fn work(self: &Arc<Self>, job: &Arc<Work>, beside: Option<&dyn Fn()>) -> Result<(), Stuck> {
        for attempt in 0_usize.. {
            let slot = Arc::new(Slot::default());
            let worker = Worker { watch: Arc::clone(self), slot: Arc::clone(&slot) };
            let own = Arc::clone(job);
            let work = move || {
                ROOM.call_once(take_room);
                let slot = become_worker(worker);
                let end = AtEnd(&slot);
                own(&slot);
                end.0.end(true);
            };
            let thread = match thread::Builder::new().stack_size(STACK).spawn(work) {
                Ok(thread) => thread,
                // On a machine without room for a thread, the run is not watched.
                Err(_) if attempt == 0 => {
                    job(&slot);
                    return Ok(());
                }
                Err(error) => return Err(Stuck::NoThread(super::errors::in_words(&error))),
            };
            if let (0, Some(beside)) = (attempt, beside) {
                beside();
            }
            if self.attend(&slot)? {
                // The worker is done. Its free memory is available to the next one once the thread has ended.
                if beside.is_some() {
                    let _ = thread.join();
                }
                return Ok(());
            }
        }
        Ok(())
    }

    /// Returns code and text of everything that did not answer, and of a missed deadline.
    fn remarks(&self) -> Vec<(&'static str, String)> {
        let mut remarks: Vec<_> = self.state().told.iter().map(|text| ("no-answer", text.clone())).collect();
        match self.stage.load(Ordering::Acquire) {
            stage::OPEN => {}
            stage::TIRED => {
                let rest = "so the rest is unknown (check its mounts)";
                remarks.push(("no-answer", format!("this node: {MOST_ABANDONED} questions were not answered, {rest}")));
            }
            _ => remarks.extend(self.limits.deadline.map(|deadline| {
                let within = limits::in_words(deadline);
                let rest = "so everything not yet examined is unknown (raise --deadline)";
                ("deadline", format!("the deadline of {within}: reached, {rest}"))
            })),
        }
        remarks
    }

    /// Returns the time left until the deadline; `None` if there is none.
    pub fn left(&self) -> Option<Duration> {
        self.limits.deadline.map(|deadline| deadline.saturating_sub(self.begun.elapsed()))
    }

    /// Waits for a worker. Returns true if it has finished, or false if it was abandoned and another one is needed.
    fn attend(&self, slot: &Slot) -> Result<bool, Stuck> {
        let mut seen = slot.count();
        let mut since = Instant::now();
        loop {
            match slot.wait(self.round()) {
                Some(true) => return Ok(true),
                // The worker has printed its panic message.
                Some(false) => resume_unwind(Box::new("the inspecting thread panicked")),
                None => {}
            }
            let now = Instant::now();
            let count = slot.count();
            if count != seen {
                (seen, since) = (count, now);
            }
            let step = slot.step();
            let mut state = self.state();
            let is_abandoned = if state.is_committed || matches!(step, Step::WRITTEN | Step::PRINTED) {
                self.is_not_taken(&mut state, step, slot, since)?
            } else {
                self.is_late(&mut state, step, now)? || self.is_unanswered(&mut state, step, slot, since)?
            };
            if is_abandoned {
                slot.abandon();
                return Ok(false);
            }
        }
    }

    /// Whether a worker must be abandoned because the deadline has passed.
    fn is_late(&self, state: &mut State, step: Step, now: Instant) -> Result<bool, Stuck> {
        let is_due = self.left().is_some_and(|left| left.is_zero());
        match (self.stage.load(Ordering::Acquire), state.due_since) {
            (stage::OPEN | stage::TIRED, _) if is_due => {
                self.stage.store(stage::DUE, Ordering::Release);
                state.due_since = Some(now);
                Ok(step != Step::NONE)
            }
            (stage::DUE, Some(since)) if now - since >= self.limits.grace => {
                self.stage.store(stage::OVERDUE, Ordering::Release);
                state.due_since = Some(now);
                Ok(true)
            }
            (stage::OVERDUE, Some(since)) if now - since >= self.limits.grace => {
                Err(Stuck::Overdue(self.limits.grace * 2))
            }
            _ => Ok(false),
        }
    }

    /// Whether a worker must be abandoned because something does not answer, which is noted.
    fn is_unanswered(&self, state: &mut State, step: Step, slot: &Slot, since: Instant) -> Result<bool, Stuck> {
        let patience = self.limits.patience(state.waited, state.is_known);
        if step == Step::NONE || since.elapsed() < patience {
            return Ok(false);
        }
        let Subject { path, question } = slot.subject().clone();
        let within = limits::in_words(patience);
        if step == Step::NAMED {
            return Err(Stuck::NoAnswer { path, waited: patience });
        }
        state.waited += patience;
        state.abandoned += 1;
        let is_known = std::mem::take(&mut state.is_known);
        if let Some(mount) = step.as_mount() {
            let on_root = state.roots.contains(&mount);
            state.paths.push((mount, path.clone()));
            let strikes = state.paths.iter().filter(|(of, _)| *of == mount).count();
            if !on_root || strikes >= STRIKES {
                state.given_up.push(step);
            }
            let within = limits::in_words(if is_known { self.limits.answer } else { patience });
            state.told.push(format!(
                "{}: did not answer within {within}, so everything on its file system is unknown (check the mount)",
                path.display()
            ));
        } else if let Some(what) = step.as_process() {
            state.given_up.push(step);
            state.told.push(format!("{what}: did not answer within {within}, so it is unknown"));
        } else if !self.is_wary() {
            // The next worker repeats the step with its subject recorded.
            state.is_known = true;
        } else if let Some(question) = question {
            state.told.push(format!("{}: did not answer within {within}, so it is unknown", subject(&question)));
            state.questions.push(question);
        }
        self.is_wary.store(true, Ordering::Release);
        if state.abandoned >= MOST_ABANDONED && self.stage.load(Ordering::Acquire) == stage::OPEN {
            self.stage.store(stage::TIRED, Ordering::Release);
        }
        Ok(true)
    }

    /// Whether a worker must be abandoned because its output is not accepted, which is noted.
    fn is_not_taken(&self, state: &mut State, step: Step, slot: &Slot, since: Instant) -> Result<bool, Stuck> {
        let limit = match step {
            Step::WRITTEN => Some(self.limits.written),
            Step::PRINTED => self.limits.printed,
            _ => self.limits.deadline.map(|_| self.limits.grace),
        };
        let Some(limit) = limit.filter(|limit| since.elapsed() >= *limit) else { return Ok(false) };
        if !matches!(step, Step::WRITTEN | Step::PRINTED) {
            return Err(Stuck::Overdue(limit));
        }
        let path = slot.subject().path.clone();
        state.outputs.push((path, false));
        Ok(true)
    }

    /// Returns the interval until the worker is checked again.
    fn round(&self) -> Duration {
        let round = ROUND.min(self.limits.answer / 8);
        self.left().filter(|left| !left.is_zero()).map_or(round, |left| round.min(left))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether anything has not been answered.
    fn is_wary(&self) -> bool {
        self.is_wary.load(Ordering::Acquire)
    }

    fn has_given_up(&self, step: Step, path: Option<&Path>) -> bool {
        let state = self.state();
        let of_path = || {
            let (mount, path) = (step.as_mount()?, path?);
            Some(state.paths.iter().any(|(of, known)| *of == mount && known == path))
        };
        state.given_up.contains(&step) || of_path() == Some(true)
    }

    fn has_given_up_question(&self, question: &Question) -> bool {
        self.state().questions.contains(question)
    }

    /// Returns why nothing more is asked; `None` if questions are still allowed.
    fn refusal(&self, question: &Question) -> Option<Reason> {
        let detail = match self.stage.load(Ordering::Acquire) {
            stage::OPEN => return None,
            stage::TIRED => "not examined, since too much on this node did not answer (check its mounts)".to_owned(),
            _ => {
                let deadline = limits::in_words(self.limits.deadline?);
                format!("not examined before the deadline of {deadline} (raise --deadline)")
            }
        };
        Some(Reason::new(Cause::TimedOut, subject(question), detail))
    }

    /// Whether a remembered answer is not used, since the run is overdue and the answer is large.
    fn is_left_aside(&self, answer: &Observed<Answer>) -> bool {
        self.stage.load(Ordering::Acquire) == stage::OVERDUE && limits::size(answer) > LARGE
    }
}

/// The amount of memory that is reserved for the first worker.
const WORKER_ROOM: usize = 1 << 20;

/// Ensures that memory is reserved only once: later workers reuse what the first one leaves.
static ROOM: Once = Once::new();

/// Allocates memory for a worker and frees it to the C library, which keeps it for this thread. Otherwise the library
/// requests a thread's memory from the kernel page by page, which took a tenth of a run. The library keeps freed memory
/// up to the size of the largest separately mapped block that was freed, so the first block is a larger one.
fn take_room() {
    for size in [WORKER_ROOM, WORKER_ROOM - (WORKER_ROOM >> 4)] {
        drop(hint::black_box(Vec::<u8>::with_capacity(size)));
    }
}

/// Asks a question whose answer is not cached yet.
pub(super) fn ask(question: &Question, act: impl FnOnce() -> Observed<Answer>) -> Observed<Answer> {
    with_worker(|worker| {
        let Some(worker) = worker else { return act() };
        match worker.watch.refusal(question) {
            Some(why) => Observed::Unknown(why),
            None => step::question(worker, question, act).unwrap_or_else(|| {
                Observed::Unknown(Reason::new(Cause::TimedOut, subject(question), "did not answer in time"))
            }),
        }
    })
}

/// Replaces a cached answer with a time-out if its deadline has passed.
pub(super) fn reconsidered(question: &Question, answer: &Observed<Answer>) -> Option<Observed<Answer>> {
    with_worker(|worker| {
        let watch = &worker?.watch;
        watch.is_left_aside(answer).then(|| watch.refusal(question).map(Observed::Unknown)).flatten()
    })
}

/// Whether anything has not been answered in this run.
pub(super) fn is_wary() -> bool {
    with_worker(|worker| worker.is_some_and(|worker| worker.watch.is_wary()))
}

/// Records the mount that a root is on.
pub(super) fn note_root(mount: u32) {
    with_worker(|worker| {
        if let Some(worker) = worker
            && !worker.watch.state().roots.contains(&mount)
        {
            worker.watch.state().roots.push(mount);
        }
    });
}

/// Returns the time left for the run; `None` if it has no deadline.
pub fn time_left() -> Option<Duration> {
    with_worker(|worker| worker?.watch.left())
}

/// Reads a path that the user named.
pub fn reading<T>(path: &Path, act: impl FnOnce() -> T) -> T {
    step::named(Step::NAMED, path, act)
}

/// The state of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It has yet to be written.
    Due,
    /// It has been written.
    Done,
    /// Its reader accepted nothing for this long.
    NotTaken(Duration),
}

/// Returns the state of the output of this name.
pub fn delivery(name: &Path) -> Delivery {
    with_worker(|worker| {
        let Some(Worker { watch, .. }) = worker else { return Delivery::Due };
        match watch.state().outputs.iter().find(|(known, _)| known == name) {
            None => Delivery::Due,
            Some((_, true)) => Delivery::Done,
            Some((_, false)) => Delivery::NotTaken(watch.limits.written),
        }
    })
}

/// Records that the output of this name has been written.
pub fn delivered(name: &Path) {
    with_worker(|worker| {
        if let Some(worker) = worker {
            worker.watch.state().outputs.push((name.to_owned(), true));
        }
    });
}

/// Writes a file that the user named.
pub fn writing<T>(path: &Path, act: impl FnOnce() -> T) -> T {
    step::named(Step::WRITTEN, path, act)
}

/// Writes to an output that may have no reader.
pub fn printing<T>(name: &Path, act: impl FnOnce() -> T) -> T {
    step::named(Step::PRINTED, name, act)
}

/// Returns code and text of everything that did not answer in this run, and of a missed deadline.
pub fn remarks() -> Vec<(&'static str, String)> {
    with_worker(|worker| worker.map(|worker| worker.watch.remarks()).unwrap_or_default())
}

/// Marks the job as having its results and writing them. Returns whether this is the first time. An abandoned thread
/// does not return from here.
pub fn commit() -> bool {
    with_worker(|worker| {
        let Some(Worker { watch, slot }) = worker else { return true };
        let mut state = watch.state();
        if slot.is_abandoned() {
            drop(state);
            loop {
                thread::park();
            }
        }
        !std::mem::replace(&mut state.is_committed, true)
    })
}
