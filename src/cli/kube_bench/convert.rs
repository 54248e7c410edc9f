//! `convert`: converts a benchmark from a directory of rule files to a custom definition.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;

use super::{benchmark, directory};
use crate::cli::failure::Failure;
use crate::cli::notice;
use crate::cli::options::{BENCHMARK_VARIABLE, GivenBenchmark, RuleFileOptions, Verbosity, variable};
use crate::cli::output_file::{self, Access, not_written};
use crate::cli::{output, system_error};
use crate::embedded;
use crate::kube_bench::convert::{ConvertOutcome, convert};
use crate::report::escape;

// The options of `convert`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConvertOptions {
    /// Write to this directory, new or empty; default the benchmark's name
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
    /// Convert this benchmark
    #[arg(long, value_name = "NAME")]
    benchmark: Option<String>,
    #[command(flatten)]
    rule_files: RuleFileOptions,
}

/// Converts the benchmark of these options into a new or empty directory, by default one with the benchmark's name.
pub(in crate::cli) fn run(options: &ConvertOptions, verbosity: &Verbosity) -> Result<ExitCode, Failure> {
    let (benchmark, variable) = match &options.benchmark {
        Some(name) => (Some(name.clone()), None),
        None => (variable(BENCHMARK_VARIABLE)?, Some(BENCHMARK_VARIABLE)),
    };
    let given = GivenBenchmark { benchmark, version: None, variable };
    let Some(benchmark) = given.benchmark.clone().filter(|name| !name.trim().is_empty()) else {
        return Err(Failure::Usage(anyhow!("convert: no benchmark given (pass --benchmark NAME)")));
    };
    let (directory, unlisted) = directory::open(&options.rule_files)?;
    let into = options.directory.clone().unwrap_or_else(|| PathBuf::from(&benchmark));
    if holds_something(&into)? {
        return Err(Failure::Usage(anyhow!(
            "{}: is not empty, and is not overwritten (name a new or empty directory)",
            into.display()
        )));
    }
    let converted = convert(&directory, &benchmark, &embedded::shared().library).map_err(|remark| {
        match directory.benchmark(&benchmark) {
            Some(_) => directory::refused(remark),
            None => benchmark::refused(&given, &remark),
        }
    })?;
    for remark in unlisted.iter().chain(&converted.remarks) {
        notice::alone(verbosity, &remark.to_string());
    }
    for (path, text) in &converted.files {
        write(&into.join(path), text)?;
    }
    let mut page = String::new();
    // Writing to a String cannot fail.
    for check in converted.left() {
        if let ConvertOutcome::Left { why } = &check.outcome {
            let _ = writeln!(page, "{}:{}: check {} remains manual: {why}", check.file, check.line, check.id);
        }
    }
    let left = converted.left().count();
    let by_hand = converted.checks.len() - converted.mapped() - left;
    let files: Vec<&str> = converted.files.iter().map(|(path, _)| path.as_str()).collect();
    let _ = writeln!(
        page,
        "{}: {} written; {} checks: {} mapped, {by_hand} manual as before, {left} remain manual (run it with \
         --benchmarks-dir {} --benchmark {benchmark})",
        into.display(),
        files.join(", "),
        converted.checks.len(),
        converted.mapped(),
        into.display()
    );
    output::text(&escape::lines(&page))
}

fn holds_something(place: &Path) -> Result<bool, Failure> {
    match fs::read_dir(place) {
        Ok(mut entries) => Ok(entries.next().is_some()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Failure::Usage(anyhow!("{}: {}", place.display(), system_error::in_words(&error)))),
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let made = path.parent().map_or(Ok(()), fs::create_dir_all);
    made.map_err(|error| not_written(path.display(), &error))?;
    output_file::write(path, Access::Shared, &|out| out.write_all(text.as_bytes()))
}
