//! kube-assay's command line. The options of each subcommand are in the file of that subcommand.

use std::ffi::{OsStr, OsString};

use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::embedded;
use crate::report::wrap::narrow;
use crate::run::{Kind, controls_called, controls_near, kind_of};

#[cfg(feature = "cluster")]
use super::cluster;
use super::normalize_args::{DEFAULT, KnownOptions, Normalized, normalize};
use super::options::Verbosity;
use super::usage::{advice, harmless, shown};
use super::{completions, demo, detect, explain, kube_bench, lint, list, output, record, report, run};

/// Checks a Kubernetes node against the CIS benchmarks
///
/// Without a subcommand it checks everything that applies to this node. It changes nothing and starts no process.
#[derive(Debug, Parser)]
#[command(
    name = "kube-assay",
    disable_version_flag = true,
    // As in kube-bench: the last occurrence of a repeated option counts.
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

/// A parsed command line.
#[derive(Debug)]
pub(super) struct CommandLine {
    pub(super) command: Command,
    pub(super) verbosity: Verbosity,
}

// Builds only the subcommand that is called.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(super) enum Command {
    /// Check this node (the default)
    Run(Box<run::RunOptions>),
    /// Show the detected platform, version, targets and benchmark
    Detect(Box<detect::DetectOptions>),
    /// Check a built-in recording of an EKS Anywhere control plane
    Demo(Box<demo::DemoOptions>),
    /// List benchmarks, targets, profiles or controls
    List(list::ListOptions),
    /// Explain a control: what it checks, why, and how to fix it
    Explain(explain::ExplainOptions),
    /// Check your own definitions, or kube-bench rule files
    Lint(lint::LintOptions),
    /// Convert a kube-bench benchmark into custom rules
    Convert(kube_bench::ConvertOptions),
    /// Print saved reports (--format native) in any format
    Report(report::Options),
    /// Record what the checks read on this node, for use with --node
    Record(Box<record::RecordOptions>),
    /// Check a cluster by its objects, without its nodes
    #[cfg(feature = "cluster")]
    Cluster(Box<cluster::run::ClusterRunOptions>),
    /// List who may do something in a cluster, and why
    #[cfg(feature = "cluster")]
    WhoCan(Box<cluster::who_can::WhoCanOptions>),
    /// List how pods violate the Pod Security Standards
    #[cfg(feature = "cluster")]
    PodSecurity(Box<cluster::pod_security::PodSecurityOptions>),
    /// Print the script that collects AWS evidence for a cluster
    // Hidden because the list of commands is long enough; the help of --aws-evidence names it.
    #[cfg(feature = "cluster")]
    #[command(hide = true)]
    AwsEvidenceCommands(cluster::aws_evidence_commands::AwsEvidenceCommandsOptions),
    /// Print the version of this program
    Version,
    /// Print completions for a shell
    Completions(completions::CompletionsOptions),
}

/// A command line that runs no subcommand.
#[derive(Debug)]
pub(super) enum NotRun {
    /// Help was requested.
    Help(String),
    /// Wrong usage, or a help text that clap renders itself.
    Said(clap::Error),
}

impl From<clap::Error> for NotRun {
    fn from(error: clap::Error) -> Self {
        Self::Said(error)
    }
}

