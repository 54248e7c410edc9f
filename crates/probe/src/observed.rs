//! Observations: present, absent, or unknown. The three are never conflated.

use std::fmt;

/// The result of one observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observed<T> {
    /// It exists, with this value.
    Present(T),
    /// It is known not to exist.
    Absent,
    /// It could not be determined.
    Unknown(Reason),
}

impl<T> Observed<T> {
    /// Returns the value if it is present.
    pub fn present(self) -> Option<T> {
        match self {
            Self::Present(thing) => Some(thing),
            Self::Absent | Self::Unknown(_) => None,
        }
    }

    /// Returns a reference to the value if it is present.
    pub fn as_present(&self) -> Option<&T> {
        match self {
            Self::Present(thing) => Some(thing),
            Self::Absent | Self::Unknown(_) => None,
        }
    }

    /// Maps a present value; absent and unknown are unchanged.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Observed<U> {
        match self {
            Self::Present(thing) => Observed::Present(f(thing)),
            Self::Absent => Observed::Absent,
            Self::Unknown(why) => Observed::Unknown(why),
        }
    }

    /// Maps a present value to an observation; absent and unknown are unchanged.
    pub fn and_then<U>(self, f: impl FnOnce(T) -> Observed<U>) -> Observed<U> {
        match self {
            Self::Present(thing) => f(thing),
            Self::Absent => Observed::Absent,
            Self::Unknown(why) => Observed::Unknown(why),
        }
    }
}

/// The kinds of reasons why something is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// Permission was denied.
    PermissionDenied,
    /// The user has not allowed it.
    NotAllowed,
    /// The recording does not contain this question.
    NotRecorded,
    /// It exists but cannot be parsed as expected.
    Malformed,
    /// It exceeds the size limit for reading.
    TooLarge,
    /// It is not a regular file or directory (a FIFO, device, socket …), so it was not opened.
    NotRegular,
    /// Symbolic links form a loop, or there are too many of them.
    LinkLoop,
    /// It disappeared while it was being read.
    Vanished,
    /// The component exists but is not running.
    NotRunning,
    /// There was no answer in time, or no time left to ask.
    TimedOut,
    /// The system returned another error.
    System,
}

/// Why something is unknown: the subject, then what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reason {
    /// The kind of reason.
    pub cause: Cause,
    /// The subject of the question: a path, a process.
    pub subject: String,
    /// What is wrong, and what to do about it if known; without a final full stop.
    pub detail: String,
}

impl Reason {
    /// Creates a reason.
    pub fn new(cause: Cause, subject: impl fmt::Display, detail: impl Into<String>) -> Self {
        Self { cause, subject: subject.to_string(), detail: detail.into() }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject, self.detail)
    }
}
