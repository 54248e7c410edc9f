//! `list`: lists benchmarks, targets, profiles and controls.

use std::process::ExitCode;

use anyhow::anyhow;
use clap::{Args, ValueEnum};
use serde::Serialize;

use ::definitions::Definitions;
use ::definitions::benchmark::{Benchmark, Check, Control, Library, text};

use crate::report::escape;
use crate::report::wrap::hanging;
use crate::run::title;

use super::failure::Failure;
use super::options::{BenchmarkOptions, DefinitionOptions, JsonOptions, Printed, Verbosity};
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
    json: JsonOptions,
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

/// Prints the requested list, one item per line.
pub(super) fn run(options: &ListOptions, verbosity: &Verbosity) -> Result<ExitCode, Failure> {
    if options.what == Listed::Profiles
        && (options.benchmark.benchmark.is_some() || options.benchmark.version.is_some())
    {
        return Err(Failure::Usage(anyhow!(
            "--benchmark, --version: not options of list profiles, which lists all of them (leave them out)"
        )));
    }
    let printed = options.json.printed()?;
    let definitions = definitions::of(&options.definitions)?;
    let only = run::chosen_benchmark(&options.benchmark.typed()?.choice()?, verbosity, definitions)?;
    let list = List::of(definitions, options.what, only);
    match printed {
        Printed::Text => output::text(&table(&list.rows(), output::columns())),
        Printed::Json | Printed::PrettyJson => output::data(&list, printed),
    }
}

/// The list, also serialized as JSON.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum List<'d> {
    Benchmarks(Vec<ListedBenchmark<'d>>),
    Targets(Vec<ListedTarget<'d>>),
    Profiles(Vec<ListedProfile<'d>>),
    Controls(Vec<ListedControl<'d>>),
}

#[derive(Serialize)]
struct ListedBenchmark<'d> {
    name: &'d str,
    title: &'d str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kubernetes: Option<Versions>,
    platforms: Vec<&'d str>,
    targets: Vec<&'d str>,
    checks: usize,
}

/// The Kubernetes versions that a benchmark covers.
#[derive(Serialize)]
struct Versions {
    from: String,
    to: String,
}

#[derive(Serialize)]
struct ListedTarget<'d> {
    benchmark: &'d str,
    target: &'d str,
    id: &'d str,
    title: &'d str,
    checks: usize,
}

#[derive(Serialize)]
struct ListedProfile<'d> {
    name: &'d str,
    title: &'d str,
    #[serde(skip_serializing_if = "Option::is_none")]
    benchmark: Option<&'d str>,
    platforms: Vec<&'d str>,
}

#[derive(Serialize)]
struct ListedControl<'d> {
    key: &'d str,
    title: String,
    severity: &'d str,
    checks: Vec<ListedCheck<'d>>,
}

/// A check of a benchmark that uses a control.
#[derive(Serialize)]
struct ListedCheck<'d> {
    benchmark: &'d str,
    id: &'d str,
    target: &'d str,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<u8>,
}

impl<'d> List<'d> {
    /// Collects the items of all benchmarks, or of one.
    fn of(definitions: &'d Definitions, what: Listed, only: Option<&'d Benchmark>) -> Self {
        let library = &definitions.library;
        let shown = || only.map_or_else(|| library.oldest_first(), |only| vec![only]);
        match what {
            Listed::Benchmarks => Self::Benchmarks(shown().into_iter().map(benchmark).collect()),
            Listed::Targets => Self::Targets(shown().into_iter().flat_map(targets).collect()),
            Listed::Profiles => {
                let profile = |profile: &'d ::definitions::profile::Profile| ListedProfile {
                    name: &profile.name,
                    title: &profile.title,
                    benchmark: profile.benchmark.as_deref(),
                    platforms: profile.platforms.iter().map(|platform| platform.name()).collect(),
                };
                Self::Profiles(definitions.profiles.iter().map(profile).collect())
            }
            Listed::Controls => Self::Controls(controls(library, only)),
        }
    }

    /// Formats the items as rows of a table.
    fn rows(&self) -> Vec<Vec<String>> {
        let checks = |checks: usize| format!("{checks} checks");
        match self {
            Self::Benchmarks(benchmarks) => benchmarks
                .iter()
                .map(|benchmark| {
                    let versions = benchmark.kubernetes.as_ref().map_or_else(String::new, |versions| {
                        if versions.from == versions.to {
                            format!("Kubernetes {}", versions.from)
                        } else {
                            format!("Kubernetes {} to {}", versions.from, versions.to)
                        }
                    });
                    vec![benchmark.name.to_owned(), versions, checks(benchmark.checks), benchmark.title.to_owned()]
                })
                .collect(),
            Self::Targets(targets) => targets
                .iter()
                .map(|target| {
                    let cells = [target.benchmark, target.target, target.id, &checks(target.checks), target.title];
                    cells.map(str::to_owned).to_vec()
                })
                .collect(),
            Self::Profiles(profiles) => {
                profiles.iter().map(|profile| vec![profile.name.to_owned(), profile.title.to_owned()]).collect()
            }
            Self::Controls(controls) => controls
                .iter()
                .map(|control| {
                    let numbered = |ListedCheck { benchmark, id, level, .. }: &ListedCheck<'_>| {
                        let level = level.map_or_else(String::new, |level| format!(" L{level}"));
                        format!("{benchmark} {id}{level}")
                    };
                    let uses: Vec<String> = control.checks.iter().map(numbered).collect();
                    // The uses come last: a title would be lost behind nineteen of them.
                    vec![control.key.to_owned(), control.severity.to_owned(), control.title.clone(), uses.join(", ")]
                })
                .collect(),
        }
    }
}

