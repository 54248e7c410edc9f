//! `completions`: for shells.

use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use super::arguments::Arguments;
use super::failure::Failure;
use super::output;

/// Prints the completions of a shell, for the program under this name.
pub(super) fn run(shell: Shell, name: &'static str) -> Result<ExitCode, Failure> {
    let mut text = Vec::new();
    generate(shell, &mut Arguments::command().name(name), name, &mut text);
    output::text(&String::from_utf8_lossy(&text))
}
