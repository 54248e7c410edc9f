//! Directories of rule files on the disk.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::anyhow;

use crate::cli::failure::Failure;
use crate::cli::options::RuleFileOptions;
use crate::cli::{regular_file, system_error};
use crate::kube_bench::{Directory, Remark};
use crate::node::reading;

/// Where kube-bench looks if no directory is named.
const USUAL: [&str; 2] = ["cfg", "/etc/kube-bench/cfg"];
/// The file of settings that makes a directory one of rule files.
const SETTINGS: &str = "config.yaml";

/// The directory that the options name, or that lies where kube-bench looks for one.
pub(in crate::cli) fn found(options: &RuleFileOptions) -> Option<PathBuf> {
    let usual = || USUAL.into_iter().map(PathBuf::from).find(|place| place.join(SETTINGS).exists());
    options.config_dir.clone().or_else(usual)
}

/// Opens that directory, with the settings that the options name, and what in it cannot be listed. Its files are read when
/// they are needed.
///
/// # Errors
///
/// Wrong usage where there is none, or where it or the settings cannot be read.
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

/// What keeps the rule files from being run.
pub(super) fn refused(remark: Remark) -> Failure {
    Failure::usage(remark)
}

/// The YAML files in a directory and in those directly in it, by their paths in it.
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
                // Another benchmark may be the one that is wanted.
                Err(message) => unlisted.push(Remark { file: path.display().to_string(), line: None, message }),
            }
        }
    }
    Ok(paths)
}

/// How many things a directory of rule files may hold: kube-bench's own has a twentieth of it.
const MOST_ENTRIES: usize = 1000;

/// What lies in a directory; names that are no text are skipped.
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

/// The text of a rule file, or in words why it cannot be had.
fn text(path: &Path) -> Result<String, String> {
    String::from_utf8(regular_file::read(path)?).map_err(|_| "is not UTF-8 text (save it as UTF-8)".to_owned())
}
