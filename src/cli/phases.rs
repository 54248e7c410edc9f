//! The order of a run over a node: prepare, give up rights, look.
//!
//! 1. What the user named is read, the node is opened, and what can only be seen of processes with this program's full
//!    rights is looked up.
//! 2. This program gives up what it does not need from then on ([`containment`]).
//! 3. Everything else is looked at, judged and written.
//!
//! The first and the last run on threads of their own and are watched: see [`Watch`]. Rights are given up between them, on
//! the thread that starts both, which every later thread inherits.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::anyhow;

use crate::collect;
use crate::node::{Budget, Limits, Remembered, Stuck, Watch};
use definitions::benchmark::Component;

use super::containment::{self, Scope};
use super::failure::Failure;
use super::options::{ExecOptions, NodeOptions};
use super::target_node::{self, AnyNode, Place};

/// A node that answers each question once, whatever it is.
pub(super) type Looked = Remembered<AnyNode>;

/// What a run is about, apart from the node.
pub(super) trait Job: Send + Sync + 'static {
    /// The components whose processes are looked for; none where they are not asked for.
    fn components(&self) -> Option<&BTreeMap<String, Component>>;

    /// The files that are written.
    fn written(&self) -> Vec<PathBuf>;

    /// The directories that are read while it runs, beside the node's.
    fn read(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// Whether it matters for what files are read.
    fn notes(&self) -> bool {
        false
    }

    /// Looks at the node, judges and writes. It is done again from its start where something does not answer, until it
    /// [commits](crate::node::commit).
    ///
    /// # Errors
    ///
    /// Where it cannot be carried out.
    fn look(&self, node: &Looked, seen_from: &str) -> Result<ExitCode, Failure>;
}

/// What is open.
struct Opened {
    job: Box<dyn Job>,
    node: Looked,
    place: Place,
    seen_from: String,
}

/// Carries out the job that `begin` makes of what the user named, on the node of these options.
///
/// # Errors
///
/// Where it cannot be carried out, or what it cannot do without does not answer.
pub(super) fn carry_out<J: Job>(
    options: &'static NodeOptions,
    exec: &'static ExecOptions,
    begin: impl Fn() -> Result<J, Failure> + Send + Sync + 'static,
) -> Result<ExitCode, Failure> {
    carry_out_beside(options, exec, begin, &|| ())
}

/// As [`carry_out`]; meanwhile `beside` makes ready what the job needs later, as far as that takes no long time and asks
/// nothing of anybody.
///
/// # Errors
///
/// As [`carry_out`].
pub(super) fn carry_out_beside<J: Job>(
    options: &'static NodeOptions,
    exec: &'static ExecOptions,
    begin: impl Fn() -> Result<J, Failure> + Send + Sync + 'static,
    beside: &dyn Fn(),
) -> Result<ExitCode, Failure> {
    carry_out_any(options, exec, Box::new(move || Ok(Box::new(begin()?))), beside)
}

/// Makes a job of what the user named.
type Begin = dyn Fn() -> Result<Box<dyn Job>, Failure> + Send + Sync;

fn carry_out_any(
    options: &'static NodeOptions,
    exec: &'static ExecOptions,
    begin: Box<Begin>,
    beside: &dyn Fn(),
) -> Result<ExitCode, Failure> {
    let watch = Watch::new(Limits::within(options.deadline()));
    // What is open is of use until the process ends, also to threads that get no answer.
    let opened: &'static OnceLock<Opened> = Box::leak(Box::default());
    let prepare = move || {
        if opened.get().is_none() {
            let job = begin()?;
            let target = target_node::open(options, exec)?;
            let node = if job.notes() {
                Remembered::noting_within(target.node, Budget::of_recording())
            } else {
                Remembered::within(target.node, Budget::of_run())
            };
            let _ = opened.set(Opened { job, node, place: target.place, seen_from: target.seen_from });
        }
        let Some(Opened { job, node, place: Place::Live(live), .. }) = opened.get() else { return Ok(()) };
        if let Some(components) = job.components() {
            let candidates = collect::candidates(node, components);
            live.prepare(&candidates.outside, &candidates.contained);
        }
        Ok(())
    };
    watch.run_beside(prepare, beside).map_err(|stuck| told(&stuck))??;
    if let Some(Opened { job, place, .. }) = opened.get() {
        containment::begin(&Scope { place, read: job.read(), written: job.written(), may_execute: exec.allow_exec });
    }
    let look = || match opened.get() {
        Some(Opened { job, node, seen_from, .. }) => job.look(node, seen_from),
        None => Ok(ExitCode::FAILURE),
    };
    watch.run(look).map_err(|stuck| told(&stuck))?
}

/// Does what looks at no node, but may read what the user named and write.
///
/// # Errors
///
/// Where it cannot be carried out, or what it cannot do without does not answer.
pub(super) fn without_node(
    act: impl Fn() -> Result<ExitCode, Failure> + Send + Sync + 'static,
) -> Result<ExitCode, Failure> {
    Watch::new(Limits::within(None)).run(act).map_err(|stuck| told(&stuck))?
}

/// How long is waited until an error is told, where there may be no reader.
const TELLING: Duration = Duration::from_secs(1);

/// Tells why there is no result, on a thread of its own: standard error may be what is stuck.
fn told(stuck: &Stuck) -> Failure {
    let text = stuck.to_string();
    let own = text.clone();
    let begun = Instant::now();
    let telling = thread::Builder::new().spawn(move || Failure::System(anyhow!("{own}")).print());
    if let Ok(telling) = telling {
        while begun.elapsed() < TELLING {
            if telling.is_finished() {
                return Failure::Told;
            }
            thread::sleep(Duration::from_millis(1));
        }
        return Failure::Told;
    }
    Failure::System(anyhow!("{text}"))
}
