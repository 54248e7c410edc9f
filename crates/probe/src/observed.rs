//! Seen, not there, or not known: three things that are never the same.

use std::fmt;

/// What came of looking at one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observed<T> {
    /// It is there, and this is it.
    Present(T),
    /// It is known not to be there.
    Absent,
    /// It could not be known.
    Unknown(Reason),
}

impl<T> Observed<T> {
    /// The thing, where it was seen.
    pub fn present(self) -> Option<T> {
        match self {
            Self::Present(thing) => Some(thing),
            Self::Absent | Self::Unknown(_) => None,
        }
    }

    /// The thing by reference, where it was seen.
    pub fn as_present(&self) -> Option<&T> {
        match self {
            Self::Present(thing) => Some(thing),
            Self::Absent | Self::Unknown(_) => None,
        }
    }

    /// Turns what was seen into something else; absence and ignorance stay.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Observed<U> {
        match self {
            Self::Present(thing) => Observed::Present(f(thing)),
            Self::Absent => Observed::Absent,
            Self::Unknown(why) => Observed::Unknown(why),
        }
    }

    /// Turns what was seen into something that may be absent or unknown itself.
    pub fn and_then<U>(self, f: impl FnOnce(T) -> Observed<U>) -> Observed<U> {
        match self {
            Self::Present(thing) => f(thing),
            Self::Absent => Observed::Absent,
            Self::Unknown(why) => Observed::Unknown(why),
        }
    }
}

/// The kinds of reasons for which something is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// Permission was denied.
    PermissionDenied,
    /// The user has not allowed it.
    NotAllowed,
    /// The recording was never asked.
    NotRecorded,
    /// It is there but cannot be read as what it should be.
    Malformed,
    /// It is larger than what is read of a file.
    TooLarge,
    /// It is not a regular file or directory (a FIFO, device, socket …), so it was not opened.
    NotRegular,
    /// Links lead in a circle, or through too many steps.
    LinkLoop,
    /// It disappeared while it was read.
    Vanished,
    /// The component is there but does not run.
    NotRunning,
    /// No answer came in time, or there was no time left to ask.
    TimedOut,
    /// The system answered with another error.
    System,
}

/// Why something is not known: the subject first, then what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reason {
    /// The kind of reason.
    pub cause: Cause,
    /// What was looked at: a path, a process.
    pub subject: String,
    /// What is wrong, and what to do next where that is known; no final full stop.
    pub detail: String,
}

impl Reason {
    /// A reason of this kind.
    pub fn new(cause: Cause, subject: impl fmt::Display, detail: impl Into<String>) -> Self {
        Self { cause, subject: subject.to_string(), detail: detail.into() }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject, self.detail)
    }
}
