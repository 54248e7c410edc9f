//! `list`: what there is.

use std::fmt::Write;
use std::process::ExitCode;

use crate::benchmark::{Control, Library, text};
use crate::definitions::Definitions;

use super::arguments::{Listed, Options};
use super::failure::Failure;
use super::{definitions, output};

/// Lists what was asked for, a line each.
pub(super) fn run(options: &Options, what: Listed) -> Result<ExitCode, Failure> {
    let definitions = definitions::of(options)?;
    let rows = match what {
        Listed::Benchmarks => benchmarks(&definitions.library),
        Listed::Targets => targets(&definitions.library),
        Listed::Profiles => profiles(&definitions),
        Listed::Controls => controls(&definitions.library),
    };
    output::text(&table(&rows))
}

fn benchmarks(library: &Library) -> Vec<Vec<String>> {
    library
        .oldest_first()
        .into_iter()
        .map(|benchmark| {
            let checks: usize =
                benchmark.targets.iter().flat_map(|target| &target.groups).map(|group| group.checks.len()).sum();
            let versions = benchmark.kubernetes.map_or_else(String::new, |range| {
                if range.from == range.to {
                    format!("Kubernetes {}", range.from)
                } else {
                    format!("Kubernetes {} to {}", range.from, range.to)
                }
            });
            vec![benchmark.name.clone(), versions, format!("{checks} checks"), benchmark.title.clone()]
        })
        .collect()
}

fn targets(library: &Library) -> Vec<Vec<String>> {
    library
        .oldest_first()
        .into_iter()
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

fn controls(library: &Library) -> Vec<Vec<String>> {
    library
        .controls
        .values()
        .map(|control| {
            let uses: Vec<String> = library
                .checks_of(&control.key)
                .into_iter()
                .map(|place| format!("{} {}", place.benchmark.name, place.check.id))
                .collect();
            // The uses come last: no title may have to be looked for beyond nineteen of them.
            vec![control.key.clone(), title(library, control), uses.join(", ")]
        })
        .collect()
}

/// The title as the newest benchmark that uses the control has it.
fn title(library: &Library, control: &Control) -> String {
    let newest = library.newest_check_of(&control.key);
    let with = newest.map(|numbered| control.with(&numbered.check.with));
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
