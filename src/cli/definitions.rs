//! The definitions of a run: the built-in ones, and the user's directories over them.

use std::fs;
use std::io;
use std::path::Path;

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
    let mut benchmarks = Vec::new();
    for directory in &options.benchmarks_dir {
        read(directory, &["", "controls"], &mut benchmarks).map_err(Failure::Usage)?;
    }
    let mut profiles = Vec::new();
    for directory in &options.profiles_dir {
        read(directory, &[""], &mut profiles).map_err(Failure::Usage)?;
    }
    load_with(&embedded, &benchmarks, &profiles).map_err(|diagnostics| {
        Failure::Usage(anyhow!("definitions: nothing was audited, since there are mistakes in them\n{diagnostics}"))
    })
}

/// The YAML files of a directory and of those below it that definitions lie in, by name.
fn read(directory: &Path, below: &[&str], files: &mut Vec<SourceFile>) -> anyhow::Result<()> {
    let already = files.len();
    for part in below {
        let place = if part.is_empty() { directory.to_owned() } else { directory.join(part) };
        if !part.is_empty() && !place.is_dir() {
            continue;
        }
        let refused = |path: &Path, error: &io::Error| {
            anyhow!("{}: {} (give a directory of definitions)", path.display(), system_error::in_words(error))
        };
        let entries = fs::read_dir(&place).map_err(|error| refused(&place, &error))?;
        let mut paths: Vec<_> = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()
            .map_err(|error| refused(&place, &error))?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml"));
        paths.sort();
        for path in paths {
            let text = fs::read_to_string(&path).map_err(|error| refused(&path, &error))?;
            let below = path.strip_prefix(directory).unwrap_or(&path).display().to_string();
            files.push(SourceFile { name: path.display().to_string(), path: below, text });
        }
    }
    // Whoever names a directory means something to be in it.
    if files.len() == already {
        let looked_in: Vec<String> =
            below.iter().map(|part| directory.join(part).join("*.yaml").display().to_string()).collect();
        return Err(anyhow!("{}: holds no definitions (looked for {})", directory.display(), looked_in.join(" and ")));
    }
    Ok(())
}
