//! Launches the programs that the user allows. This program executes itself as a small launcher, which sets the limits
//! in its own process before it becomes or starts the program, so that the program cannot lift them.
//!
//! The limits are described in [`inside`]. If the launcher starts nothing, it reports why on its standard error, which
//! the program does not get.

mod inside;

use std::ffi::OsString;
use std::fmt;
use std::io::{self, PipeReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::time::Duration;

use super::errors::in_words;

pub use inside::launch;

/// The `argv[0]` with which this program acts as the launcher.
const NAME: &str = "kube-assay-launcher";

/// The maximum number of bytes that are read of a reason.
const MOST_BYTES: u64 = 4096;

/// The shell that runs audits.
pub(super) const SHELL: &str = "/bin/sh";

/// The executable that acts as the launcher: this program, wherever it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launcher {
    program: PathBuf,
}

impl Launcher {
    /// Uses the running program.
    pub fn own() -> Self {
        Self { program: "/proc/self/exe".into() }
    }

    /// Uses the program at this path, for other programs that use this library.
    pub fn at(program: &Path) -> Self {
        Self { program: program.to_owned() }
    }

    /// Returns a command that starts `what` within these bounds, and the source of the reason if it does not. It must
    /// be spawned on the thread that waits for it, since it is killed when that thread ends.
    pub(super) fn command(&self, what: &What, bounds: Bounds) -> io::Result<(Command, Refusal)> {
        let (reasons, to_reasons) = io::pipe()?;
        let task = Task { what: what.clone(), bounds, parent: process::id() };
        let mut command = Command::new(&self.program);
        command.arg0(NAME).args(task.words(Stage::Outer)).env_clear().stderr(to_reasons);
        Ok((command, Refusal(reasons)))
    }
}

/// What to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// The shell, with the launcher's standard input, and with its standard error joined to its standard output.
    Shell,
    /// The program that is the launcher's standard input, with `--version`; this is its `argv[0]`.
    Version(OsString),
}

/// Limits in addition to the launcher's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    /// The CPU time of each process.
    pub(super) time: Duration,
    /// The maximum size of a file that it writes, in bytes.
    pub(super) bytes: u64,
}

/// The source of the reason why nothing was started.
#[derive(Debug)]
pub(super) struct Refusal(PipeReader);

impl Refusal {
    /// Reads the reason, if there is one. Call it after the launcher has ended.
    pub(super) fn reason(self) -> Option<Refused> {
        let mut reason = Vec::new();
        // A reason that cannot be read is treated as missing.
        let _ = self.0.take(MOST_BYTES).read_to_end(&mut reason);
        Refused::read(String::from_utf8_lossy(&reason).trim())
    }
}

/// Why something was not started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    /// The `errno` of the system's refusal, or 0 if the system did not refuse it.
    pub(super) error: i32,
    /// The reason as text, without the program's name.
    pub(super) why: String,
}

impl Refused {
    /// The system cannot run it.
    fn by(error: &io::Error) -> Self {
        Self { error: error.raw_os_error().unwrap_or_default(), why: format!("cannot be run: {}", in_words(error)) }
    }

    /// It is not run because `what` is unavailable.
    fn because(what: &str, why: &str) -> Self {
        Self { error: 0, why: format!("not run: {what}: {why}") }
    }

    fn read(text: &str) -> Option<Self> {
        let (error, why) = text.split_once(' ').unwrap_or((text, text));
        match error.parse() {
            Ok(error) => Some(Self { error, why: why.to_owned() }),
            // The launcher's own error message.
            Err(_) => (!text.is_empty()).then(|| Self { error: 0, why: format!("not run: {text}") }),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.error, self.why)
    }
}

/// One of the launcher's two processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The one that this program starts.
    Outer,
    /// The first process of the PID namespace that the outer one creates.
    Inner,
}

/// The launcher's arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Task {
    what: What,
    bounds: Bounds,
    /// The PID of the process that waits for it.
    parent: u32,
}

impl Task {
    fn words(&self, stage: Stage) -> Vec<OsString> {
        let (what, called) = match &self.what {
            What::Shell => ("shell", OsString::from(SHELL)),
            What::Version(called) => ("version", called.clone()),
        };
        let stage = match stage {
            Stage::Outer => "outer",
            Stage::Inner => "inner",
        };
        let Bounds { time, bytes } = self.bounds;
        let numbers = [u64::from(self.parent), time.as_secs(), bytes].map(|number| number.to_string().into());
        [stage.into(), what.into(), called].into_iter().chain(numbers).collect()
    }

    /// Parses the arguments after the program's name.
    fn read(words: &[OsString]) -> Option<(Stage, Self)> {
        let [stage, what, called, parent, time, bytes] = words else { return None };
        let number = |word: &OsString| word.to_str()?.parse::<u64>().ok();
        let stage = match stage.to_str()? {
            "outer" => Stage::Outer,
            "inner" => Stage::Inner,
            _ => return None,
        };
        let what = match what.to_str()? {
            "shell" => What::Shell,
            "version" => What::Version(called.clone()),
            _ => return None,
        };
        let bounds = Bounds { time: Duration::from_secs(number(time)?), bytes: number(bytes)? };
        Some((stage, Self { what, bounds, parent: u32::try_from(number(parent)?).ok()? }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_read_as_it_was_written() {
        let bounds = Bounds { time: Duration::from_mins(1), bytes: 8 << 20 };
        for what in [What::Shell, What::Version("/usr/bin/kubelet".into()), What::Version("".into())] {
            for stage in [Stage::Outer, Stage::Inner] {
                let task = Task { what: what.clone(), bounds, parent: 77 };
                assert_eq!(Task::read(&task.words(stage)), Some((stage, task)));
            }
        }
        let mut words = Task { what: What::Shell, bounds, parent: 77 }.words(Stage::Outer);
        assert!(Task::read(&words[1..]).is_none());
        words[3] = "-1".into();
        assert!(Task::read(&words).is_none());
    }

    #[test]
    fn a_reason_is_read_as_it_was_written() {
        for refused in [Refused::by(&io::Error::from_raw_os_error(13)), Refused::because("its limits", "no such limit")]
        {
            assert_eq!(Refused::read(&refused.to_string()), Some(refused));
        }
        assert_eq!(Refused::by(&io::Error::from_raw_os_error(13)).to_string(), "13 cannot be run: permission denied");
        assert_eq!(Refused::read(""), None);
        let panicked = Refused::read("thread 'main' panicked").expect("a reason");
        assert_eq!(panicked.why, "not run: thread 'main' panicked");
    }
}
