//! `explain`: all there is to say of a control.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::process::ExitCode;

use crate::assay::{BENCHMARK, OrderError};
use crate::benchmark::{Audit, Check, Component, Control, Library, PlaceName, text};
use crate::evaluate::expectation_in_words;

use super::arguments::Options;
use super::failure::Failure;
use super::{definitions, output};

/// Explains a control, or every control that bears a number (in one benchmark, where one is chosen).
pub(super) fn run(options: &Options, name: &str) -> Result<ExitCode, Failure> {
    let definitions = definitions::of(options)?;
    let library = &definitions.library;
    if let Some(chosen) = &options.benchmark
        && !library.benchmarks.contains_key(chosen)
    {
        let known = library.oldest_first().into_iter().map(|benchmark| benchmark.name.clone()).collect();
        return Err(unknown(BENCHMARK, chosen, known));
    }
    let uses = uses(library, options.benchmark.as_deref());
    let keys: BTreeSet<&str> = uses
        .iter()
        .filter(|used| used.check.id == name || used.check.control == name)
        .map(|used| used.check.control.as_str())
        .collect();
    if keys.is_empty() && !library.controls.contains_key(name) {
        let known = uses.iter().flat_map(|used| [used.check.id.clone(), used.check.control.clone()]).collect();
        return Err(unknown("control or number", name, known));
    }
    let keys = if keys.is_empty() { BTreeSet::from([name]) } else { keys };
    let mut page = String::new();
    for key in keys {
        if let Some(control) = library.controls.get(key) {
            if !page.is_empty() {
                page.push('\n');
            }
            let of_control: Vec<&Use<'_>> = uses.iter().filter(|used| used.check.control == key).collect();
            // Of one benchmark alone, as that has it.
            let shown = match &options.benchmark {
                Some(_) => of_control.last().map(|used| used.check),
                None => library.newest_check_of(key).map(|numbered| numbered.check),
            };
            explain(&mut page, library, control, shown, &of_control);
        }
    }
    output::text(&page)
}

/// A check with the benchmark that has it.
struct Use<'a> {
    benchmark: &'a str,
    target: &'static str,
    check: &'a Check,
}

fn uses<'a>(library: &'a Library, only: Option<&str>) -> Vec<Use<'a>> {
    let mut uses = Vec::new();
    for benchmark in
        library.oldest_first().into_iter().filter(|benchmark| only.is_none_or(|only| only == benchmark.name))
    {
        for index in &benchmark.targets {
            for check in index.groups.iter().flat_map(|group| &group.checks) {
                uses.push(Use { benchmark: &benchmark.name, target: index.target.name(), check });
            }
        }
    }
    uses
}

fn unknown(kind: &'static str, name: &str, known: Vec<String>) -> Failure {
    Failure::usage(OrderError::Unknown { kind, name: name.to_owned(), within: None, known })
}

fn explain(page: &mut String, library: &Library, control: &Control, shown: Option<&Check>, uses: &[&Use<'_>]) {
    // Writing to a String cannot fail.
    let paths = usual_paths(library);
    let shown = shown.map_or_else(|| control.clone(), |check| control.with(&check.with));
    let title = text::render(&shown.title, &shown.parameters, &paths);
    let _ = writeln!(page, "{}\n{title}\n", control.key);
    let _ = writeln!(page, "why\n{}\n", indented(&control.rationale));
    let _ = writeln!(page, "looked at\n{}\n", indented(&looked_at(library, control)));
    let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for used in uses {
        let concrete = control.with(&used.check.with);
        let words = match &concrete.expect {
            Some(expectation) if used.check.evaluate => expectation_in_words(expectation),
            _ => control.review.clone().unwrap_or_else(|| "judged by a person".to_owned()),
        };
        expected.entry(words.trim().to_owned()).or_default().push(used.benchmark.to_owned());
    }
    let _ = writeln!(page, "expected");
    let differs = expected.len() > 1;
    for (words, benchmarks) in &expected {
        let who = if differs { format!(" ({})", benchmarks.join(", ")) } else { String::new() };
        let _ = writeln!(page, "{}", indented(&format!("{words}{who}")));
    }
    let remediation = text::render(&shown.remediation, &shown.parameters, &paths);
    let _ = writeln!(page, "\nto mend it\n{}\n", indented(&remediation));
    let _ = writeln!(page, "numbers");
    for used in uses {
        let check = used.check;
        let scored = if check.scored { "scored" } else { "not scored" };
        let _ = writeln!(
            page,
            "  {} {} ({}, {}, {scored})",
            used.benchmark,
            check.id,
            used.target,
            check.assessment.name()
        );
    }
    if !control.references.is_empty() {
        let _ = writeln!(page, "\nread on");
        for reference in &control.references {
            let _ = writeln!(page, "  {reference}");
        }
    }
}

fn looked_at(library: &Library, control: &Control) -> String {
    match &control.audit {
        Audit::Review => "nothing: only people can judge it".to_owned(),
        Audit::Settings { component } => {
            let component = library.components.get(component);
            let name = component.map_or("", |component| component.name.as_str());
            let file = component.and_then(|component| component.config.as_ref());
            let file = file.map_or_else(String::new, |config| format!(", and the file that {} names", config.flag));
            format!("the arguments of every {name} process of this node{file}")
        }
        Audit::Files { places, below, .. } => {
            let places: Vec<String> = places.iter().map(|place| place_in_words(library, place)).collect();
            let below = below.as_ref().map_or_else(String::new, |pattern| format!("{pattern} below "));
            format!("{below}{}", places.join("; "))
        }
    }
}

fn place_in_words(library: &Library, name: &PlaceName) -> String {
    let place =
        library.components.get(&name.component).and_then(|component: &Component| component.places.get(&name.place));
    let Some(place) = place else { return String::new() };
    let named: Vec<&str> =
        place.follow.iter().filter_map(|follow| follow.flag.as_deref().or(follow.key.as_deref())).collect();
    let mut ways = Vec::new();
    if !named.is_empty() {
        ways.push(format!("what {} names", named.join(" or ")));
    }
    if place.static_pod {
        ways.push("the manifest of the static pod that runs it".to_owned());
    }
    if !place.candidates.is_empty() {
        ways.push(place.candidates.join(", "));
    }
    ways.join(", or else ")
}

/// The first candidate of every place.
fn usual_paths(library: &Library) -> text::Paths {
    library
        .components
        .values()
        .map(|component| {
            let places = component
                .places
                .iter()
                .filter_map(|(name, place)| Some((name.clone(), place.candidates.first()?.clone())))
                .collect();
            (component.key.clone(), places)
        })
        .collect()
}

fn indented(text: &str) -> String {
    text.trim_end().lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