impl CommandLine {
    /// Parses the words of a command line, the program's name first.
    ///
    /// # Errors
    ///
    /// If the usage is wrong, or help was requested.
    pub(super) fn read(words: Vec<OsString>) -> Result<Self, NotRun> {
        // Freed at the end, so that the definitions take its memory: fresh pages would take longer than freeing it.
        let known = KnownOptions::new(usual, whole_command);
        let normalized = normalize(&known, words);
        let mut command = Arguments::command();
        if !names_a_subcommand(&normalized) {
            command = run::RunOptions::augment_args(command);
        }
        let mut matches = command.try_get_matches_from_mut(normalized.words());
        if let Err(error) = &matches
            && error.kind() == ErrorKind::UnknownArgument
            && let Some(with_names) =
                flags_as_names(&known, &normalized, error.get(ContextKind::SuggestedArg).is_some())
        {
            matches = command.try_get_matches_from_mut(with_names.words());
        }
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

/// Returns the complete command, with all subcommands built.
pub(super) fn whole_command() -> clap::Command {
    let mut command = run::RunOptions::augment_args(Arguments::command());
    command.build();
    command
}

/// Returns a command with the options that most command lines use.
fn usual() -> clap::Command {
    run::RunOptions::augment_args(Verbosity::augment_args(clap::Command::new("usual")))
}

fn names_a_subcommand(normalized: &Normalized) -> bool {
    normalized.subcommand.as_ref().is_some_and(|name| name != "help" || !normalized.options.is_empty())
}

/// Moves the component flags that `explain` is asked about behind `--`, so that they are read as names. None if there
/// are no such flags. A misspelt flag counts as one unless it is `like_option`.
fn flags_as_names(known: &KnownOptions, normalized: &Normalized, like_option: bool) -> Option<Normalized> {
    if normalized.subcommand.as_deref() != Some(OsStr::new("explain")) {
        return None;
    }
    let definitions = embedded::shared();
    let library = &definitions.library;
    let is_flag = |word: &str| {
        let is_near = || !like_option && !controls_near(library, word).is_empty();
        word.starts_with("--") && (!controls_called(library, word).is_empty() || is_near())
    };
    normalized.with_names(known, is_flag)
}

/// Replaces clap's error with a better explanation where this program has one.
fn explained(mut error: clap::Error, known: &KnownOptions, normalized: &Normalized) -> NotRun {
    match error.kind() {
        ErrorKind::DisplayHelp => return help(error, known.program(), normalized),
        ErrorKind::UnknownArgument => {
            let name = normalized.subcommand.as_deref().unwrap_or(OsStr::new(DEFAULT));
            let Some(subcommand) = known.program().find_subcommand(name) else { return NotRun::Said(harmless(error)) };
            let foreign = known.foreign(normalized);
            let text = match (foreign.as_slice(), error.get(ContextKind::InvalidArg)) {
                ([], Some(ContextValue::String(typed))) if typed.starts_with('-') => {
                    let option = typed.split_once('=').map_or(typed.as_str(), |(name, _)| name);
                    let hint = |hint| format!("{option}: not an option of {} ({hint})", subcommand.get_name());
                    advice(option).or_else(|| called_here(subcommand, option).map(hint))
                }
                ([], Some(ContextValue::String(typed))) => no_argument(subcommand, typed),
                ([], _) => None,
                (foreign, _) => Some(lacking(subcommand, foreign)),
            };
            if let Some(text) = text {
                return NotRun::Said(subcommand.clone().error(ErrorKind::UnknownArgument, text));
            }
        }
        ErrorKind::InvalidValue if normalized.subcommand.as_deref() == Some(OsStr::new("list")) => {
            if let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidValue)
                && kind_of(embedded::shared(), name) == Some(Kind::Benchmark)
            {
                let text = format!("{name}: is a benchmark (run kube-assay list controls --benchmark {name})");
                return NotRun::Said(known.program().clone().error(ErrorKind::InvalidValue, text));
            }
        }
        ErrorKind::InvalidSubcommand => {
            if let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidSubcommand)
                && let Some(text) = no_subcommand(name)
            {
                return NotRun::Said(known.program().clone().error(ErrorKind::InvalidSubcommand, text));
            }
        }
        _ => add_version_tip(&mut error),
    }
    NotRun::Said(harmless(error))
}

/// Explains that a name is not a subcommand, and which option takes it.
fn no_subcommand(name: &str) -> Option<String> {
    let definitions = embedded::shared();
    let kind = kind_of(definitions, name)?;
    let (is, option) = (kind.word(), kind.option());
    let explain = match kind {
        Kind::Check | Kind::Control => format!(", or run kube-assay explain {name}"),
        _ => String::new(),
    };
    Some(format!("{name}: not a subcommand, but a {is} (give {option} {name}{explain})"))
}

