//! `convert`: a benchmark of a directory of rule files, written as one of ours.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::anyhow;

use super::{directory, refused};
use crate::cli::arguments::Options;
use crate::cli::failure::Failure;
use crate::cli::notice;
use crate::cli::output::{self, not_written};
use crate::cli::system_error;
use crate::embedded;
use crate::kube_bench::convert::{Outcome, convert};

/// Converts the benchmark that the options name, into a directory that is empty or new: its own name if none is given.
pub(in crate::cli) fn run(options: &Options, into: Option<&Path>) -> Result<ExitCode, Failure> {
    let Some(benchmark) = &options.benchmark else {
        return Err(Failure::Usage(anyhow!("convert: no benchmark is named (give --benchmark NAME)")));
    };
    let (directory, unlisted) = directory::open(options)?;
    let into = into.map_or_else(|| PathBuf::from(benchmark), Path::to_owned);
    if holds_something(&into)? {
        return Err(Failure::Usage(anyhow!(
            "{}: holds something already, which is not overwritten (name a directory that is new or empty)",
            into.display()
        )));
    }
    let converted = convert(&directory, benchmark, &embedded::definitions().library).map_err(refused)?;
    for remark in unlisted.iter().chain(&converted.remarks) {
        notice::alone(options, &remark.to_string());
    }
    for (path, text) in &converted.files {
        write(&into.join(path), text)?;
    }
    let mut page = String::new();
    // Writing to a String cannot fail.
    for check in converted.left() {
        if let Outcome::Left { why } = &check.outcome {
            let _ = writeln!(page, "{}:{}: check {} is left to people: {why}", check.file, check.line, check.id);
        }
    }
    let left = converted.left().count();
    let by_hand = converted.checks.len() - converted.mapped() - left;
    let files: Vec<&str> = converted.files.iter().map(|(path, _)| path.as_str()).collect();
    let _ = writeln!(
        page,
        "{}: {} written; {} checks: {} mapped, {by_hand} for people as before, {left} left to people (run it with \
         --benchmarks-dir {} --benchmark {benchmark})",
        into.display(),
        files.join(", "),
        converted.checks.len(),
        converted.mapped(),
        into.display()
    );
    output::text(&page)
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
    made.and_then(|()| fs::write(path, text)).map_err(|error| not_written(path.display(), &error))
}