fn benchmark(benchmark: &Benchmark) -> ListedBenchmark<'_> {
    ListedBenchmark {
        name: &benchmark.name,
        title: &benchmark.title,
        kubernetes: benchmark
            .kubernetes
            .map(|range| Versions { from: range.from.to_string(), to: range.to.to_string() }),
        platforms: benchmark.platforms.iter().map(|platform| platform.name()).collect(),
        targets: benchmark.targets.iter().map(|index| index.target.name()).collect(),
        checks: benchmark.size,
    }
}

fn targets(benchmark: &Benchmark) -> impl Iterator<Item = ListedTarget<'_>> {
    benchmark.targets.iter().map(|index| ListedTarget {
        benchmark: &benchmark.name,
        target: index.target.name(),
        id: &index.id,
        title: &index.title,
        checks: index.groups.iter().map(|group| group.checks.len()).sum(),
    })
}

/// Returns all controls, or those that one benchmark uses, with its parameters.
fn controls<'d>(library: &'d Library, only: Option<&Benchmark>) -> Vec<ListedControl<'d>> {
    let listed = |control: &'d Control| {
        let mut uses = library.checks_of(&control.key);
        uses.retain(|place| only.is_none_or(|only| only.name == place.benchmark.name));
        if uses.is_empty() && only.is_some() {
            return None;
        }
        let title = match (only, uses.first()) {
            (Some(_), Some(place)) => title_in(control, place.check),
            _ => title(library, control),
        };
        let check = |place: &::definitions::benchmark::Numbered<'d>| ListedCheck {
            benchmark: &place.benchmark.name,
            id: &place.check.id,
            target: place.target.name(),
            level: place.benchmark.level_of(place.check, control),
        };
        let checks = uses.iter().map(check).collect();
        Some(ListedControl { key: &control.key, title, severity: control.severity.name(), checks })
    };
    library.controls.values().filter_map(|control| listed(control)).collect()
}

/// Returns the title with a check's parameters.
fn title_in(control: &Control, check: &Check) -> String {
    let control = control.with(&check.with);
    text::render(&control.title, &control.parameters, &text::Paths::new()).into_owned()
}

/// The least width, in characters, of the last column beside the others.
const LEAST: usize = 16;

/// Formats rows as aligned columns. On a narrow terminal the last column is wrapped, or the other columns are printed
/// below the first, indented.
fn table(rows: &[Vec<String>], width: Option<usize>) -> String {
    // Definitions may come from a third party.
    let one_line = |cell: &String| escape::line(cell).into_owned();
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(one_line).collect()).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0))
        .collect();
    let before_last: usize = widths.iter().rev().skip(1).map(|width| width + 2).sum();
    let mut text = String::new();
    for row in &rows {
        let line =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect::<Vec<_>>().join("  ");
        match width {
            Some(width) if before_last + LEAST <= width => {
                text.push_str(&hanging(line.trim_end(), [0, before_last], width));
            }
            Some(width) => {
                // The first column on a line of its own, the others below it.
                let (first, others) =
                    row.split_first().map_or(("", &[][..]), |(first, others)| (first.as_str(), others));
                text.push_str(&hanging(first, [0, 4], width));
                for cell in others.iter().filter(|cell| !cell.is_empty()) {
                    text.push_str(&hanging(cell, [2, 4], width));
                }
            }
            None => {
                text.push_str(line.trim_end());
                text.push('\n');
            }
        }
    }
    text
}
