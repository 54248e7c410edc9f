//! Files of the user's, read whole: a pipe would never end, and a device never be done.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::node::{look_at, reading};

use super::system_error;

/// The most bytes that are read of one file: the largest that comes with this program or kube-bench has a fiftieth of it.
const MOST_BYTES: u64 = 4 << 20;

/// The bytes of a regular file, or of what a link leads to, or in words why they cannot be had.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, String> {
    read_at_most(path, MOST_BYTES)
}

/// Likewise, of a file that has at most so many bytes.
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
