//! `explain`: prints everything about controls.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use crate::explanation::{Explanation, Number};
#[cfg(feature = "cluster")]
use crate::policies;
use crate::report::escape;
use crate::report::wrap::{VERBATIM, hanging};
use crate::run::{Kind, RequestError, TOLD, controls_called, controls_titled, kind_of};
use ::definitions::Definitions;
use ::definitions::benchmark::Library;

use super::failure::Failure;
use super::options::{BenchmarkOptions, DefinitionOptions, JsonOptions, Printed, Verbosity};
use super::{definitions, output, run};

// The options of `explain`.
#[derive(Debug, Args)]
pub(super) struct ExplainOptions {
    /// Numbers (1.2.1), controls (apiserver/anonymous-auth), flags or words of a title
    #[arg(required = true, value_name = "NAME")]
    #[arg(
        long_help = "What to explain: numbers (1.2.1), controls (apiserver/anonymous-auth, or anonymous-auth for those of \
                     every component), flags (--anonymous-auth), or words of a title"
    )]
    names: Vec<String>,
    #[command(flatten)]
    benchmark: BenchmarkOptions,
    #[command(flatten)]
    json: JsonOptions,
    #[command(flatten)]
    definitions: DefinitionOptions,
}

/// The maximum page width, in characters; a wider word is not broken.
const WIDTH: usize = 100;

/// Explains every control that the names refer to, as used by the chosen benchmark if there is one.
pub(super) fn run(options: &ExplainOptions, verbosity: &Verbosity) -> Result<ExitCode, Failure> {
    let printed = options.json.printed()?;
    let definitions = definitions::of(&options.definitions)?;
    let library = &definitions.library;
    let only = run::chosen_benchmark(&options.benchmark.choice()?, verbosity, definitions)?
        .map(|benchmark| benchmark.name.as_str());
    let keys = keys_of_all(definitions, only, &options.names).map_err(Failure::usage)?;
    let controls = keys.iter().filter_map(|key| library.control(key));
    let controls = controls.map(|control| Explanation::of(library, control, only)).collect();
    let explained = Explained { controls };
    if printed != Printed::Text {
        return output::data(&explained, printed);
    }
    let width = output::columns().map_or(WIDTH, |columns| columns.min(WIDTH));
    let mut page = Page { text: String::new(), width };
    for (number, control) in explained.controls.iter().enumerate() {
        if number > 0 {
            page.text.push('\n');
        }
        page.control(control);
    }
    output::text(&page.text)
}

/// The output, also serialized as JSON.
#[derive(Serialize)]
struct Explained {
    controls: Vec<Explanation>,
}

/// Returns the controls that the names refer to, without duplicates and in the order of the names.
fn keys_of_all(definitions: &Definitions, only: Option<&str>, names: &[String]) -> Result<Vec<String>, RequestError> {
    let (mut keys, mut known) = (Vec::new(), BTreeSet::new());
    let (mut mistakes, mut more) = (Vec::new(), 0);
    let mut seen = BTreeSet::new();
    for name in names.iter().filter(|name| seen.insert(*name)) {
        if mistakes.len() == TOLD {
            more += 1;
            continue;
        }
        match keys_of(definitions, only, name) {
            Ok(found) => keys.extend(found.into_iter().filter(|key| known.insert(key.clone()))),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    RequestError::refuse(mistakes, more)?;
    Ok(keys)
}

/// Returns the controls that a name refers to: the one with this key, those with this number or whose key ends with
/// this name, those that read this flag, or the only one with these words in its title.
fn keys_of(definitions: &Definitions, only: Option<&str>, name: &str) -> Result<Vec<String>, RequestError> {
    let library = &definitions.library;
    let keys = exactly(library, only, name);
    if !keys.is_empty() {
        return Ok(keys.into_iter().collect());
    }
    let used = used(library, only);
    let is_used = |key: &&str| only.is_none() || used.contains(key);
    let called: Vec<&str> = controls_called(library, name).into_iter().filter(is_used).collect();
    if !called.is_empty() {
        return Ok(called.into_iter().map(str::to_owned).collect());
    }
    if let [titled] = controls_titled(library, name).into_iter().filter(is_used).collect::<Vec<_>>().as_slice()
        && kind_of(definitions, name).is_none()
    {
        return Ok(vec![(*titled).to_owned()]);
    }
    Err(RequestError::unknown(Kind::ControlOrNumber, name, only, used, definitions))
}

/// Returns the control with this key, or those with this number.
fn exactly(library: &Library, only: Option<&str>, name: &str) -> BTreeSet<String> {
    let chosen = library.oldest_first().into_iter().filter(|found| only.is_none_or(|only| only == found.name));
    let checks = chosen.flat_map(|benchmark| benchmark.checks().map(|(_, check)| check));
    let keys: BTreeSet<String> = checks
        .filter(|check| check.id == name || check.control == name)
        .map(|check| check.control.to_string())
        .collect();
    if keys.is_empty() {
        return library.control(name).map(|control| control.key.to_string()).into_iter().collect();
    }
    keys
}

/// Returns the numbers and controls of all benchmarks, or of one.
fn used<'l>(library: &'l Library, only: Option<&str>) -> BTreeSet<&'l str> {
    let chosen = library.benchmarks.values().filter(|found| only.is_none_or(|only| only == found.name));
    let checks = chosen.flat_map(|benchmark| benchmark.checks().map(|(_, check)| check));
    checks.flat_map(|check| [check.id.as_str(), check.control.as_str()]).collect()
}

