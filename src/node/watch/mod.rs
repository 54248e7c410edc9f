//! Nothing is waited for for ever: a file system that never answers costs its time once, and a run ends when it is due.
//!
//! The looking runs on a thread of its own, the worker. It says what it is about to do ([`step`]); the thread that waits
//! for it sees by that where it gets no answer. Then the worker is abandoned, what did not answer is noted, and another
//! worker does the same job again from its start. It is deterministic and every answer is remembered
//! ([`Remembered`](super::Remembered)), so it soon comes to where the other one stopped, and goes on.
//!
//! A worker that is abandoned never goes on: if it ever gets its answer, it stops at the end of that step.

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

/// How deep a job may call itself, as on a main thread.
const STACK: usize = 8 << 20;

/// How many workers are abandoned; then nothing more is asked.
const MOST_ABANDONED: usize = 48;

/// How many paths on the mount of a root do not answer before nothing on it is asked any more: what hangs may be mounted
/// there on demand.
const STRIKES: usize = 2;

/// How long is waited at most until it is looked again what a worker does.
const ROUND: Duration = Duration::from_millis(250);

/// From which size on an answer is no longer used once a run is long overdue.
const LARGE: usize = 4 << 10;

/// What may still be asked.
mod stage {
    /// Everything.
    pub(super) const OPEN: u8 = 0;
    /// Too much did not answer.
    pub(super) const TIRED: u8 = 1;
    /// The run is due.
    pub(super) const DUE: u8 = 2;
    /// The run is overdue: large answers are not even examined, since processing them takes too long.
    pub(super) const OVERDUE: u8 = 3;
}

/// Watches over one run.
#[derive(Debug)]
pub struct Watch {
    limits: Limits,
    begun: Instant,
    /// Whether something did not answer: from then on it is looked before each step whether it leads there.
    is_wary: AtomicBool,
    stage: AtomicU8,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    given_up: Vec<Step>,
    /// Paths that did not answer, and the mounts that they are on.
    paths: Vec<(u32, PathBuf)>,
    questions: Vec<Question>,
    /// The mounts of roots.
    roots: Vec<u32>,
    /// What did not answer, in words, in the order in which it was found out.
    told: Vec<String>,
    waited: Duration,
    abandoned: usize,
    /// That the next step without an answer is the one that was found before, and now comes with its name.
    is_known: bool,
    /// Since when nothing more is asked.
    due_since: Option<Instant>,
    /// That the job has its results, and writes them.
    is_committed: bool,
    /// Outputs that are written, or else that no reader takes.
    outputs: Vec<(PathBuf, bool)>,
}

/// What a worker does.
type Work = dyn Fn(&Slot) + Send + Sync;

/// Why a job has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stuck {
    /// Something that it cannot do without did not answer.
    #[error("{}: does not answer (waited {} for it; check its file system)", path.display(), limits::in_words(*.waited))]
    NoAnswer {
        /// What.
        path: PathBuf,
        /// How long was waited for it.
        waited: Duration,
    },
    /// It still computes long after it is due.
    #[error("the report: not finished {} after the deadline, so there is none (raise --deadline)", limits::in_words(*.0))]
    Overdue(Duration),
    /// There can be no more threads.
    #[error("this program: no further thread can be started ({0})")]
    NoThread(String),
}

