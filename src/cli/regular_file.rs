//! Reads the user's regular files in full; pipes and devices, which may never end, are rejected.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::node::{look_at, reading};

use super::system_error;

/// The most bytes read from one file. The largest file of this program or of kube-bench has a fiftieth of that.
const MOST_BYTES: u64 = 4 << 20;

/// Returns the bytes of a regular file, following links, or why it cannot be read, as text.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, String> {
    read_at_most(path, MOST_BYTES)
}

/// Like [`read`], with a limit of `most` bytes.
pub(super) fn read_at_most(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    reading(path, || read_here(path, most))
}

fn read_here(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let refused = |error: &io::Error| system_error::in_words(error);
    let found = fs::metadata(path).map_err(|error| refused(&error))?;
    look_at(&found);
    if !found.is_file() {
        return Err("is not a regular file, and is not read".to_owned());
    }
    let too_large = || Err(format!("exceeds {} MiB, the limit", most >> 20));
    if found.len() > most {
        return too_large();
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| refused(&error))?;
    file.take(most + 1).read_to_end(&mut bytes).map_err(|error| refused(&error))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > most) {
        return too_large();
    }
    Ok(bytes)
}
