//! `explain`: all there is to say of a control, as text.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::process::ExitCode;

use clap::Args;

use crate::run::RequestError;
use ::definitions::benchmark::Library;

use super::failure::Failure;
use super::options::{BenchmarkOptions, DefinitionOptions, Verbosity};
use super::{definitions, output, run};
use crate::explanation::{Explanation, Number};
use crate::report::wrap::wrapped;

// The options of `explain`.
#[derive(Debug, Args)]
pub(super) struct ExplainOptions {
    /// A number (1.2.1) or a control (apiserver/anonymous-auth)
    name: String,
    #[command(flatten)]
    benchmark: BenchmarkOptions,
    #[command(flatten)]
    definitions: DefinitionOptions,
}

/// How wide the page is at most, in characters; a word that is wider stays whole.
const WIDTH: usize = 100;

/// Explains a control, or every control that bears a number (in one benchmark, where one is chosen).
pub(super) fn run(options: &ExplainOptions, verbosity: &Verbosity) -> Result<ExitCode, Failure> {
    let definitions = definitions::of(&options.definitions)?;
    let library = &definitions.library;
    let only = run::chosen_benchmark(&options.benchmark.choice()?, verbosity, library)?
        .map(|benchmark| benchmark.name.as_str());
    let mut page = String::new();
    for key in keys(library, only, &options.name)? {
        if let Some(control) = library.control(&key) {
            if !page.is_empty() {
                page.push('\n');
            }
            print(&mut page, &Explanation::of(library, control, only));
        }
    }
    output::text(&page)
}

/// The controls that a name stands for: its own, or those that bear it as a number.
fn keys(library: &Library, only: Option<&str>, name: &str) -> Result<BTreeSet<String>, Failure> {
    let checks = || {
        let chosen = library.oldest_first().into_iter().filter(|found| only.is_none_or(|only| only == found.name));
        chosen.flat_map(|benchmark| benchmark.checks().map(|(_, check)| check))
    };
    let mut keys: BTreeSet<String> =
        checks().filter(|check| check.id == name || check.control == name).map(|check| check.control.clone()).collect();
    if keys.is_empty() {
        if library.control(name).is_none() {
            let known = checks().flat_map(|check| [check.id.clone(), check.control.clone()]).collect();
            return Err(Failure::usage(RequestError::Unknown {
                kind: "control or number",
                name: name.to_owned(),
                within: only.map(str::to_owned),
                known,
            }));
        }
        keys.insert(name.to_owned());
    }
    Ok(keys)
}

fn print(page: &mut String, told: &Explanation) {
    paragraph(page, ["", ""], &told.key);
    paragraph(page, ["", ""], &told.title);
    paragraph(page, ["", ""], &format!("severity: {}", told.severity));
    prose(page, "why", Some(&told.rationale));
    prose(page, "looked at", told.looked_at.as_ref());
    let exempt = told.exempt.as_ref().map(|exempt| format!("{}: {}", exempt.platforms, exempt.because));
    prose(page, "not applicable on", exempt.as_ref());
    prose(page, "review", told.review.as_ref());
    let differs = told.expected.len() > 1;
    let expected = told.expected.iter().map(|expected| {
        let who = if differs { format!(" ({})", expected.benchmarks.join(", ")) } else { String::new() };
        format!("{}{who}", expected.words)
    });
    list(page, "expected", expected);
    let accepted =
        told.accepted.iter().map(|accepted| format!("{}: {}", accepted.item, accepted.benchmarks.join(", ")));
    list(page, "accepted", accepted);
    list(page, "default", told.defaults.iter().map(|default| format!("{}: {}", default.flag, default.meaning)));
    prose(page, "remediation", Some(&told.remediation));
    for other in &told.on_platforms {
        prose(page, &format!("remediation on {}", other.platforms), Some(&other.text));
    }
    list(page, "numbers", told.numbers.iter().map(number));
    list(page, "references", told.references.iter().cloned());
}

fn number(number: &Number) -> String {
    let Number { benchmark, id, target, assessment, level, scored, source } = number;
    let level = level.map_or_else(String::new, |level| format!(", level {level}"));
    let scored = if *scored { "scored" } else { "not scored" };
    format!("{benchmark} {id} ({target}, {assessment}{level}, {scored}): {source}")
}

/// A head and its text; nothing where there is none.
fn prose(page: &mut String, head: &str, text: Option<&String>) {
    if let Some(text) = text {
        let _ = writeln!(page, "\n{head}");
        paragraph(page, ["  ", "  "], text);
    }
}

/// A head and its items; nothing where there are none.
fn list(page: &mut String, head: &str, items: impl IntoIterator<Item = String>) {
    let mut items = items.into_iter().peekable();
    if items.peek().is_some() {
        let _ = writeln!(page, "\n{head}");
    }
    for item in items {
        // What goes on is set in deeper, so that the items stay apart.
        paragraph(page, ["  ", "    "], &item);
    }
}

/// Writes a text with these indents: of its first line, and of the others.
fn paragraph(page: &mut String, indents: [&str; 2], text: &str) {
    let [first, next] = indents;
    for (number, line) in wrapped(text, WIDTH - next.len()).iter().enumerate() {
        let indent = if number == 0 { first } else { next };
        // Writing to a String cannot fail.
        let _ = writeln!(page, "{indent}{line}");
    }
}