impl Watch {
    /// Watches a run that begins now.
    pub fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            begun: Instant::now(),
            is_wary: AtomicBool::new(false),
            stage: AtomicU8::new(stage::OPEN),
            state: Mutex::default(),
        })
    }

    /// Does a job on a thread of its own, again from its start wherever it gets no answer. A job whose answers are
    /// remembered has the same result as if it had run once.
    ///
    /// # Errors
    ///
    /// Where it cannot come to a result.
    pub fn run<T: Send + 'static>(self: &Arc<Self>, job: impl Fn() -> T + Send + Sync + 'static) -> Result<T, Stuck> {
        self.run_with(job, None)
    }

    /// As [`run`](Self::run), for a job that another one follows, which then has the memory that this one had free.
    /// Meanwhile the thread that waits does something that takes no long time and that the job can do without.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
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
                // One that was abandoned has nothing to say.
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
                // On a machine without room for one, the run is not watched.
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
                // It has nothing more to do. The memory that it had free is the next one's once it is gone.
                if beside.is_some() {
                    let _ = thread.join();
                }
                return Ok(());
            }
        }
        Ok(())
    }

    /// What did not answer, and whether the run came to its deadline: code and text of each.
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

    /// How long there is left until the run is due; none where it has no deadline.
    pub fn left(&self) -> Option<Duration> {
        self.limits.deadline.map(|deadline| deadline.saturating_sub(self.begun.elapsed()))
    }

    /// Waits for a worker, and says whether it did its work: else it is abandoned, and another one is wanted.
    fn attend(&self, slot: &Slot) -> Result<bool, Stuck> {
        let mut seen = slot.count();
        let mut since = Instant::now();
        loop {
            match slot.wait(self.round()) {
                Some(true) => return Ok(true),
                // It panicked, and has said so.
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

    /// Whether a worker has to be abandoned since the run is due.
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

    /// Whether a worker has to be abandoned since something does not answer, which is noted.
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
            // What it was about is found when it is done again.
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

    /// Whether a worker has to be abandoned since no reader takes its output, which is noted.
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

    /// How long it takes until it is looked again what the worker does.
    fn round(&self) -> Duration {
        let round = ROUND.min(self.limits.answer / 8);
        self.left().filter(|left| !left.is_zero()).map_or(round, |left| round.min(left))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether something did not answer.
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

    /// Why nothing more is asked, where that is so.
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

    /// Why an answer that is there is not used, where that is so.
    fn is_left_aside(&self, answer: &Observed<Answer>) -> bool {
        self.stage.load(Ordering::Acquire) == stage::OVERDUE && limits::size(answer) > LARGE
    }
}

/// How much memory the first worker has at hand.
const WORKER_ROOM: usize = 1 << 20;

/// Taken once: the next worker has the memory that the first one leaves.
static ROOM: Once = Once::new();

/// Takes room for what a worker allocates, and gives it back to the C library, which keeps it for this thread. Left to
/// itself the library asks the kernel for a thread's memory page by page, which took a tenth of a run. What it held in a
/// mapping of its own and got back is the size up to which it keeps what is freed; so the first block is one of those.
fn take_room() {
    for size in [WORKER_ROOM, WORKER_ROOM - (WORKER_ROOM >> 4)] {
        drop(hint::black_box(Vec::<u8>::with_capacity(size)));
    }
}

/// Puts a question that is not answered yet.
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

/// In the place of a remembered answer, one that says that the time for it is over, where that is so.
pub(super) fn reconsidered(question: &Question, answer: &Observed<Answer>) -> Option<Observed<Answer>> {
    with_worker(|worker| {
        let watch = &worker?.watch;
        watch.is_left_aside(answer).then(|| watch.refusal(question).map(Observed::Unknown)).flatten()
    })
}

/// Whether anything did not answer in this run.
pub(super) fn is_wary() -> bool {
    with_worker(|worker| worker.is_some_and(|worker| worker.watch.is_wary()))
}

/// Notes the mount that a root lies on.
pub(super) fn note_root(mount: u32) {
    with_worker(|worker| {
        if let Some(worker) = worker
            && !worker.watch.state().roots.contains(&mount)
        {
            worker.watch.state().roots.push(mount);
        }
    });
}

/// How long the rest of the run may take; none where it has no deadline.
pub fn time_left() -> Option<Duration> {
    with_worker(|worker| worker?.watch.left())
}

/// Reads something that the user named.
pub fn reading<T>(path: &Path, act: impl FnOnce() -> T) -> T {
    step::named(Step::NAMED, path, act)
}

/// What became of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It is still to be written.
    Due,
    /// It is written.
    Done,
    /// It did not take what was written to it for so long.
    NotTaken(Duration),
}

/// What became of the output of this name.
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

/// Notes that the output of this name is written.
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

/// Writes to an output that may or may not have a reader.
pub fn printing<T>(name: &Path, act: impl FnOnce() -> T) -> T {
    step::named(Step::PRINTED, name, act)
}

/// What did not answer in this run, and whether it came to its deadline: code and text of each.
pub fn remarks() -> Vec<(&'static str, String)> {
    with_worker(|worker| worker.map(|worker| worker.watch.remarks()).unwrap_or_default())
}

/// From here on the job has its results and writes them; whether it does so for the first time. A thread that was abandoned
/// does not come past here.
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
