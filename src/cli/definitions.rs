//! The definitions of a run: the built-in ones, extended by the user's directories.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use sorting::Sorting;

use crate::embedded;
use crate::node::reading;
use definitions::benchmark::{Diagnostic, Diagnostics, Severity, SourceFile};
use definitions::{Definitions, load_with};

use super::failure::Failure;
use super::options::DefinitionOptions;
use super::{regular_file, system_error};

/// Returns the definitions that the options select. They are leaked, since they are used until the process exits.
///
/// # Errors
///
/// If a file cannot be read or is invalid: wrong usage, with all mistakes of all files.
pub(super) fn of(options: &DefinitionOptions) -> Result<&'static Definitions, Failure> {
    if options.benchmarks_dir.is_empty() && options.profiles_dir.is_empty() {
        return Ok(embedded::shared());
    }
    let sources = Sources::read(&options.benchmarks_dir, &options.profiles_dir)?;
    let loaded = sources.load_with(embedded::shared());
    loaded
        .map(|loaded| &*Box::leak(Box::new(loaded)))
        .map_err(|diagnostics| Failure::Usage(anyhow!("definitions: not valid, so nothing was checked\n{diagnostics}")))
}

/// The user's definition files.
pub(super) struct Sources {
    /// Components, controls and benchmarks.
    pub(super) benchmarks: Vec<SourceFile>,
    /// Profiles.
    pub(super) profiles: Vec<SourceFile>,
    /// The errors of unreadable files. These files are in the lists above with an empty text, so that references to
    /// them are not reported as mistakes too.
    unreadable: Vec<Diagnostic>,
}

impl Sources {
    /// Reads the files of the directories given with `--benchmarks-dir` and `--profiles-dir`.
    ///
    /// # Errors
    ///
    /// If a directory cannot be read or contains no definitions: wrong usage.
    pub(super) fn read(benchmark_dirs: &[PathBuf], profile_dirs: &[PathBuf]) -> Result<Self, Failure> {
        let mut unreadable = Vec::new();
        let mut all = |directories: &[PathBuf], below: &[&str]| -> Result<Vec<SourceFile>, Failure> {
            let mut files = Vec::new();
            for directory in directories {
                let read = reading(directory, || read(directory, below, &mut unreadable));
                files.extend(read.map_err(Failure::Usage)?);
            }
            Ok(files)
        };
        let (benchmarks, profiles) = (all(benchmark_dirs, &OF_BENCHMARKS)?, all(profile_dirs, &[""])?);
        Ok(Self { benchmarks, profiles, unreadable })
    }

    /// Adds the files to `base`; unreadable files are reported together with all other mistakes.
    pub(super) fn load_with(&self, base: &Definitions) -> Result<Definitions, Diagnostics> {
        let loaded = load_with(base, &self.benchmarks, &self.profiles);
        if self.unreadable.is_empty() {
            return loaded;
        }
        let is_readable = |mistake: &&Diagnostic| self.unreadable.iter().all(|known| known.file != mistake.file);
        let others = loaded.as_ref().err().into_iter().flat_map(Diagnostics::iter).filter(is_readable);
        let mistakes = self.unreadable.iter().chain(others).cloned().collect();
        Diagnostics::unless_any(mistakes, Definitions::default())
    }

    /// Whether a directory contains files that `--benchmarks-dir` would read, or cannot be listed.
    pub(super) fn may_hold_benchmarks(directory: &Path) -> bool {
        files_in(directory, &OF_BENCHMARKS).map_or(true, |files| !files.is_empty())
    }
}

/// The subdirectories with components, controls and benchmarks.
const OF_BENCHMARKS: [&str; 2] = ["", "controls"];

