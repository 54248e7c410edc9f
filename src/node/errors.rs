//! The meaning of system errors for answers.

use nix::errno::Errno;

use probe::{Cause, FileKind, Observed, Reason};

use super::budget::MOST_READ;

/// What to do if a file cannot be read.
pub(super) const FILES_HINT: &str = "permission denied (run as root, or mount the host and give --root)";

/// What to do if a process cannot be inspected.
pub(super) const PROCESSES_HINT: &str =
    "permission denied (needs CAP_SYS_PTRACE, and an unconfined AppArmor profile in a Job)";

/// Why something could not be determined, before its subject is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// It does not exist.
    Absent,
    /// It could not be determined.
    Unknown(Cause, String),
}

impl Failure {
    /// Interprets a system error; `hint` is the detail if permission is denied.
    pub(super) fn of(errno: Errno, hint: &str) -> Self {
        match errno {
            Errno::ENOENT | Errno::ENOTDIR => Self::Absent,
            Errno::EACCES | Errno::EPERM => Self::Unknown(Cause::PermissionDenied, hint.to_owned()),
            Errno::ELOOP => Self::Unknown(Cause::LinkLoop, "the links form a loop".to_owned()),
            Errno::ESRCH => Self::vanished(),
            other => Self::Unknown(Cause::System, lowercase(other.desc())),
        }
    }

    /// Interprets an error of the standard library.
    pub(super) fn of_io(error: &std::io::Error, hint: &str) -> Self {
        match error.raw_os_error() {
            Some(number) => Self::of(Errno::from_raw(number), hint),
            None => Self::Unknown(Cause::System, in_words(error)),
        }
    }

    /// Interprets an error of the path resolver.
    pub(super) fn of_path(error: &pathrs::error::Error, hint: &str) -> Self {
        match error.kind() {
            pathrs::error::ErrorKind::OsError(Some(number)) => Self::of(Errno::from_raw(number), hint),
            _ => Self::Unknown(Cause::System, lowercase(&error.to_string())),
        }
    }

    /// The file system did not answer before, and is not asked again.
    pub(super) fn unanswered() -> Self {
        Self::Unknown(Cause::TimedOut, "its file system did not answer in time (check the mount)".to_owned())
    }

    /// The process was not prepared.
    pub(super) fn not_held() -> Self {
        let detail =
            "not prepared before privileges were dropped: it started later, or there are too many of that name";
        Self::Unknown(Cause::TooLarge, detail.to_owned())
    }

    /// It disappeared while it was being read.
    pub(super) fn vanished() -> Self {
        Self::Unknown(Cause::Vanished, "disappeared while it was read".to_owned())
    }

    /// It is not a regular file, as expected.
    pub(super) fn not_a_file(kind: FileKind) -> Self {
        Self::Unknown(Cause::NotRegular, format!("is {}, not a regular file, and was not opened", kind.described()))
    }

    /// It is not a directory, as expected.
    pub(super) fn not_a_directory(kind: FileKind) -> Self {
        Self::Unknown(Cause::NotRegular, format!("is {}, not a directory", kind.described()))
    }

    /// The file exceeds the size limit.
    pub(super) fn too_large(size: u64, most: u64) -> Self {
        let most = most >> 20;
        Self::Unknown(Cause::TooLarge, format!("{size} bytes exceed the limit of {most} MiB for a file"))
    }

    /// The file exceeds what the run may still read of large files.
    pub(super) fn too_much(size: u64) -> Self {
        let most = MOST_READ >> 20;
        let detail = format!("{size} bytes were not read: a run reads {most} MiB of large files (check it by hand)");
        Self::Unknown(Cause::TooLarge, detail)
    }

    /// Converts it to an observation about `subject`.
    pub(super) fn about<T>(self, subject: impl std::fmt::Display) -> Observed<T> {
        match self {
            Self::Absent => Observed::Absent,
            Self::Unknown(cause, detail) => Observed::Unknown(Reason::new(cause, subject, detail)),
        }
    }
}

/// Returns the text of a standard library error without its number, to follow a subject.
pub(super) fn in_words(error: &std::io::Error) -> String {
    match error.raw_os_error() {
        Some(number) => lowercase(Errno::from_raw(number).desc()),
        None => lowercase(&error.to_string()),
    }
}

/// Returns the cause of a standard library error.
pub(super) fn cause_of(error: &std::io::Error) -> Cause {
    if error.kind() == std::io::ErrorKind::PermissionDenied { Cause::PermissionDenied } else { Cause::System }
}

/// Lowercases the first letter, since a subject precedes it.
fn lowercase(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
