//! The definitions of a run: the built-in ones, and the user's directories over them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::anyhow;

use crate::benchmark::SourceFile;
use crate::definitions::{Definitions, embedded, load_with};

use super::arguments::Options;
use super::failure::Failure;
use super::system_error;

/// The definitions that the options ask for.
///
/// # Errors
///
/// Wrong usage, with all mistakes of all files, where one cannot be read or is refused.
pub(super) fn of(options: &Options) -> Result<Definitions, Failure> {
    let embedded = embedded();
    if options.benchmarks_dir.is_empty() && options.profiles_dir.is_empty() {
        return Ok(embedded);
    }
    let sources = Sources::read(&options.benchmarks_dir, &options.profiles_dir)?;
    load_with(&embedded, &sources.benchmarks, &sources.profiles).map_err(|diagnostics| {
        Failure::Usage(anyhow!("definitions: nothing was audited, since there are mistakes in them\n{diagnostics}"))
    })
}

/// Definition files as a user keeps them.
pub(super) struct Sources {
    /// Components, controls and benchmarks.
    pub(super) benchmarks: Vec<SourceFile>,
    /// Profiles.
    pub(super) profiles: Vec<SourceFile>,
}

impl Sources {
    /// The files of directories as `--benchmarks-dir` and `--profiles-dir` take them.
    ///
    /// # Errors
    ///
    /// Wrong usage where one cannot be read or holds no definitions.
    pub(super) fn read(benchmark_dirs: &[PathBuf], profile_dirs: &[PathBuf]) -> Result<Self, Failure> {
        let mut sources = Self { benchmarks: Vec::new(), profiles: Vec::new() };
        for directory in benchmark_dirs {
            read(directory, &OF_BENCHMARKS, &mut sources.benchmarks).map_err(Failure::Usage)?;
        }
        for directory in profile_dirs {
            read(directory, &[""], &mut sources.profiles).map_err(Failure::Usage)?;
        }
        Ok(sources)
    }

    /// Whether a directory holds anything that `--benchmarks-dir` would read, or cannot be looked into.
    pub(super) fn may_hold_benchmarks(directory: &Path) -> bool {
        files_in(directory, &OF_BENCHMARKS).map_or(true, |files| !files.is_empty())
    }
}

/// Where below a directory components, controls and benchmarks lie.
const OF_BENCHMARKS: [&str; 2] = ["", "controls"];

/// Reads the definition files of a directory.
fn read(directory: &Path, below: &[&str], files: &mut Vec<SourceFile>) -> anyhow::Result<()> {
    let found = files_in(directory, below)?;
    // Whoever names a directory means something to be in it.
    if found.is_empty() {
        let looked_in: Vec<String> =
            below.iter().map(|part| directory.join(part).join("*.yaml").display().to_string()).collect();
        return Err(anyhow!("{}: holds no definitions (looked for {})", directory.display(), looked_in.join(" and ")));
    }
    for path in found {
        let text = fs::read_to_string(&path).map_err(|error| refused(&path, &error))?;
        let below = path.strip_prefix(directory).unwrap_or(&path).display().to_string();
        files.push(SourceFile { name: path.display().to_string(), path: below, text });
    }
    Ok(())
}

/// The YAML files of a directory and of those below it that definitions lie in, by name.
fn files_in(directory: &Path, below: &[&str]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for part in below {
        let place = if part.is_empty() { directory.to_owned() } else { directory.join(part) };
        if !part.is_empty() && !place.is_dir() {
            continue;
        }
        let entries = fs::read_dir(&place).map_err(|error| refused(&place, &error))?;
        let mut paths: Vec<_> = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()
            .map_err(|error| refused(&place, &error))?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml"));
        paths.sort();
        files.extend(paths);
    }
    Ok(files)
}

fn refused(path: &Path, error: &io::Error) -> anyhow::Error {
    anyhow!("{}: {} (give a directory of definitions)", path.display(), system_error::in_words(error))
}
