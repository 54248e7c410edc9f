//! Directories of rule files on disk.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::anyhow;

use crate::cli::failure::Failure;
use crate::cli::options::RuleFileOptions;
use crate::cli::{regular_file, system_error};
use crate::kube_bench::{Directory, Remark};
use crate::node::reading;

/// The directories that kube-bench searches if none is given.
const USUAL: [&str; 2] = ["cfg", "/etc/kube-bench/cfg"];
/// The configuration file that marks a directory of rule files.
const SETTINGS: &str = "config.yaml";

/// Returns the directory that the options name, or the first of the usual ones that exists.
pub(in crate::cli) fn found(options: &RuleFileOptions) -> Option<PathBuf> {
    let usual = || USUAL.into_iter().map(PathBuf::from).find(|place| place.join(SETTINGS).exists());
    options.config_dir.clone().or_else(usual)
}

/// Opens that directory, with the configuration file of the options, and returns it with remarks on subdirectories that
/// could not be listed. Its files are read only when needed.
///
/// # Errors
///
/// If there is no such directory, or it or the configuration file cannot be read: wrong usage.
pub(in crate::cli) fn open(options: &RuleFileOptions) -> Result<(Directory, Vec<Remark>), Failure> {
    let Some(place) = found(options) else {
        return Err(Failure::Usage(anyhow!(
            "--config: no directory of rule files in {} (name it with --config-dir)",
            USUAL.join(" or ")
        )));
    };
    let mut unlisted = Vec::new();
    let paths = reading(&place, || paths(&place, &mut unlisted))?;
    let base = place.clone();
    let directory = Directory::read_by(place.display().to_string(), paths, move |path| text(&base.join(path)));
    match &options.config {
        None => Ok((directory, unlisted)),
        Some(file) => {
            let name = file.display().to_string();
            let settings = text(file).map_err(|why| Failure::Usage(anyhow!("{name}: {why}")))?;
            Ok((directory.with_settings(name, settings), unlisted))
        }
    }
}

/// Returns the error that prevents the rule files from running.
pub(super) fn refused(remark: Remark) -> Failure {
    Failure::usage(remark)
}

/// Returns the YAML files of a directory and of its immediate subdirectories, as relative paths.
fn paths(place: &Path, unlisted: &mut Vec<Remark>) -> Result<Vec<String>, Failure> {
    let mut paths = Vec::new();
    for (name, path) in entries(place).map_err(|why| Failure::Usage(anyhow!("{}: {why}", place.display())))? {
        if is_yaml(&name) {
            paths.push(name);
        } else if path.is_dir() {
            match entries(&path) {
                Ok(inside) => {
                    let inside = inside.into_iter().map(|(inside, _)| inside).filter(|inside| is_yaml(inside));
                    paths.extend(inside.map(|inside| format!("{name}/{inside}")));
                }
                // The subdirectory may belong to a benchmark that is not needed.
                Err(message) => unlisted.push(Remark { file: path.display().to_string(), line: None, message }),
            }
        }
    }
    Ok(paths)
}

/// The most entries of a directory of rule files. kube-bench's own has a twentieth of that.
const MOST_ENTRIES: usize = 1000;

/// Returns the entries of a directory; names that are not UTF-8 are skipped.
fn entries(place: &Path) -> Result<Vec<(String, PathBuf)>, String> {
    let refused =
        |error: &std::io::Error| format!("{} (give a directory of rule files)", system_error::in_words(error));
    let mut named = Vec::new();
    for entry in fs::read_dir(place).map_err(|error| refused(&error))? {
        let entry = entry.map_err(|error| refused(&error))?;
        if named.len() == MOST_ENTRIES {
            return Err(format!("holds more than {MOST_ENTRIES} entries (name a directory of rule files)"));
        }
        named.extend(entry.file_name().into_string().ok().map(|name| (name, entry.path())));
    }
    Ok(named)
}

fn is_yaml(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "yaml")
}

/// Returns the text of a rule file, or why it cannot be read, as text.
fn text(path: &Path) -> Result<String, String> {
    String::from_utf8(regular_file::read(path)?).map_err(|_| "is not UTF-8 text (save it as UTF-8)".to_owned())
}
