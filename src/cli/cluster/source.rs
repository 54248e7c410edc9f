//! Opens the cluster that the options select.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use cluster::Cluster;
use cluster::eks_anywhere::Date;
use cluster::lists::{Documents, Recorded, Text};

use crate::cli::failure::Failure;
use crate::cli::options::ExecOptions;
use crate::cli::run::now;
use crate::cli::{regular_file, system_error};
use crate::node::reading;
use crate::policies::Seen;

use super::api;
use super::options::{ClusterOptions, Origin};

/// The most bytes read from a recorded cluster.
const MOST_OF_RECORDING: u64 = 64 << 20;

/// The most bytes read from a file of objects, and from all files of a directory.
const MOST_OF_OBJECTS: u64 = 256 << 20;

/// The most files read from a directory.
const MOST_FILES: usize = 2_000;

/// Opens the cluster.
///
/// # Errors
///
/// If it cannot be read.
pub(in crate::cli) fn open(
    options: &ClusterOptions,
    origin: &Origin,
    exec: &ExecOptions,
) -> Result<Box<dyn Cluster>, Failure> {
    match origin {
        Origin::Api => api::connect(&options.source, exec).map_err(|reason| Failure::System(anyhow!("{reason}"))),
        Origin::Recording(file) => {
            let name = file.display().to_string();
            let text = text_of(file, MOST_OF_RECORDING).map_err(|why| {
                Failure::Usage(anyhow!(
                    "{name}: {why} (pass a recorded cluster, or --cluster-objects for kubectl's output)"
                ))
            })?;
            let recorded = Recorded::parse(&name, text).map_err(Failure::usage)?;
            Ok(Box::new(recorded))
        }
        Origin::Objects(path) => Ok(Box::new(objects(path)?)),
    }
}

/// Reads the cluster selected for a run on a node, before rights are dropped; `None` if no cluster is selected.
///
/// # Errors
///
/// If a file that is named cannot be read.
pub(in crate::cli) fn seen(options: &ClusterOptions, exec: &ExecOptions) -> Result<Option<Seen>, Failure> {
    let Some(origin) = options.origin()? else { return Ok(None) };
    let cluster = open_beside_node(options, &origin, exec)?;
    Seen::of(&*cluster, today()?).map(Some).map_err(|why| Failure::System(anyhow!("{why}")))
}

/// Returns the current date (UTC).
///
/// # Errors
///
/// If the clock shows a year outside the supported range.
pub(in crate::cli) fn today() -> Result<Date, Failure> {
    Date::parse(&now()).ok_or_else(|| Failure::System(anyhow!("clock: does not show a valid date (set it)")))
}

/// Opens the cluster for a run on a node. The node's findings do not depend on it, so if the API server cannot be
/// reached, the checks of its objects are unknown.
///
/// # Errors
///
/// If a file that is named cannot be read.
fn open_beside_node(
    options: &ClusterOptions,
    origin: &Origin,
    exec: &ExecOptions,
) -> Result<Box<dyn Cluster>, Failure> {
    match origin {
        Origin::Api => {
            Ok(api::connect(&options.source, exec).unwrap_or_else(|reason| Box::new(api::OutOfReach(reason))))
        }
        Origin::Recording(_) | Origin::Objects(_) => open(options, origin, exec),
    }
}

/// Opens the output of kubectl.
///
/// # Errors
///
/// If it contains no list of objects.
pub(in crate::cli) fn objects(path: &Path) -> Result<Documents, Failure> {
    let name = path.display().to_string();
    let refused = |why: &str| Failure::Usage(anyhow!("{name}: {why} (pass the output of kubectl get -A -o json)"));
    let files = reading(path, || files(path)).map_err(|why| refused(&why))?;
    let is_directory = files.iter().any(|file| file != path);
    let mut documents = Documents::new(&name, []);
    let mut left = MOST_OF_OBJECTS;
    for file in &files {
        let file_name = file.display().to_string();
        match text_of(file, left) {
            Ok(text) => {
                left = left.saturating_sub(u64::try_from(text.len()).unwrap_or(u64::MAX));
                documents.take(Text { name: file_name, text });
            }
            Err(why) if is_directory => documents.refuse(&file_name, &why),
            Err(why) => return Err(refused(&why)),
        }
    }
    if documents.is_empty() {
        let why = if is_directory { "no list of objects in any .json or .yaml file" } else { "no list of objects" };
        let why = if is_directory { why } else { documents.mistakes().first().map_or(why, String::as_str) };
        // The first mistake starts with the name of the file, which the error repeats.
        let why = why.strip_prefix(&format!("{name}: ")).unwrap_or(why);
        return Err(refused(why));
    }
    Ok(documents)
}

/// Returns the file at a path, or the files of the directory there, sorted by name.
fn files(path: &Path) -> Result<Vec<PathBuf>, String> {
    let in_words = |error: std::io::Error| system_error::in_words(&error);
    if !fs::metadata(path).map_err(in_words)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(in_words)? {
        let file = entry.map_err(in_words)?.path();
        let is_wanted = |extension: &std::ffi::OsStr| extension == "json" || extension == "yaml" || extension == "yml";
        if file.extension().is_some_and(is_wanted) {
            files.push(file);
        }
        if files.len() > MOST_FILES {
            return Err(format!("more than {MOST_FILES} files"));
        }
    }
    files.sort();
    Ok(files)
}

fn text_of(file: &Path, most: u64) -> Result<String, String> {
    let bytes = regular_file::read_at_most(file, most)?;
    String::from_utf8(bytes).map_err(|_| "is not UTF-8 text".to_owned())
}