/// Explains that a subcommand takes no such argument, and which option does.
fn no_argument(subcommand: &clap::Command, typed: &str) -> Option<String> {
    let name = subcommand.get_name();
    let has = |long: &str| subcommand.get_arguments().any(|arg| arg.get_long() == Some(long));
    let shown = shown(typed);
    let instead = if let Some(kind) = kind_of(embedded::shared(), typed)
        && has(kind.option().trim_start_matches('-'))
    {
        format!("{} {shown}", kind.option())
    } else if has("cluster-name") {
        format!("--cluster-name {shown}")
    } else if !typed.contains(['.', '/']) {
        return None;
    } else if has("node") {
        format!("--node {shown} for a recorded node, or --root for a mounted one")
    } else if has("cluster-objects") {
        format!("--cluster-objects {shown} for kubectl's output, or --cluster for a recorded cluster")
    } else {
        return None;
    };
    Some(format!("{shown}: {name} takes no such argument (give {instead})"))
}

/// Returns the equivalent here of an option that other programs have.
fn called_here(subcommand: &clap::Command, option: &str) -> Option<&'static str> {
    let has = |long: &str| subcommand.get_arguments().any(|arg| arg.get_long() == Some(long));
    match option {
        "-f" | "--output-format" if has("format") => Some("use --format"),
        "-o" | "--file" | "--out" | "--output-file" if has("outputfile") => Some("use --outputfile FILE"),
        "--no-color" | "--no-colour" | "--color" | "--colour" => {
            Some("set NO_COLOR or CLICOLOR_FORCE in the environment")
        }
        "--severity" if has("level") => Some("use --level, --check, --group or --only to select checks"),
        "--cluster" if has("cluster-name") => Some("use --cluster-name"),
        _ => None,
    }
}

/// Explains that a subcommand lacks these options, and which subcommands have them.
fn lacking(subcommand: &clap::Command, foreign: &[(String, Vec<&str>)]) -> String {
    let name = subcommand.get_name();
    let has = |owners: &[&str]| match owners {
        [only] => format!("{only} has it"),
        [first @ .., last] => format!("available in {} and {last}", first.join(", ")),
        [] => String::new(),
    };
    let said = foreign.iter().map(|(option, owners)| {
        advice(option).unwrap_or_else(|| {
            let hint = called_here(subcommand, option).map_or_else(String::new, |hint| format!("; {hint}"));
            format!("{option}: not an option of {name} ({}{hint})", has(owners))
        })
    });
    said.collect::<Vec<_>>().join("; ")
}

/// Renders the requested help: everything for `--help` and `help`, one screen for `-h`.
pub(super) fn help(short: clap::Error, program: &clap::Command, normalized: &Normalized) -> NotRun {
    let is_help_command = normalized.subcommand.as_deref() == Some(OsStr::new("help"));
    let name = if is_help_command { normalized.options.first() } else { normalized.subcommand.as_ref() };
    // Requesting help for an unknown subcommand is an error.
    if short.exit_code() != 0 {
        return NotRun::Said(harmless(short));
    }
    let command = name.and_then(|name| program.find_subcommand(name)).unwrap_or(program);
    let mut shown = command.clone();
    if is_help_command || normalized.options.iter().any(|word| word == "--help") {
        // One or two lines per option; clap's long form would take three.
        shown = shown.mut_args(|arg| {
            let text = arg.get_long_help().or(arg.get_help()).cloned().map_or(Resettable::Reset, Resettable::Value);
            arg.help(text).long_help(Resettable::Reset).hide_short_help(false)
        });
        if let Some(about) = command.get_long_about().cloned() {
            shown = shown.about(about);
        }
        if let Some(notes) = command.get_after_long_help().cloned() {
            shown = shown.after_help(notes);
        }
    }
    NotRun::Help(match output::columns().filter(|columns| *columns < NARROW) {
        // Two columns of text would be too narrow to read.
        Some(columns) => narrow(&shown.term_width(0).render_help().to_string(), columns),
        None => shown.render_help().to_string(),
    })
}

/// The least terminal width at which options and their descriptions are printed side by side.
const NARROW: usize = 60;

/// Adds how to print this program's version: `--version` is kube-bench's option, for the version of Kubernetes.
fn add_version_tip(error: &mut clap::Error) {
    let is_version =
        |value: &ContextValue| matches!(value, ContextValue::String(option) if option.starts_with("--version "));
    let lacks_value =
        matches!(error.get(ContextKind::InvalidValue), Some(ContextValue::String(value)) if value.is_empty());
    if lacks_value && error.get(ContextKind::InvalidArg).is_some_and(is_version) {
        let tip = "'kube-assay version' and '-V' print the version of this program";
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
}