/// The text output, `width` columns wide.
struct Page {
    text: String,
    width: usize,
}

impl Page {
    fn control(&mut self, told: &Explanation) {
        self.paragraph([0, 0], &told.key);
        self.paragraph([0, 0], &told.title);
        self.paragraph([0, 0], &format!("severity: {}", told.severity));
        self.prose("why", Some(&told.rationale));
        self.prose("checks", told.looked_at.as_ref());
        let exempt = told.exempt.as_ref().map(|exempt| format!("{}: {}", exempt.platforms, exempt.because));
        self.prose("not applicable on", exempt.as_ref());
        self.prose("review", told.review.as_ref());
        self.prose("expected of the cluster's objects", told.expected_of_objects.as_ref());
        self.list("exempt there", exemptions_from(told));
        self.prose("expected of AWS", told.expected_of_aws.as_ref());
        let differs = told.expected.len() > 1;
        let expected = told.expected.iter().map(|expected| {
            let who = if differs { format!(" ({})", expected.benchmarks.join(", ")) } else { String::new() };
            format!("{}{who}", expected.words)
        });
        self.list("expected", expected);
        let accepted =
            told.accepted.iter().map(|accepted| format!("{}: {}", accepted.item, accepted.benchmarks.join(", ")));
        self.list("accepted", accepted);
        self.list("default", told.defaults.iter().map(|default| format!("{}: {}", default.flag, default.meaning)));
        self.prose("remediation", Some(&told.remediation));
        for other in &told.on_platforms {
            self.prose(&format!("remediation on {}", other.platforms), Some(&other.text));
        }
        self.list("numbers", told.numbers.iter().map(number));
        self.list("references", told.references.iter().cloned());
    }

    /// Writes a heading and its text, if there is one.
    fn prose(&mut self, head: &str, text: Option<&String>) {
        if let Some(text) = text {
            self.head(head);
            self.paragraph([2, 2], text);
        }
    }

    /// Writes a heading and its items, if there are any.
    fn list(&mut self, head: &str, items: impl IntoIterator<Item = String>) {
        let mut items = items.into_iter().peekable();
        if items.peek().is_some() {
            self.head(head);
        }
        for item in items {
            // Continuation lines are indented further, to keep the items distinguishable.
            self.paragraph([2, 4], &item);
        }
    }

    fn head(&mut self, head: &str) {
        self.text.push('\n');
        self.paragraph([0, 2], head);
    }

    /// Writes a text with the given indents of its first line and of continuation lines.
    fn paragraph(&mut self, [first, next]: [usize; 2], text: &str) {
        // Definitions may come from a third party.
        for line in escape::lines(text.trim_end()).lines() {
            if line.starts_with(VERBATIM) {
                // Copied verbatim, unwrapped. Writing to a String cannot fail.
                let _ = writeln!(self.text, "{:first$}{}", "", line.trim_end());
            } else {
                let step = step(line);
                self.text.push_str(&hanging(line, [first, next + step], self.width));
            }
        }
    }
}

/// Returns the cluster objects that are exempt from the control by default.
#[cfg(feature = "cluster")]
fn exemptions_from(told: &Explanation) -> Vec<String> {
    // Cannot fail: a test parses the built-in exemptions.
    told.predicate
        .as_ref()
        .map(|predicate| policies::exemptions_from(predicate).unwrap_or_default())
        .unwrap_or_default()
}

#[cfg(not(feature = "cluster"))]
fn exemptions_from(_told: &Explanation) -> Vec<String> {
    Vec::new()
}

/// Returns the width of a step number: `1. `.
fn step(line: &str) -> usize {
    match line.split_once(". ") {
        Some((number, _)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => number.len() + 2,
        _ => 0,
    }
}

fn number(number: &Number) -> String {
    let Number { benchmark, id, target, assessment, level, scored, source } = number;
    let level = level.map_or_else(String::new, |level| format!(", level {level}"));
    let scored = if *scored { "scored" } else { "not scored" };
    format!("{benchmark} {id} ({target}, {assessment}{level}, {scored}): {source}")
}
