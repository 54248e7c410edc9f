//! The command line: one file per subcommand, each with its own options, and kube-bench's command line.
//!
//! Exit codes: 0 for a completed run, whatever its findings; the number given with `--exit-code` if a check is FAIL; 1
//! if the run could not be carried out (an output that cannot be written, a root that cannot be opened or is not a
//! node, the processes of another node); 2 for wrong usage or invalid definitions, in which case nothing was checked.
//! As a drop-in replacement for kube-bench: 1 if the run could not be carried out or a definition is invalid, 255 for
//! wrong usage.

mod arguments;
#[cfg(feature = "cluster")]
mod cluster;
mod completions;
mod containment;
mod counted;
mod definitions;
mod demo;
mod detect;
mod explain;
mod failure;
mod kube_bench;
mod lint;
mod list;
mod normalize_args;
mod notice;
mod options;
mod output;
mod output_file;
mod phases;
mod record;
mod regular_file;
mod report;
mod run;
mod system_error;
mod target_node;
mod usage;

use std::process::ExitCode;

use crate::node::launch;

use arguments::{Command, CommandLine, NotRun};
use failure::Failure;
use kube_bench::Arguments as KubeBenchArguments;
use kube_bench::Command as KubeBenchCommand;
use options::Verbosity;

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    // The shipped binary cannot unwind its stack (build.rs), so panics are reported with their location but no
    // backtrace.
    #[cfg(panic = "abort")]
    std::panic::set_hook(Box::new(|panicked| {
        let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{panicked}\n"));
    }));
    let words: Vec<_> = std::env::args_os().collect();
    if let Some(done) = launch(&words) {
        return done;
    }
    if kube_bench::is_compatible(&words) {
        let done = match KubeBenchArguments::read(words) {
            Ok(arguments) => {
                containment::enter(containment::calls_of_run(&arguments.run));
                as_kube_bench(Box::leak(Box::new(arguments)))
            }
            Err(not_run) => not_run.told(KUBE_BENCH_USAGE),
        };
        return done.unwrap_or_else(|failure| {
            failure.print();
            ExitCode::from(Failure::SYSTEM)
        });
    }
    let done = match CommandLine::read(words) {
        Ok(line) => {
            // Leaked deliberately: threads stuck in a system call may still use it until the process exits.
            let CommandLine { command, verbosity } = Box::leak(Box::new(line));
            containment::enter(containment::calls_of(command));
            dispatch(command, verbosity)
        }
        Err(not_run) => not_run.told(Failure::USAGE),
    };
    done.unwrap_or_else(|failure| {
        failure.print();
        failure.code()
    })
}

/// kube-bench's exit code for wrong usage.
const KUBE_BENCH_USAGE: u8 = 255;

impl NotRun {
    /// Prints the help or the error; `wrong` is the exit code for wrong usage.
    fn told(self, wrong: u8) -> Result<ExitCode, Failure> {
        match self {
            Self::Help(text) => output::text(&text),
            Self::Said(error) => output::usage_or_help(&error, wrong),
        }
    }
}

fn dispatch(command: &'static Command, verbosity: &'static Verbosity) -> Result<ExitCode, Failure> {
    match command {
        Command::Run(options) => check(options, verbosity, false),
        Command::Detect(options) => detect::run(options),
        Command::Demo(options) => phases::without_node(move || demo::run(options, verbosity)),
        Command::List(options) => phases::without_node(move || list::run(options, verbosity)),
        Command::Explain(options) => phases::without_node(move || explain::run(options, verbosity)),
        Command::Lint(options) if options.is_of_rule_files() => phases::without_node(move || kube_bench::lint(options)),
        Command::Lint(options) => phases::without_node(move || lint::run(options, verbosity)),
        Command::Convert(options) => phases::without_node(move || kube_bench::convert(options, verbosity)),
        Command::Report(options) => phases::without_node(move || report::run(options, verbosity)),
        Command::Record(options) => record::run(options, verbosity),
        #[cfg(feature = "cluster")]
        Command::Cluster(options) => phases::without_node(move || cluster::run::run(options, verbosity)),
        #[cfg(feature = "cluster")]
        Command::WhoCan(options) => phases::without_node(move || cluster::who_can::run(options, verbosity)),
        #[cfg(feature = "cluster")]
        Command::PodSecurity(options) => phases::without_node(move || cluster::pod_security::run(options, verbosity)),
        #[cfg(feature = "cluster")]
        Command::AwsEvidenceCommands(options) => cluster::aws_evidence_commands::run(options),
        Command::Version => output::line(&version()),
        Command::Completions(options) => completions::run(options, arguments::whole_command(), "kube-assay"),
    }
}

/// Dispatches kube-bench's subcommands.
fn as_kube_bench(arguments: &'static KubeBenchArguments) -> Result<ExitCode, Failure> {
    match &arguments.command {
        _ if arguments.tool_version => output::line(&version()),
        // The bare number, as kube-bench prints its own version.
        Some(KubeBenchCommand::Version) => output::line(env!("CARGO_PKG_VERSION")),
        Some(KubeBenchCommand::Completions(options)) => {
            completions::run(options, kube_bench::whole_command(), arguments.called)
        }
        Some(KubeBenchCommand::Run | KubeBenchCommand::Master | KubeBenchCommand::Node) | None => {
            check(&arguments.run, &arguments.verbosity, arguments.runs_all())
        }
    }
}

/// Checks a node with rule files or the built-in benchmarks. With `all`, every target of the rule files is run.
fn check(options: &'static run::RunOptions, verbosity: &'static Verbosity, all: bool) -> Result<ExitCode, Failure> {
    if kube_bench::is_asked_for(options) {
        kube_bench::run(options, verbosity, all)
    } else {
        run::run(options, verbosity)
    }
}

fn version() -> String {
    format!("kube-assay {}", env!("CARGO_PKG_VERSION"))
}
