//! kube-bench's command line: its subcommands and flags, as pflag reads them, and this program's options of a run.

use std::ffi::OsString;
use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::cli::arguments::{self, NotRun, help};
use crate::cli::normalize_args::{KnownOptions, go_bool, normalize};
use crate::cli::options::Verbosity;
use crate::cli::{completions, run};

/// The program that this one replaces.
const KUBE_BENCH: &str = "kube-bench";

/// Checks a Kubernetes node against the CIS benchmarks, as kube-bench does
///
/// Rule files are those of --config-dir, ./cfg or /etc/kube-bench/cfg; without any the built-in benchmarks are run.
#[derive(Debug, Parser)]
#[command(name = KUBE_BENCH, disable_version_flag = true, args_override_self = true)]
pub(in crate::cli) struct Arguments {
    #[command(subcommand)]
    pub(in crate::cli) command: Option<Command>,
    #[command(flatten)]
    pub(in crate::cli) run: run::RunOptions,
    #[command(flatten)]
    pub(in crate::cli) verbosity: Verbosity,
    /// Print the version of this program
    #[arg(short = 'V', long = "tool-version", hide_short_help = true, display_order = 902)]
    tool_version: bool,
    /// The name that the program was called by.
    #[arg(skip = KUBE_BENCH)]
    pub(in crate::cli) called: &'static str,
}

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(in crate::cli) enum Command {
    /// Run the checks of all targets, or of those that --targets names
    Run,
    /// Run the checks for control plane nodes, as run --targets master does
    Master,
    /// Run the checks for workers, as run --targets node does
    Node,
    /// Print the version of this program
    Version,
    /// Print completions for a shell
    #[command(alias = "completion")]
    Completions(completions::CompletionsOptions),
}

/// Whether these words, the program's name first, ask for kube-bench's behaviour, be they understood or not.
pub(in crate::cli) fn is_compatible(words: &[OsString]) -> bool {
    has_its_name(words)
        || words
            .iter()
            .filter_map(|word| word.to_str()?.strip_prefix("--compat"))
            .any(|rest| rest.is_empty() || rest.strip_prefix('=').and_then(go_bool) == Some(true))
}

fn has_its_name(words: &[OsString]) -> bool {
    words.first().is_some_and(|program| Path::new(program).file_name().is_some_and(|name| name == KUBE_BENCH))
}

impl Arguments {
    /// Reads the words of a command line, the program's name first.
    ///
    /// # Errors
    ///
    /// Wrong usage, or a help text.
    pub(in crate::cli) fn read(words: Vec<OsString>) -> Result<Self, NotRun> {
        let called = if has_its_name(&words) { KUBE_BENCH } else { "kube-assay" };
        let known = KnownOptions::new(command, whole_command).with_either_dash();
        let normalized = normalize(&known, words);
        let mut command = command();
        if called != KUBE_BENCH {
            command = command.name("kube-assay --compat").bin_name("kube-assay --compat");
        }
        let matches = command.try_get_matches_from_mut(normalized.words()).map_err(|error| match error.kind() {
            ErrorKind::DisplayHelp => help(error, known.program(), &normalized),
            ErrorKind::InvalidSubcommand => NotRun::Said(told_of_kube_assay(error, &command)),
            _ => NotRun::Said(error),
        })?;
        let mut arguments = Self::from_arg_matches(&matches)?;
        let sound = arguments.verbosity.refuse_both();
        let sound = sound.and(arguments.run.compatibility.ignored.refuse_receivers());
        sound.map_err(|text| command.error(ErrorKind::ArgumentConflict, text))?;
        arguments.run.compatibility.compat = true;
        arguments.called = called;
        if arguments.tool_version {
            arguments.command = Some(Command::Version);
        }
        match arguments.command {
            Some(Command::Master) => arguments.run.targets.targets = vec!["master".to_owned()],
            Some(Command::Node) => arguments.run.targets.targets = vec!["node".to_owned()],
            _ => {}
        }
        Ok(arguments)
    }

    /// Whether all targets are run where none is named.
    pub(in crate::cli) fn runs_all(&self) -> bool {
        matches!(self.command, Some(Command::Run))
    }
}

/// The command line; every flag may stand before and after every subcommand.
fn command() -> clap::Command {
    Arguments::command().mut_args(|arg| arg.global(true))
}

/// The whole command line, with all subcommands built.
pub(in crate::cli) fn whole_command() -> clap::Command {
    let mut command = command();
    command.build();
    command
}

/// Names the program that has a subcommand which kube-bench lacks.
fn told_of_kube_assay(error: clap::Error, command: &clap::Command) -> clap::Error {
    let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidSubcommand) else { return error };
    if arguments::whole_command().find_subcommand(name).is_none() {
        return error;
    }
    let text = format!("{name}: not a subcommand of kube-bench (run kube-assay {name}, without --compat)");
    command.clone().error(ErrorKind::InvalidSubcommand, text)
}
