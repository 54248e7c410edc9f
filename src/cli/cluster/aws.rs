//! AWS evidence of a cluster: the option that names its directory, and its files.

use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::anyhow;
use aws::{Evidence, MOST_BYTES, MOST_FILES};
use clap::Args;
use nix::fcntl::OFlag;

use crate::cli::failure::Failure;
use crate::cli::system_error;
use crate::node::{look_at, reading};

const CLUSTER: &str = "Cluster";

/// The most bytes read from all files together.
const MOST_OF_ALL: u64 = 512 << 20;

const SECONDS_OF_DAY: u64 = 86_400;

// The AWS evidence.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct AwsOptions {
    /// Read AWS evidence, collected by the script of aws-evidence-commands
    #[arg(long, value_name = "DIR", hide_short_help = true, help_heading = CLUSTER)]
    pub(in crate::cli) aws_evidence: Option<PathBuf>,
}

impl AwsOptions {
    /// Reads the evidence; `None` if no directory is given.
    ///
    /// # Errors
    ///
    /// If the directory cannot be read, or contains no answers.
    pub(in crate::cli) fn evidence(&self) -> Result<Option<Evidence>, Failure> {
        let Some(directory) = &self.aws_evidence else { return Ok(None) };
        let refused = |why: &str| {
            let name = directory.display();
            Failure::Usage(anyhow!("{name}: {why} (pass the directory that the script of aws-evidence-commands wrote)"))
        };
        let names = reading(directory, || names(directory)).map_err(|why| refused(&why))?;
        let mut evidence = Evidence::default();
        let mut left = MOST_OF_ALL;
        for name in names {
            let path = directory.join(&name);
            let most = MOST_BYTES.min(left);
            match reading(&path, || read(&path, most)) {
                Ok(Content { bytes, age }) => {
                    left = left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
                    evidence.take(&name, Ok(&bytes), age);
                }
                Err(why) => evidence.take(&name, Err(&why), None),
            }
        }
        if evidence.is_empty() { Err(refused("it contains no answers from AWS")) } else { Ok(Some(evidence)) }
    }
}

/// Returns the names in a directory, sorted.
fn names(directory: &Path) -> Result<Vec<String>, String> {
    let in_words = |error: std::io::Error| system_error::in_words(&error);
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).map_err(in_words)? {
        names.push(entry.map_err(in_words)?.file_name().to_string_lossy().into_owned());
        if names.len() > MOST_FILES {
            return Err(format!("more than {MOST_FILES} files"));
        }
    }
    names.sort();
    Ok(names)
}

struct Content {
    bytes: Vec<u8>,
    /// The file's age in days.
    age: Option<u64>,
}

/// Reads a regular file of the directory. Links are rejected: their targets were not collected there.
fn read(path: &Path, most: u64) -> Result<Content, String> {
    let in_words = |error: std::io::Error| system_error::in_words(&error);
    let is_link = fs::symlink_metadata(path).map_err(in_words)?.is_symlink();
    if is_link {
        return Err("is a symbolic link, which is not followed".to_owned());
    }
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
    let file: File = OpenOptions::new().read(true).custom_flags(flags.bits()).open(path).map_err(in_words)?;
    let found = file.metadata().map_err(in_words)?;
    look_at(&found);
    if !found.is_file() {
        return Err("is not a regular file, and is not read".to_owned());
    }
    if found.len() > most {
        return Err(format!("exceeds {} MiB, the limit", most >> 20));
    }
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).map_err(in_words)?;
    let age = found.modified().ok().and_then(|written| SystemTime::now().duration_since(written).ok());
    Ok(Content { bytes, age: age.map(|age| age.as_secs() / SECONDS_OF_DAY) })
}
