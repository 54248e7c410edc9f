//! The command line: what was typed, what it means, and one file a subcommand.
//!
//! Exit codes: 0, whatever was found; the number of `--exit-code` where a check is FAIL; 1 where the run could not be
//! carried out (an output that cannot be written, a root that cannot be opened or is no node, processes that are not that
//! node's); 2 where what was typed or a definition is wrong, and then nothing was audited. In the place of kube-bench: 1 where it could not be carried out or a definition is
//! wrong, 255 where what was typed is.

mod arguments;
mod completions;
mod definitions;
mod demo;
mod detect;
mod elsewhere;
mod explain;
pub mod explanation;
mod failure;
mod heeded;
mod kube_bench;
mod lint;
mod list;
mod notice;
mod output;
mod record;
mod regular_file;
mod report;
mod run;
mod system_error;
mod target_node;
mod typed;
pub mod wrap;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use failure::Failure;

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    let compatible = arguments::is_compatible(&words);
    let done = match Arguments::read(words) {
        Ok(arguments) => dispatch(arguments),
        Err(error) => output::usage_or_help(&error, if compatible { KUBE_BENCH_USAGE } else { Failure::USAGE }),
    };
    done.unwrap_or_else(|failure| {
        failure.print();
        if compatible { ExitCode::from(Failure::SYSTEM) } else { failure.code() }
    })
}

/// kube-bench's exit code for wrong usage.
const KUBE_BENCH_USAGE: u8 = 255;

fn dispatch(arguments: Arguments) -> Result<ExitCode, Failure> {
    let Arguments { command, options, tool_version, called } = arguments;
    if tool_version {
        return output::line(&version());
    }
    let all_targets = options.compat && matches!(command, Some(Command::Run));
    let command = command.unwrap_or(Command::Run);
    kube_bench::refuse(&options, &command)?;
    if !matches!(command, Command::Version | Command::Completions { .. }) {
        options.refuse_both()?;
    }
    match command {
        Command::Run if kube_bench::is_asked_for(&options) => kube_bench::run(&options, all_targets),
        Command::Run if options.strict => Err(Failure::Usage(anyhow::anyhow!(
            "--strict: the built-in benchmarks are always strict (leave it out, or name rule files with --config-dir)"
        ))),
        Command::Run => run::run(&options),
        Command::Detect => detect::run(&options),
        Command::Demo => demo::run(&options),
        Command::List { what } => list::run(&options, what),
        Command::Explain { name } => explain::run(&options, &name),
        Command::Lint { directories } if kube_bench::is_named(&options) && directories.is_empty() => {
            kube_bench::lint(&options)
        }
        Command::Lint { directories } => lint::run(&options, &directories),
        Command::Convert { directory } => kube_bench::convert(&options, directory.as_deref()),
        Command::Report(arguments) => report::run(&options, &arguments),
        Command::Record { file } => record::run(&options, file.as_deref()),
        Command::Version => output::line(&version()),
        Command::Completions { shell } => completions::run(shell, called),
    }
}

fn version() -> String {
    format!("kube-assay {}", env!("CARGO_PKG_VERSION"))
}
