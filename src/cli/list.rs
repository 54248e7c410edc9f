//! `list`: what there is.

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::anyhow;
use clap::{Args, ValueEnum};

use ::definitions::Definitions;
use ::definitions::benchmark::{Benchmark, Check, Control, Deferred, Library, text};

use super::failure::Failure;
use super::options::{BenchmarkOptions, DefinitionOptions, Verbosity};
use super::{definitions, output, run};

// The options of `list`.
#[derive(Debug, Args)]
pub(super) struct ListOptions {
    /// What to list
    #[arg(value_enum, default_value_t = Listed::Benchmarks)]
    what: Listed,
    #[command(flatten)]
    benchmark: BenchmarkOptions,
    #[command(flatten)]
    definitions: DefinitionOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Listed {
    Benchmarks,
    Targets,
    Profiles,
    Controls,
}

/// Lists what was asked for, a line each.
pub(super) fn run(options: &ListOptions, verbosity: &Verbosity) -> Result<ExitCode, Failure> {
    if options.what == Listed::Profiles
        && (options.benchmark.benchmark.is_some() || options.benchmark.version.is_some())
    {
        return Err(Failure::Usage(anyhow!(
            "--benchmark, --version: not options of list profiles, which lists all of them (leave them out)"
        )));
    }
    let definitions = definitions::of(&options.definitions)?;
    let library = &definitions.library;
    let only = run::chosen_benchmark(&options.benchmark.typed_choice()?, verbosity, library)?;
    let shown = || only.map_or_else(|| library.oldest_first(), |only| vec![only]);
    let rows = match options.what {
        Listed::Benchmarks => benchmarks(&shown()),
        Listed::Targets => targets(&shown()),
        Listed::Profiles => profiles(&definitions),
        Listed::Controls => controls(library, only),
    };
    output::text(&table(&rows))
}

fn benchmarks(shown: &[&Benchmark]) -> Vec<Vec<String>> {
    shown
        .iter()
        .map(|benchmark| {
            let versions = benchmark.kubernetes.map_or_else(String::new, |range| {
                if range.from == range.to {
                    format!("Kubernetes {}", range.from)
                } else {
                    format!("Kubernetes {} to {}", range.from, range.to)
                }
            });
            vec![benchmark.name.clone(), versions, format!("{} checks", benchmark.size), benchmark.title.clone()]
        })
        .collect()
}

fn targets(shown: &[&Benchmark]) -> Vec<Vec<String>> {
    shown
        .iter()
        .flat_map(|benchmark| {
            benchmark.targets.iter().map(|target| {
                let checks: usize = target.groups.iter().map(|group| group.checks.len()).sum();
                vec![
                    benchmark.name.clone(),
                    target.target.to_string(),
                    target.id.clone(),
                    format!("{checks} checks"),
                    target.title.clone(),
                ]
            })
        })
        .collect()
}

fn profiles(definitions: &Definitions) -> Vec<Vec<String>> {
    definitions.profiles.iter().map(|profile| vec![profile.name.clone(), profile.title.clone()]).collect()
}

/// The controls, or those that one benchmark uses as it does.
fn controls(library: &Library, only: Option<&Benchmark>) -> Vec<Vec<String>> {
    let row = |control: &Deferred<Control>| {
        let mut uses = library.checks_of(&control.key);
        uses.retain(|place| only.is_none_or(|only| only.name == place.benchmark.name));
        if uses.is_empty() && only.is_some() {
            return None;
        }
        // The title as the newest benchmark that uses the control has it.
        let newest = library.newest_check_of(&control.key).filter(|_| only.is_none());
        let title = title(control, newest.as_ref().or(uses.first()).map(|numbered| numbered.check));
        let uses: Vec<String> =
            uses.into_iter().map(|place| format!("{} {}", place.benchmark.name, place.check.id)).collect();
        // The uses come last: no title may have to be looked for beyond nineteen of them.
        Some(vec![control.key.clone(), title, uses.join(", ")])
    };
    library.controls.values().filter_map(row).collect()
}

/// The title as a check has it.
fn title(control: &Control, check: Option<&Check>) -> String {
    let with = check.map(|check| control.with(&check.with));
    let control = with.as_ref().unwrap_or(control);
    text::render(&control.title, &control.parameters, &text::Paths::new()).into_owned()
}

/// Columns side by side, the last as long as it is.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0))
        .collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    text
}
