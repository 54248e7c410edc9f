//! Bounded reads of the files that a kubeconfig names.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use probe::{Cause, Reason};
use secrecy::SecretString;

use crate::text;

/// The largest token that is read, in bytes.
const LARGEST_TOKEN: u64 = 1 << 20;

/// Reads a file of at most `largest` bytes.
pub fn bytes(path: &Path, largest: u64) -> Result<Vec<u8>, Reason> {
    let failed = |error: io::Error| {
        let (cause, detail) = match error.kind() {
            io::ErrorKind::NotFound => (Cause::System, "no such file".to_owned()),
            io::ErrorKind::PermissionDenied => (Cause::PermissionDenied, "permission denied".to_owned()),
            _ => (Cause::System, text::message(&error.to_string())),
        };
        Reason::new(cause, shown(path), detail)
    };
    // Reading anything but a regular file may block or never end.
    let metadata = fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(Reason::new(Cause::NotRegular, shown(path), "not a file"));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(largest + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > largest {
        return Err(Reason::new(Cause::TooLarge, shown(path), format!("larger than {} MiB", largest >> 20)));
    }
    Ok(bytes)
}

/// A path, safe to display.
pub fn shown(path: &Path) -> String {
    text::name(&path.to_string_lossy())
}

/// Reads the token in a file.
pub fn token(path: &Path) -> Result<SecretString, Reason> {
    let token = String::from_utf8(bytes(path, LARGEST_TOKEN)?);
    token.map(SecretString::from).map_err(|_| Reason::new(Cause::Malformed, shown(path), "not a token"))
}