/// Reads the definition files of a directory; unreadable files are read as empty.
fn read(directory: &Path, below: &[&str], unreadable: &mut Vec<Diagnostic>) -> anyhow::Result<Vec<SourceFile>> {
    let found = files_in(directory, below)?;
    // A directory given explicitly should contain definitions.
    if found.is_empty() {
        let looked_in: Vec<String> =
            below.iter().map(|part| directory.join(part).join("*.yaml").display().to_string()).collect();
        return Err(anyhow!(
            "{}: contains no definitions (looked for {})",
            directory.display(),
            looked_in.join(" and ")
        ));
    }
    let (mut left, mut values_left) = (MOST_BYTES, MOST_IN_ALL);
    let source = |path: PathBuf| {
        let name = path.display().to_string();
        let text = text(&path, &name).unwrap_or_else(|mistake| {
            unreadable.push(*mistake);
            String::new()
        });
        left = left.checked_sub(text.len()).ok_or_else(|| {
            let (place, most) = (directory.display(), MOST_BYTES >> 20);
            anyhow!("{place}: holds more than {most} MiB of *.yaml (name a directory that contains only definitions)")
        })?;
        values_left = values_left.checked_sub(values(text.as_bytes())).ok_or_else(|| {
            let place = directory.display();
            anyhow!(
                "{place}: holds more than {MOST_IN_ALL} lines and values (name a directory that contains only \
                 definitions)"
            )
        })?;
        Ok(SourceFile { name, path: path.strip_prefix(directory).unwrap_or(&path).display().to_string(), text })
    };
    found.into_iter().map(source).collect()
}

/// Returns an upper bound on the number of lines and values in a text.
fn values(text: &[u8]) -> usize {
    text.iter().filter(|byte| matches!(byte, b'\n' | b',' | b'[' | b'{')).count()
}

/// The hint for a file that cannot contain definitions.
const OTHER: &str = "every *.yaml file there is read as definitions: remove the others";

/// Returns the text of the file that messages call `name`.
fn text(path: &Path, name: &str) -> Result<String, Box<Diagnostic>> {
    let mistake = |message: String, hint: &str| Diagnostic {
        code: "unreadable-file",
        severity: Severity::Error,
        file: name.to_owned(),
        line: 1,
        column: 1,
        length: 1,
        message,
        hint: Some(hint.to_owned()),
        source: String::new(),
    };
    let bytes = regular_file::read(path).map_err(|why| Box::new(mistake(why, OTHER)))?;
    if values(&bytes) > MOST_VALUES {
        let why = format!("has more than {MOST_VALUES} lines and values, the limit for a file");
        return Err(Box::new(mistake(why, OTHER)));
    }
    String::from_utf8(bytes).map_err(|error| {
        let (good, bad) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
        let good = String::from_utf8_lossy(good);
        let before = good.rsplit('\n').next().unwrap_or_default();
        let rest = bad.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let byte = bad.first().copied().unwrap_or_default();
        Box::new(Diagnostic {
            line: good.matches('\n').count() + 1,
            column: before.chars().count() + 1,
            source: format!("{before}{}", String::from_utf8_lossy(rest)),
            ..mistake(format!("is not UTF-8 text: it has the byte {byte:#04x} here"), "save it as UTF-8")
        })
    })
}

/// The most definition files read from a directory. The built-in ones are a tenth of that.
const MOST_FILES: usize = 500;

/// The most lines and values of one file. The largest built-in file has a fifth of that.
const MOST_VALUES: usize = 10_000;

/// The most lines and values of all files of a directory. The built-in ones have a third of that.
const MOST_IN_ALL: usize = 60_000;

/// The most bytes of all files of a directory. The built-in ones have a sixteenth of that.
const MOST_BYTES: usize = 8 << 20;

/// Returns the YAML files of a directory and of its given subdirectories, sorted by name.
fn files_in(directory: &Path, below: &[&str]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for part in below {
        let place = if part.is_empty() { directory.to_owned() } else { directory.join(part) };
        if !part.is_empty() && !place.is_dir() {
            continue;
        }
        let entries = fs::read_dir(&place).map_err(|error| refused(&place, &error))?;
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| refused(&place, &error))?.path();
            if !path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
                continue;
            }
            if paths.len() == MOST_FILES {
                let place = place.display();
                return Err(anyhow!(
                    "{place}: holds more than {MOST_FILES} *.yaml (name a directory that contains only definitions)"
                ));
            }
            paths.push(path);
        }
        paths.order();
        files.extend(paths);
    }
    Ok(files)
}

fn refused(path: &Path, error: &io::Error) -> anyhow::Error {
    anyhow!("{}: {} (give a directory of definitions)", path.display(), system_error::in_words(error))
}
