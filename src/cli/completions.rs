//! `completions`: prints shell completions.

use std::process::ExitCode;

use clap::Args;
use clap_complete::{Shell, generate};

use super::failure::Failure;
use super::output;

// The options of `completions`.
#[derive(Debug, Args)]
pub(super) struct CompletionsOptions {
    /// Which shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints a shell's completions for `command` under this name.
pub(super) fn run(
    options: &CompletionsOptions,
    mut command: clap::Command,
    name: &'static str,
) -> Result<ExitCode, Failure> {
    let mut text = Vec::new();
    generate(options.shell, &mut command, name, &mut text);
    output::text(&String::from_utf8_lossy(&text))
}
