//! kube-bench's command line: its subcommands and flags, parsed as pflag does, and this program's options of a run.

use std::ffi::OsString;
use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::cli::arguments::{self, NotRun, help};
use crate::cli::normalize_args::{KnownOptions, go_bool, normalize};
use crate::cli::options::Verbosity;
use crate::cli::{completions, run, usage};
use crate::run::targets;

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
    #[command(flatten)]
    klog: KlogOptions,
    /// Print the version of this program
    #[arg(short = 'V', long = "tool-version", hide_short_help = true, display_order = 902)]
    pub(in crate::cli) tool_version: bool,
    /// The name that the program was called by.
    #[arg(skip = KUBE_BENCH)]
    pub(in crate::cli) called: &'static str,
}

// Flags of klog that glog, kube-bench's logging library, lacks. Wrappers for Kubernetes' programs pass them; they have
// no effect.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "they are klog's switches")]
struct KlogOptions {
    #[arg(long = "log_file", hide = true, value_name = "FILE")]
    log_file: Option<String>,
    #[arg(long = "log_file_max_size", hide = true, value_name = "MB")]
    log_file_max_size: Option<String>,
    #[arg(long = "skip_headers", hide = true)]
    skip_headers: bool,
    #[arg(long = "skip_log_headers", hide = true)]
    skip_log_headers: bool,
    #[arg(long = "add_dir_header", hide = true)]
    add_dir_header: bool,
    #[arg(long = "one_output", hide = true)]
    one_output: bool,
}

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(in crate::cli) enum Command {
    /// Run the checks of all targets, or of those that --targets names
    Run,
    /// Run the checks for control planes (run --targets master)
    Master,
    /// Run the checks for workers (run --targets node)
    Node,
    /// Print the version of this program
    Version,
    /// Print completions for a shell
    #[command(alias = "completion")]
    Completions(completions::CompletionsOptions),
}

/// Whether these words, the program's name first, request kube-bench's behaviour, even if they are invalid otherwise.
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
    /// Parses the words of a command line, the program's name first.
    ///
    /// # Errors
    ///
    /// If the usage is wrong, or help was requested.
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
            _ => NotRun::Said(advised(error, &command)),
        })?;
        let mut arguments = Self::from_arg_matches(&matches)?;
        let mut sound = arguments.verbosity.refuse_both();
        let report = &mut arguments.run.report;
        // kube-bench's precedence: JUnit before JSON, and both before reports sent to a service.
        report.json &= !report.junit;
        let is_run = !matches!(arguments.command, Some(Command::Version | Command::Completions(_)));
        if is_run && !report.json && !report.junit {
            sound = sound.and(arguments.run.compatibility.ignored.refuse_receivers());
        }
        sound.map_err(|text| command.error(ErrorKind::ArgumentConflict, text))?;
        arguments.run.compatibility.compat = true;
        arguments.called = called;
        match arguments.command {
            Some(Command::Master) => arguments.run.targets.targets = vec!["master".to_owned()],
            Some(Command::Node) => arguments.run.targets.targets = vec!["node".to_owned()],
            _ => {}
        }
        Ok(arguments)
    }

    /// Whether all targets are run if none is named.
    pub(in crate::cli) fn runs_all(&self) -> bool {
        matches!(self.command, Some(Command::Run))
    }
}

/// Returns the command line; every flag may precede or follow every subcommand.
fn command() -> clap::Command {
    Arguments::command().mut_args(|arg| arg.global(true))
}

/// Returns the complete command line, with all subcommands built.
pub(in crate::cli) fn whole_command() -> clap::Command {
    let mut command = command();
    command.build();
    command
}

/// Adds to an error what to use instead of a name that belongs to an older kube-bench or to kube-assay.
fn advised(error: clap::Error, command: &clap::Command) -> clap::Error {
    let typed = |kind| match error.get(kind) {
        Some(ContextValue::String(typed)) => typed.as_str(),
        _ => "",
    };
    let advice = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let name = typed(ContextKind::InvalidSubcommand);
            let of_kube_assay = || {
                let known = arguments::whole_command().find_subcommand(name).is_some();
                known.then(|| format!("run kube-assay {name}, without --compat"))
            };
            let advice = of_old_subcommand(name).or_else(of_kube_assay);
            advice.map(|advice| format!("{name}: not a subcommand of kube-bench ({advice})"))
        }
        ErrorKind::UnknownArgument => of_argument(typed(ContextKind::InvalidArg)),
        _ => None,
    };
    match advice {
        Some(text) => command.clone().error(error.kind(), text),
        None => usage::harmless(error),
    }
}

/// Returns the replacement for a subcommand of an older release, or for a target given as a subcommand.
fn of_old_subcommand(name: &str) -> Option<String> {
    match name {
        "federated" => Some("removed together with federation; no benchmark covers it".to_owned()),
        "install" => Some("a command of its container image: copy the program and its rule files yourself".to_owned()),
        // kube-assay has a subcommand of this name, which is more likely meant than the target.
        "cluster" => None,
        _ => targets().any(|target| target == name).then(|| format!("use run --targets {name}")),
    }
}

/// Returns what to use instead of an unknown argument.
fn of_argument(typed: &str) -> Option<String> {
    let name = typed.split_once('=').map_or(typed, |(name, _)| name);
    match name {
        "-f" | "--file" => {
            Some(format!("{name}: no longer a flag of kube-bench (use --config-dir DIR and --targets NAME)"))
        }
        "--installation" => Some(
            "--installation: no longer a flag of kube-bench, which detects the installation (leave it out)".to_owned(),
        ),
        _ if targets().any(|target| target == name) => {
            Some(format!("{name}: not an argument, but a target (use --targets {name})"))
        }
        _ => {
            let long = name.strip_prefix("--")?;
            let owner = arguments::whole_command();
            let mut owners = owner.get_subcommands();
            let has_it = |command: &&clap::Command| command.get_arguments().any(|arg| arg.get_long() == Some(long));
            let owner = owners.find(has_it)?.get_name().to_owned();
            Some(format!("{name}: not a flag of kube-bench (run kube-assay {owner}, without --compat)"))
        }
    }
}
