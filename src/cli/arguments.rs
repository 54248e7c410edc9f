//! kube-assay's command line. Each subcommand keeps its options in its own file.

use std::ffi::{OsStr, OsString};
use std::mem::ManuallyDrop;

use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use super::normalize_args::{KnownOptions, Normalized, normalize};
use super::options::Verbosity;
use super::{completions, demo, detect, explain, kube_bench, lint, list, record, report, run};

/// Checks a Kubernetes node against the CIS benchmarks
///
/// Without a subcommand it checks everything that applies to this node. It changes nothing and starts no process.
#[derive(Debug, Parser)]
#[command(
    name = "kube-assay",
    disable_version_flag = true,
    // As kube-bench has it: of an option that is given twice, the last counts.
    args_override_self = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    verbosity: Verbosity,
    /// Print the version of this program
    #[arg(short = 'V', long = "tool-version", global = true, action = ArgAction::SetTrue, hide_short_help = true, display_order = 902)]
    tool_version: bool,
}

/// What a command line asks for.
#[derive(Debug)]
pub(super) struct CommandLine {
    pub(super) command: Command,
    pub(super) verbosity: Verbosity,
}

// Only the subcommand that is called is built.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(super) enum Command {
    /// Check this node (the default)
    Run(Box<run::RunOptions>),
    /// Show the detected platform, version and targets, and what would be run
    Detect(Box<detect::DetectOptions>),
    /// Check a recorded EKS Anywhere control plane that is built in
    Demo(Box<demo::DemoOptions>),
    /// List benchmarks, targets, profiles or controls
    List(list::ListOptions),
    /// Explain a control: what it checks, why, and how to fix it
    Explain(explain::ExplainOptions),
    /// Check definitions of your own, or kube-bench's rule files with --config-dir
    Lint(lint::LintOptions),
    /// Convert a benchmark of --config-dir into definitions for --benchmarks-dir
    Convert(kube_bench::ConvertOptions),
    /// Print saved reports (--format native) in any format
    Report(report::Options),
    /// Record what the checks look at on this node, for --node elsewhere
    Record(Box<record::RecordOptions>),
    /// Print the version of this program
    Version,
    /// Print completions for a shell
    Completions(completions::CompletionsOptions),
}

/// A command line that is not carried out.
#[derive(Debug)]
pub(super) enum NotRun {
    /// Help was asked for.
    Help(String),
    /// The words are wrong, or ask for a help text that clap has printed itself.
    Said(clap::Error),
}

impl From<clap::Error> for NotRun {
    fn from(error: clap::Error) -> Self {
        Self::Said(error)
    }
}

impl CommandLine {
    /// Reads the words of a command line, the program's name first.
    ///
    /// # Errors
    ///
    /// Wrong usage, or a help text.
    pub(super) fn read(words: Vec<OsString>) -> Result<Self, NotRun> {
        // The command with its hundreds of options is of use once: the process gives it back when it ends.
        let known = ManuallyDrop::new(KnownOptions::new(usual, whole_command));
        let normalized = normalize(&known, words);
        let mut command = Arguments::command();
        if !names_a_subcommand(&normalized) {
            command = run::RunOptions::augment_args(command);
        }
        let mut command = ManuallyDrop::new(command);
        let matches = command.try_get_matches_from_mut(normalized.words());
        let matches = matches.map_err(|error| explained(error, &known, &normalized))?;
        let Arguments { command: named, verbosity, tool_version } = Arguments::from_arg_matches(&matches)?;
        let asked = match named {
            _ if tool_version => Command::Version,
            Some(named) => named,
            None => Command::Run(Box::new(run::RunOptions::from_arg_matches(&matches)?)),
        };
        let mut sound = verbosity.refuse_both();
        if let Command::Run(options) = &asked {
            sound = sound.and(options.compatibility.ignored.refuse_receivers());
        }
        sound.map_err(|text| command.error(ErrorKind::ArgumentConflict, text))?;
        Ok(Self { command: asked, verbosity })
    }
}

/// The whole command line, with all subcommands built.
pub(super) fn whole_command() -> clap::Command {
    let mut command = run::RunOptions::augment_args(Arguments::command());
    command.build();
    command
}

/// The options that most command lines have.
fn usual() -> clap::Command {
    run::RunOptions::augment_args(Verbosity::augment_args(clap::Command::new("usual")))
}

fn names_a_subcommand(normalized: &Normalized) -> bool {
    normalized.subcommand.as_ref().is_some_and(|name| name != "help" || !normalized.options.is_empty())
}

/// What clap says, put better where this program knows more.
fn explained(mut error: clap::Error, known: &KnownOptions, normalized: &Normalized) -> NotRun {
    match error.kind() {
        ErrorKind::DisplayHelp => return help(error, known.program(), normalized),
        ErrorKind::UnknownArgument => {
            let foreign = known.foreign(normalized);
            let subcommand = normalized.subcommand.as_ref().and_then(|name| known.program().find_subcommand(name));
            if let (false, Some(subcommand)) = (foreign.is_empty(), subcommand) {
                return NotRun::Said(
                    subcommand.clone().error(ErrorKind::UnknownArgument, lacking(subcommand, &foreign)),
                );
            }
        }
        _ => add_version_tip(&mut error),
    }
    NotRun::Said(error)
}

/// That a subcommand lacks options, and which have them.
fn lacking(subcommand: &clap::Command, foreign: &[(String, Vec<&str>)]) -> String {
    let name = subcommand.get_name();
    let has = |owners: &[&str]| match owners {
        [only] => format!("{only} has it"),
        [first @ .., last] => format!("{} and {last} have it", first.join(", ")),
        [] => String::new(),
    };
    let said = foreign.iter().map(|(option, owners)| format!("{option}: not an option of {name} ({})", has(owners)));
    said.collect::<Vec<_>>().join("; ")
}

/// The help text that was asked for: of `--help` and `help` everything, of `-h` one screen.
pub(super) fn help(short: clap::Error, program: &clap::Command, normalized: &Normalized) -> NotRun {
    let is_help_command = normalized.subcommand.as_deref() == Some(OsStr::new("help"));
    if !is_help_command && !normalized.options.iter().any(|word| word == "--help") {
        return NotRun::Said(short);
    }
    let name = if is_help_command { normalized.options.first() } else { normalized.subcommand.as_ref() };
    let command = name.and_then(|name| program.find_subcommand(name)).unwrap_or(program);
    // A line or two for each option, where clap's long form would take three.
    let mut full = command.clone().mut_args(|arg| {
        let text = arg.get_long_help().or(arg.get_help()).cloned().map_or(Resettable::Reset, Resettable::Value);
        arg.help(text).long_help(Resettable::Reset).hide_short_help(false)
    });
    if let Some(about) = command.get_long_about().cloned() {
        full = full.about(about);
    }
    if let Some(notes) = command.get_after_long_help().cloned() {
        full = full.after_help(notes);
    }
    NotRun::Help(full.render_help().to_string())
}

/// Says how this program's version is asked for: --version is kube-bench's, of Kubernetes.
fn add_version_tip(error: &mut clap::Error) {
    let is_version =
        |value: &ContextValue| matches!(value, ContextValue::String(option) if option.starts_with("--version "));
    let lacks_value =
        matches!(error.get(ContextKind::InvalidValue), Some(ContextValue::String(value)) if value.is_empty());
    if lacks_value && error.get(ContextKind::InvalidArg).is_some_and(is_version) {
        let tip = "this program's own version is printed by 'kube-assay version' and '-V'";
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
}
