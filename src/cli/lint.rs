//! `lint`: reports mistakes in custom definitions, without examining a node.
//!
//! A directory is read as `--benchmarks-dir` reads it; a directory called `profiles`, given or inside a given one, as
//! `--profiles-dir` does. Custom definitions may refer to built-in ones.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;
use serde::Serialize;

use crate::embedded;
use ::definitions::benchmark::{Contents, Diagnostic, Severity, unused_controls};

use super::counted::counted;
use super::definitions::Sources;
use super::failure::Failure;
use super::options::{JsonOptions, Printed, RuleOptions, Verbosity};
use super::{notice, output};

// The options of `lint`.
#[derive(Debug, Args)]
pub(super) struct LintOptions {
    /// Check these directories, as --benchmarks-dir takes them; one called profiles holds profiles
    #[arg(value_name = "DIR")]
    directories: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) json: JsonOptions,
    #[command(flatten)]
    pub(super) rules: RuleOptions,
}

impl LintOptions {
    /// Whether the options name kube-bench rule files.
    pub(super) fn is_of_rule_files(&self) -> bool {
        self.rules.rule_files.are_named() && self.directories.is_empty()
    }
}

/// The name of a directory of profiles.
const PROFILES: &str = "profiles";

/// Checks the definitions of the given directories, and of those that the options name.
pub(super) fn run(options: &LintOptions, verbosity: &Verbosity) -> Result<ExitCode, Failure> {
    if options.rules.rule_files.are_named() {
        return Err(Failure::Usage(anyhow!(
            "lint: checks definitions or kube-bench rule files, not both (leave out DIR or --config-dir)"
        )));
    }
    let definitions = &options.rules.definitions;
    let (mut benchmarks, mut profiles) = (definitions.benchmarks_dir.clone(), definitions.profiles_dir.clone());
    for directory in &options.directories {
        if directory.file_name().is_some_and(|name| name == PROFILES) {
            profiles.push(directory.clone());
            continue;
        }
        let within = directory.join(PROFILES);
        // A directory may contain profiles only.
        if !within.is_dir() || Sources::may_hold_benchmarks(directory) {
            benchmarks.push(directory.clone());
        }
        if within.is_dir() {
            profiles.push(within);
        }
    }
    if benchmarks.is_empty() && profiles.is_empty() {
        return Err(Failure::Usage(anyhow!("lint: no directory given (name one that holds definitions)")));
    }
    let printed = options.json.printed()?;
    let sources = Sources::read(&benchmarks, &profiles)?;
    let checked = checked(&sources);
    let loaded = sources.load_with(embedded::shared());
    let code = if loaded.is_err() { ExitCode::from(Failure::USAGE) } else { ExitCode::SUCCESS };
    let found: Vec<Diagnostic> = match loaded {
        Ok(definitions) => unused_controls(&definitions.library, &sources.benchmarks),
        Err(mistakes) => mistakes.iter().cloned().collect(),
    };
    if printed == Printed::Text {
        let mut page = String::new();
        // Writing to a String cannot fail.
        for diagnostic in &found {
            let _ = writeln!(page, "{diagnostic}\n");
        }
        let _ = writeln!(page, "{checked}: {}", summary(&found));
        output::text(&page)?;
    } else {
        notice::beside_output(verbosity, &checked);
        let found: Vec<Found<'_>> = found.iter().map(of_diagnostic).collect();
        output::data(&found, printed)?;
    }
    Ok(code)
}

/// Summarizes the findings: `no mistakes`, `2 mistakes`, `no mistakes, 1 warning`.
fn summary(found: &[Diagnostic]) -> String {
    let warnings = found.iter().filter(|diagnostic| diagnostic.severity == Severity::Warning).count();
    let mistakes = match found.len() - warnings {
        0 => "no mistakes".to_owned(),
        many => counted(many, "mistake"),
    };
    if warnings == 0 { mistakes } else { format!("{mistakes}, {}", counted(warnings, "warning")) }
}

/// Counts the definitions and files checked.
fn checked(sources: &Sources) -> String {
    let Contents { components, controls, benchmarks } = Contents::of(&sources.benchmarks);
    let files = sources.benchmarks.len() + sources.profiles.len();
    let parts = [
        (components, "component"),
        (controls, "control"),
        (benchmarks, "benchmark"),
        (sources.profiles.len(), "profile"),
    ];
    let parts: Vec<String> =
        parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| counted(count, what)).collect();
    let parts = if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") };
    format!("{parts} in {}", counted(files, "file"))
}

/// A mistake or a warning, as JSON.
#[derive(Serialize)]
struct Found<'m> {
    severity: &'m str,
    code: &'m str,
    file: &'m str,
    line: usize,
    column: usize,
    length: usize,
    message: &'m str,
    hint: Option<&'m str>,
}

fn of_diagnostic(diagnostic: &Diagnostic) -> Found<'_> {
    let Diagnostic { code, severity, file, line, column, length, message, hint, source: _ } = diagnostic;
    let (severity, hint) = (severity.name(), hint.as_deref());
    Found { severity, code, file, line: *line, column: *column, length: *length, message, hint }
}
