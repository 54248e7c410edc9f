//! The phases of a run over a node: prepare, drop rights, examine.
//!
//! 1. Reads the files that the user named, opens the node, and collects the facts about processes that need this
//!    program's full rights.
//! 2. Drops the rights that are no longer needed ([`containment`]).
//! 3. Examines everything else, evaluates it and writes the results.
//!
//! The first and the last phase run on watched threads of their own: see [`Watch`]. The thread that starts both drops
//! the rights in between, so every later thread inherits the restrictions.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::anyhow;

use crate::collect;
use crate::node::{Budget, Limits, Remembered, Stuck, Watch, reserve_descriptors};
use definitions::SharedText;
use definitions::benchmark::Component;

use super::containment::{self, Scope};
use super::failure::Failure;
use super::options::{ExecOptions, NodeOptions};
use super::target_node::{self, AnyNode, Place};

/// A node of any kind that answers each question once and caches the answer.
pub(super) type Looked = Remembered<AnyNode>;

/// The part of a run that is independent of the node.
pub(super) trait Job: Send + Sync + 'static {
    /// Returns the components whose processes are searched for; none if they are not needed.
    fn components(&self) -> Option<&BTreeMap<SharedText, Component>>;

    /// Returns the files to write.
    fn written(&self) -> Vec<PathBuf>;

    /// Returns the directories, other than the node's, that are read while the job runs.
    fn read(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// Whether the node must note for what purpose each file is read, as a recording requires.
    fn notes(&self) -> bool {
        false
    }

    /// Examines the node, evaluates it and writes the results. Restarted from the beginning if something does not
    /// respond, until it [commits](crate::node::commit).
    ///
    /// # Errors
    ///
    /// If the job cannot be carried out.
    fn look(&self, node: &Looked, seen_from: &str) -> Result<ExitCode, Failure>;
}

/// The opened node and its job.
struct Opened {
    job: Box<dyn Job>,
    node: Looked,
    place: Place,
    seen_from: String,
}

/// Carries out the job that `begin` creates, on the node of these options.
///
/// # Errors
///
/// If the job cannot be carried out, or something it requires does not respond.
pub(super) fn carry_out<J: Job>(
    options: &'static NodeOptions,
    exec: &'static ExecOptions,
    begin: impl Fn() -> Result<J, Failure> + Send + Sync + 'static,
) -> Result<ExitCode, Failure> {
    carry_out_beside(options, exec, begin, &|| ())
}

/// Like [`carry_out`]; meanwhile `beside` prepares data that the job needs later. It must be quick and must not ask the
/// system anything that may block.
///
/// # Errors
///
/// As for [`carry_out`].
pub(super) fn carry_out_beside<J: Job>(
    options: &'static NodeOptions,
    exec: &'static ExecOptions,
    begin: impl Fn() -> Result<J, Failure> + Send + Sync + 'static,
    beside: &dyn Fn(),
) -> Result<ExitCode, Failure> {
    carry_out_any(options, exec, Box::new(move || Ok(Box::new(begin()?))), beside)
}

/// Creates a job.
type Begin = dyn Fn() -> Result<Box<dyn Job>, Failure> + Send + Sync;

fn carry_out_any(
    options: &'static NodeOptions,
    exec: &'static ExecOptions,
    begin: Box<Begin>,
    beside: &dyn Fn(),
) -> Result<ExitCode, Failure> {
    reserve_descriptors();
    let watch = Watch::new(Limits::within(options.deadline()));
    // Leaked deliberately: threads stuck in a system call may still use it until the process exits.
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

/// Runs a subcommand that examines no node, but may read the user's files and write.
///
/// # Errors
///
/// If it cannot be carried out, or something it requires does not respond.
pub(super) fn without_node(
    act: impl Fn() -> Result<ExitCode, Failure> + Send + Sync + 'static,
) -> Result<ExitCode, Failure> {
    Watch::new(Limits::within(None)).run(act).map_err(|stuck| told(&stuck))?
}

/// How long printing the error may take, since standard error may have no reader.
const TELLING: Duration = Duration::from_secs(1);

/// Reports why there is no result, on a thread of its own: standard error itself may be stuck.
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
