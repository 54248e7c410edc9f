//! System errors as text.

use std::io;

/// Returns the reason without the error number, for use after a subject.
pub(super) fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "is a directory, not a file".to_owned(),
        io::ErrorKind::NotADirectory => "is not a directory".to_owned(),
        io::ErrorKind::InvalidData => "is not UTF-8 text".to_owned(),
        io::ErrorKind::StorageFull => "no space left on the device".to_owned(),
        _ => {
            let text = error.to_string();
            let text = text.split(" (os error").next().unwrap_or_default();
            let mut letters = text.chars();
            letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use nix::errno::Errno;

    use super::*;

    #[test]
    fn numbers_are_left_out() {
        for (errno, words) in [
            (Errno::ENOENT, "no such file or directory"),
            (Errno::ENOSPC, "no space left on the device"),
            (Errno::EIO, "input/output error"),
            (Errno::EROFS, "read-only file system"),
        ] {
            assert_eq!(in_words(&errno.into()), words);
        }
    }
}
